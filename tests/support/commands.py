"""Run the commands as a user does, and read what they leave."""

import csv
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from ablation.rundir import discovery
from support import forked

BIN = Path(sys.executable).parent
TINY = ["model=resnet_cifar", "model.depth=8", "model.width=4", "train=quickstart", "train.epochs=2"]
METRICS = {"epoch", "loss", "accuracy", "val_loss", "val_accuracy"}


def ablate(folder: Path, *overrides: str, code: int = 0, **options) -> str:
    """Run a command to its end, which has to be with this exit code; what it printed. options: see `call`."""
    done = call(folder, *overrides, **options)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return done.stdout + done.stderr


def call(folder: Path, *words: str, command: str = "ablate", env=None, change: str = "") -> subprocess.CompletedProcess:
    """Run a command to its end.

    A single run on TensorFlow is forked from a process that has imported it, unless it wants an environment of its own.
    change: Python that such a run's process runs before the command.
    """
    if command == "ablate" and env is None and not _needs_its_own_start(words):
        return forked.run(folder, command, words, change=change)
    assert not change
    return subprocess.run([BIN / command, *words], cwd=folder, capture_output=True, text=True, check=False, env=env)


def start(folder: Path, *words: str) -> forked.Command:
    """Start a command that a test will signal."""
    context = forked.SPAWNED if _needs_its_own_start(words) else forked.FORKED
    return forked.start(folder, "ablate", words, context=context)


def _needs_its_own_start(words: tuple[str, ...]) -> bool:
    return any(word == "-m" or word.startswith("backend=") and word != "backend=tensorflow" for word in words)


def runs(folder: Path) -> list[Path]:
    return discovery.find([folder])


def strict(path: Path) -> dict:
    def refuse(token):
        raise AssertionError(f"{token} is not JSON")

    return json.loads(path.read_text(), parse_constant=refuse)


def result(run: Path) -> tuple:
    """What two equal runs must share, bit for bit."""
    with open(run / "history.csv", newline="") as file:
        rows = [{k: v for k, v in r.items() if k not in ("seconds", "images_per_second")} for r in csv.DictReader(file)]
    files = {name: np.load(run / name) for name in ("weights.npz", "correct.npz")}
    return rows, {(n, k): (a.shape, a.tobytes()) for n, f in files.items() for k, a in f.items()}


def wait_for(condition, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.1)
