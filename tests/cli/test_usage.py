"""The usage and the versions, which are answered before anything is imported."""

import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import ablation
from ablation.cli import usage
from ablation.config.shipped.folder import conf_dir

CONF = conf_dir()
BIN = Path(sys.executable).parent


@pytest.mark.integration
@pytest.mark.parametrize("words", [["--version"], ["--vers"], ["-m", "--version", "model=typo"]], ids=" ".join)
@pytest.mark.parametrize("command", ["ablate", "ablate-plan"])
def test_version(no_hydra, command, words):
    done = subprocess.run([BIN / command, *words], env=no_hydra, capture_output=True, text=True, check=False)
    libraries = f"(Keras {version('keras')}, TensorFlow {version('tensorflow')})"
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{command} {ablation.__version__} {libraries}\n"


@pytest.mark.integration
def test_version_of_ablate_compare_needs_no_path(no_hydra):
    done = subprocess.run([BIN / "ablate-compare", "--version"], env=no_hydra, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{usage.version_line('ablate-compare')}\n"


def test_version_of_a_library_that_is_not_installed(monkeypatch):
    monkeypatch.setattr(usage, "LIBRARIES", {"Keras": "no-such-distribution"})
    assert usage.version_line("ablate") == f"ablate {ablation.__version__} (Keras not installed)"


@pytest.mark.integration
@pytest.mark.parametrize(
    "command",
    [[BIN / "ablate"], [BIN / "ablate", "-m"], [BIN / "ablate", "--multirun"], [sys.executable, "-m", "ablation"]],
    ids=lambda command: " ".join(Path(word).name for word in command),
)
def test_a_command_without_overrides_shows_its_usage_and_trains_nothing(no_hydra, tmp_path, command):
    """As git does: the usage on standard output, and code 1, so that a script whose arguments got lost stops."""
    done = subprocess.run(command, env=no_hydra, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == f"{usage.USAGE}\n" and not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("typed", "bare"),
    [("", True), ("-m", True), ("-r", True), ("--run", True), ("-r seed=0", False), ("--resolve", False)],
)
def test_a_mode_alone_requests_nothing(typed, bare):
    assert usage.is_bare(typed.split()) == bare


def test_the_usage_names_six_commands_that_work():
    commands = re.findall(r"^  (ablate\S*) (.*?)  ", usage.USAGE, re.MULTILINE)
    names = [name for name, _ in commands]
    assert names == ["ablate", "ablate", "ablate-plan", "ablate", "ablate-compare", "ablate-runs"]
    for key, value in re.findall(r"\+?(\w+)=(\S+)", " ".join(words for _, words in commands)):
        assert key == "seed" or all((CONF / key / f"{option}.yaml").is_file() for option in value.split(","))
