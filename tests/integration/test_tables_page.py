"""The page about results of other programs: its script is written, and each of its commands runs."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from support import event_files
from support.commands import BIN

pytestmark = pytest.mark.integration
PAGE = (Path(__file__).resolve().parents[2] / "docs" / "tables.md").read_text()
COMMAND = re.compile(r"^    ((?:ablate-compare|python) .*)$", re.MULTILINE)
INLINE = re.compile(r"`(ablate-compare [^`]*)`")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the page's script, event files in `runs` and CSV logs in `logs`."""
    folder = tmp_path_factory.mktemp("page")
    (script,) = re.findall(r"```python\n# make_tables\.py\n(.*?)```", PAGE, re.DOTALL)
    (folder / "make_tables.py").write_text(script)
    for variant, value in {"full": 0.9, "no-skip": 0.8}.items():
        for seed in range(3):
            curve = {1: value - 0.2, 2: value + 0.01 * seed}
            event_files.write(folder / "runs" / variant / f"seed{seed}", event_files.scalars("val/acc", curve))
            log = folder / "logs" / f"{variant}_seed{seed}.csv"
            log.parent.mkdir(exist_ok=True)
            log.write_text("epoch,val_acc\n" + "".join(f"{epoch},{each}\n" for epoch, each in curve.items()))
    return folder


def run(folder, command):
    program, *words = shlex.split(command)
    start = [sys.executable] if program == "python" else [str(BIN / program)]
    done = subprocess.run([*start, *words], cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done


def test_every_command_of_the_page_runs(folder):
    commands = COMMAND.findall(PAGE)
    assert len(commands) >= 9
    for command in commands:
        done = run(folder, command)
        if " --json" in command:
            assert json.loads(done.stdout) and not done.stderr
    assert "no skip is worse" in run(folder, commands[1]).stdout
    assert "Possible confounder: lr differs with the variant (0.1 in" in run(folder, commands[1]).stdout


def test_every_command_in_its_table_runs(folder):
    run(folder, "python make_tables.py")
    rows = [line for line in PAGE.splitlines() if line.startswith("|")]
    commands = [command for row in rows for command in INLINE.findall(row)]
    assert len(commands) == 5
    for command in commands:
        run(folder, command)
