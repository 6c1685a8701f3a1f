"""`ablate` with hooks: python -m faults.drive '{"kill_after": 1.5, …}' OVERRIDE…

fill, after, spare: a file that fills its disk after so many commits, but for so many bytes.
kill_after: seconds from the first step to a SIGKILL. state: file for the whole final state. report: file that tells at
the end what was imported and when the phases began. idle: train nothing. mutant: break a guarantee on purpose.
"""

from ablation import signals

signals.leave_at_once()  # before anything else is imported, as the command itself does

# ruff: noqa: E402
import atexit
import contextlib
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import numpy as np

from ablation import __main__ as command
from ablation import cli, environment, run, rundir, streams
from ablation.signals import Stop

BEGAN = time.monotonic()
PHASES = {}


def main() -> int:
    hooks = json.loads(sys.argv[1])
    sys.argv = ["ablate", *sys.argv[2:]]
    if "mutant" in hooks:
        MUTANTS[hooks["mutant"]]()
    if "report" in hooks:
        atexit.register(_report, Path(hooks["report"]))
    if hooks.get("idle"):
        _idle(hooks)
    start = environment.start

    def started(*arguments):
        start(*arguments)
        _hook_training(hooks)

    environment.start = started
    return command.main()


def _report(file: Path) -> None:
    file.write_text(json.dumps({"tensorflow": "tensorflow" in sys.modules, "phases": PHASES}))


def _hook_training(hooks: dict) -> None:
    from ablation.training.loop import Loop
    from ablation.trial import Trial

    tick, weights = Loop._tick, Trial.weights

    def ticked(self, *arguments):
        self._per_tick = min(self._per_tick, hooks.get("per_tick", self._per_tick))
        tick(self, *arguments)
        if "step" not in PHASES:
            PHASES["step"] = time.monotonic() - BEGAN
            if "kill_after" in hooks:
                threading.Timer(hooks["kill_after"], os.kill, (os.getpid(), signal.SIGKILL)).start()

    def kept(self):
        PHASES["trained"] = time.monotonic() - BEGAN
        if "state" in hooks:
            np.savez(hooks["state"], **self.standing.state)
        return weights(self)

    Loop._tick, Trial.weights = ticked, kept
    if "fill" in hooks:
        commit, commits = Trial._commit, [0]

        def committed(self, standing):
            commit(self, standing)
            commits[0] += 1
            if commits[0] == hooks["after"]:
                _fill(Path(hooks["fill"]), hooks["spare"])

        Trial._commit = committed


def _fill(ballast: Path, spare: int) -> None:
    """Fill the disk that the ballast lies on, but for some bytes."""
    with open(ballast, "wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(65536)):
            pass
    os.truncate(ballast, max(0, ballast.stat().st_size - spare))


def _idle(hooks: dict) -> None:
    """Claim, make the directory, leave a whole record, and train nothing. seconds: hold the claim so long."""

    def stages(self, stop):
        time.sleep(hooks.get("seconds", 0))
        rows = [dict.fromkeys(rundir.HISTORY_COLUMNS, 0.5) | {"epoch": 1}]
        rundir.write_history(self.directory, rows)
        metrics = {name: rows[0][name] for name in ("epoch", "loss", "accuracy", "val_loss", "val_accuracy")}
        test = {"loss": 0.5, "accuracy": 0.5}
        self.record |= {
            "status": "completed",
            "network": {"name": "idle", "depth": 1, "trainable_parameters": 1, "total_parameters": 1, "macs": 1},
            "data": {"name": "digits", "train": 1, "validation": 2, "test": 2, "digest": "0"},
            "metrics": {"final": metrics, "best": metrics, "test": test, "test_best": test},
            "exactness": {"exact": True},
            "timings": {"seconds": 1.0},
        }
        return {"weights": {}, "correct": {}}

    run.Run._stages = stages


# What is broken on purpose, and by which proof it must be seen


def _plain_write() -> None:
    """Write over the old file instead of beside it."""

    @contextlib.contextmanager
    def replacing(path):
        with rundir.open_(path, "wb") as file:
            yield file

    rundir.open_ = getattr(rundir, "open", open)
    rundir.replacing = replacing


def _silent() -> None:
    """Say nothing of a commit that failed."""
    from ablation.training import checkpoint

    save = checkpoint.save

    def silent(*arguments):
        with contextlib.suppress(OSError):
            save(*arguments)

    checkpoint.save = silent
    history = rundir.write_history

    def silent_history(*arguments):
        with contextlib.suppress(OSError):
            history(*arguments)

    rundir.write_history = silent_history


def _forget_noise() -> None:
    """Resume without the state of the layers' random generators, as Keras' own backup does."""
    from ablation.training import checkpoint

    load = checkpoint.load

    def forgetful(directory):
        standing = load(directory)
        for path, value in (standing.state if standing else {}).items():
            if "seed_generator" in path:
                value[1] = 0
        return standing

    checkpoint.load = forgetful


def _free_order() -> None:
    """Draw from the operating system instead of from the seed."""
    streams.generator = lambda *_: np.random.default_rng()


def _no_lock() -> None:
    """Claim without excluding anybody."""

    @contextlib.contextmanager
    def claim(outputs, run):
        yield

    rundir.claim = claim


def _deaf() -> None:
    """Hear no signal."""
    Stop.note = lambda self, number: None


def _unquoted() -> None:
    """Hand names to Hydra's grammar as they are."""
    cli.literal = lambda word: word


MUTANTS = {
    "plain_write": _plain_write,
    "silent": _silent,
    "forget_noise": _forget_noise,
    "free_order": _free_order,
    "no_lock": _no_lock,
    "deaf": _deaf,
    "unquoted": _unquoted,
}

if __name__ == "__main__":
    sys.exit(main())
