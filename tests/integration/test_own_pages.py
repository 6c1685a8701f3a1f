"""The pages about one's own network, data and programs: each file that they show is written, and each command runs."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.commands import BIN

from ablation.config.program.spec import MetricSource, Program, ProgramConfig
from ablation.run.program import execution, location
from ablation.rundir.record import read_record

pytestmark = pytest.mark.integration
DOCS = Path(__file__).resolve().parents[2] / "docs"
BLOCK = re.compile(r"```(?:python|yaml|sh)\n(.*?)```", re.DOTALL)
COMMAND = re.compile(r"^    ((?:ablate|ablate-plan|ablate-compare|python) .*)$", re.MULTILINE)
PLACES = {"own_network.md": "my/study/parts.yaml", "programs.md": "my/study/forest.yaml"}  # of the page's study


def files(name: str) -> dict[str, str]:
    """The files that a page shows, by path."""
    found = {}
    for block in BLOCK.findall((DOCS / name).read_text()):
        first = block.partition("\n")[0]
        found[PLACES[name] if first == "# @package _global_" else first.removeprefix("# ")] = block
    return found


SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("own_network.md", "programs.md")]


@pytest.mark.parametrize("name", ["own_data.md", *SLOW])
def test_every_command_of_the_page_runs(tmp_path, name):
    page = (DOCS / name).read_text()
    for path, text in files(name).items():
        assert path.endswith((".py", ".yaml", ".sh")), path
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    commands = COMMAND.findall(page)
    assert len(commands) >= 3
    for command in commands:
        program, *words = command.split()
        start = [sys.executable] if program == "python" else [str(BIN / program)]
        activated = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}  # programs.md runs `python`
        done = subprocess.run(
            [*start, *words], cwd=tmp_path, env=activated, capture_output=True, text=True, timeout=900
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    assert (tmp_path / "outputs").is_dir()


def test_the_network_of_keras_applications_is_built(tmp_path):
    import ablation

    path = tmp_path / "my_mobilenet.py"
    path.write_text(files("own_network.md")["my_mobilenet.py"])
    model = ablation.build([f"plugins=[{path}]", "model=mobilenet"], (32, 32, 3), 5)
    assert model.output_shape == (None, 5) and len(model.weights) > 100


def test_the_other_scripts_of_the_page_about_programs_give_their_metric(tmp_path):
    shown = files("programs.md")
    runs = {
        "log_epochs.py": (
            [sys.executable, "log_epochs.py", "{seed}", "{dir}"],
            {"lines": "{dir}/log.jsonl", "take": "last"},
        ),
        "run.sh": (["sh", "run.sh", "{seed}", "{dir}", "{args}"], {"file": "{dir}/result.json"}),
    }
    values = {}
    for name, (command, source) in runs.items():
        (tmp_path / name).write_text(shown[name])
        metric = MetricSource("val_accuracy" if "lines" in source else "score", **source)
        config = ProgramConfig(Program(tuple(command), metric), {"bonus": True}, str(tmp_path), seed=2)
        config.outputs = str(tmp_path / "outputs")
        assert execution.execute(config) == 0
        values[name] = next(iter(read_record(location.locate(config).last).metrics.scores["result"].values()))
    assert values == {"log_epochs.py": 1 - 1 / 7, "run.sh": 0.72}
