"""The pages about one's own network and data: each file that they show is written, and each command runs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.commands import BIN

pytestmark = pytest.mark.integration
DOCS = Path(__file__).resolve().parents[2] / "docs"
BLOCK = re.compile(r"```(?:python|yaml)\n(.*?)```", re.DOTALL)
COMMAND = re.compile(r"^    ((?:ablate|ablate-plan|ablate-compare|python) .*)$", re.MULTILINE)
PLACES = {"# @package _global_": "my/study/parts.yaml"}  # by the first line of a block that does not name its file


def files(page: str) -> dict[str, str]:
    """The files that a page shows, by path."""
    found = {}
    for block in BLOCK.findall(page):
        first = block.partition("\n")[0]
        found[PLACES.get(first, first.removeprefix("# "))] = block
    return found


@pytest.mark.parametrize("name", ["own_network.md", "own_data.md"])
def test_every_command_of_the_page_runs(tmp_path, name):
    page = (DOCS / name).read_text()
    for path, text in files(page).items():
        assert path.endswith((".py", ".yaml")), path
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    commands = COMMAND.findall(page)
    assert len(commands) >= 3
    for command in commands:
        program, *words = command.split()
        start = [sys.executable] if program == "python" else [str(BIN / program)]
        done = subprocess.run([*start, *words], cwd=tmp_path, capture_output=True, text=True, timeout=900)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    assert (tmp_path / "outputs").is_dir()


def test_the_network_of_keras_applications_is_built(tmp_path):
    import ablation

    path = tmp_path / "my_mobilenet.py"
    path.write_text(files((DOCS / "own_network.md").read_text())["my_mobilenet.py"])
    model = ablation.build([f"plugins=[{path}]", "model=mobilenet"], (32, 32, 3), 5)
    assert model.output_shape == (None, 5) and len(model.weights) > 100
