"""`ablate` with hooks: python -m faults.drive '{"kill_after": 1.5, …}' OVERRIDE…

fill, after, spare: a file that fills its disk after so many commits, but for so many bytes.
kill_after: seconds from the first step to a SIGKILL. state: file for the whole final state. report: file that tells at
the end what was imported and when the phases began. idle: train nothing. mutant: break a guarantee on purpose.
jobs: of a sweep, by their seed: {"0": "exception", "1": "idle", …}; see BAD.
"""

from ablation import __main__, random_streams
from ablation.cli import arguments
from ablation.run import execution, place
from ablation.rundir import claim as rundir_claim
from ablation.rundir import files, history, layout
from ablation.rundir import history as rundir_history
from ablation.rundir.record_parts import DataRecord, Exactness, Metrics, NetworkRecord
from ablation.runtime import backend, signals
from ablation.runtime.signals import Stop

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
from support.hooks import apply, hook

BEGAN = time.monotonic()
PHASES = {}
JOBS, MUTANT = "FAULTS_JOBS", "FAULTS_MUTANT"


def main() -> int:
    hooks = json.loads(sys.argv[1])
    sys.argv = ["ablate", *sys.argv[2:]]
    if "mutant" in hooks:
        apply(MUTANTS, hooks["mutant"])
        os.environ[MUTANT] = hooks["mutant"]
    if "report" in hooks:
        atexit.register(_report, Path(hooks["report"]))
    if hooks.get("idle"):
        _idle(hooks)
    if "jobs" in hooks:
        os.environ[JOBS] = json.dumps(hooks["jobs"])  # read where this file is imported again, in a job's process

    def started(*arguments):
        start(*arguments)
        _hook_training(hooks)

    start = hook(backend, "start", started)
    return __main__.main()


def _report(file: Path) -> None:
    file.write_text(json.dumps({"tensorflow": "tensorflow" in sys.modules, "phases": PHASES}))


def _hook_training(hooks: dict) -> None:
    from ablation.run.trial import Trial
    from ablation.training.loop import Loop

    def ran(self, *arguments):
        self.chunk = min(self.chunk, hooks.get("chunk", self.chunk))
        run_chunk(self, *arguments)
        if "step" not in PHASES:
            PHASES["step"] = time.monotonic() - BEGAN
            if "kill_after" in hooks:
                threading.Timer(hooks["kill_after"], os.kill, (os.getpid(), signal.SIGKILL)).start()

    def kept(self):
        PHASES["trained"] = time.monotonic() - BEGAN
        if "state" in hooks:
            np.savez(hooks["state"], **self.checkpoint.state)
        return weights(self)

    run_chunk, weights = hook(Loop, "run_chunk", ran), hook(Trial, "weights", kept)
    if "fill" in hooks:
        commits = [0]

        def committed(self, standing):
            commit(self, standing)
            commits[0] += 1
            if commits[0] == hooks["after"]:
                _fill(Path(hooks["fill"]), hooks["spare"])

        commit = hook(Trial, "save", committed)


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
        return _idle_results(self)

    hook(execution.Run, "stages", stages)


def _idle_results(run: execution.Run) -> execution.Results:
    rows = [dict.fromkeys(layout.HISTORY_COLUMNS, 0.5) | {"epoch": 1}]
    history.write_history(run.directory, rows)
    metrics = {name: rows[0][name] for name in ("epoch", "loss", "accuracy", "val_loss", "val_accuracy")}
    test = {"loss": 0.5, "accuracy": 0.5}
    run.record.status = "completed"
    run.record.network = NetworkRecord("idle", depth=1, trainable_parameters=1, total_parameters=1, macs=1)
    run.record.data = DataRecord("digits", train=1, validation=2, test=2, digest="0")
    run.record.metrics = Metrics({"final": metrics, "best": metrics, "test": test, "test_best": test})
    run.record.exactness = Exactness(exact=True)
    run.record.timings.seconds = 1.0
    return execution.Results(weights={}, correct={})


# What a sweep's job may do to itself


def _hook_jobs(jobs: dict) -> None:
    """In the process of a worker: note each job that runs, and do to it what is planned for its seed."""
    kind = "good"

    def executed(job, cores, kept):
        nonlocal kind
        kind = jobs.get(str(job.config.seed), "good")
        if kind == "nan":
            _explode(lambda: kind == "nan")
        return execute(job, cores, kept)

    def noted(self, stop):
        with open("ran.txt", "a") as file:
            file.write(f"{self.directory.name}\n")
        if kind == "idle":
            return _idle_results(self)
        return BAD[kind]() if kind in BAD else stages(self, stop)

    execute, stages = hook(execution, "execute", executed), hook(execution.Run, "stages", noted)


def _explode(is_planned) -> None:
    """A loss that is NaN, by an absurd learning rate."""
    from ablation.training import recipe

    def absurd(train, total):
        return np.full(total, 1e30, "float32") if is_planned() else learning_rates(train, total)

    learning_rates = hook(recipe, "learning_rates", absurd)


def _raise(error: BaseException):
    raise error


def _native():
    import ctypes

    ctypes.string_at(0)


def _hang():
    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals) - {signal.SIGKILL})
    while True:
        time.sleep(60)


BAD = {
    "exception": lambda: _raise(ValueError("a bad network")),
    "sys.exit": lambda: sys.exit(3),
    "os._exit": lambda: os._exit(9),
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "segfault": _native,
    "abort": os.abort,
    "memory": lambda: _raise(MemoryError()),
    "hang": _hang,
    "unreadable": lambda: open("/nonexistent/images.tfrecord"),
}


# What is broken on purpose, and by which proof it must be seen


def _plain_write() -> None:
    """Write over the old file instead of beside it."""

    @contextlib.contextmanager
    def replacing(path, lasting=True):
        with files.create(path) as file:
            yield file

    hook(files, "replacing", replacing)


def _silent() -> None:
    """Say nothing of a commit that failed."""
    from ablation.training import checkpoint

    def silent(*arguments):
        with contextlib.suppress(OSError):
            save(*arguments)

    save = hook(checkpoint, "save", silent)

    def silent_history(*arguments):
        with contextlib.suppress(OSError):
            history(*arguments)

    history = hook(rundir_history, "write_history", silent_history)


def _forget_noise() -> None:
    """Resume without the state of the layers' random generators, as Keras' own backup does."""
    from ablation.training import checkpoint

    def forgetful(path):
        standing = load(path)
        for path, value in (standing.state if standing else {}).items():
            if "seed_generator" in path:
                value[1] = 0
        return standing

    load = hook(checkpoint, "load", forgetful)


def _free_order() -> None:
    """Draw from the operating system instead of from the seed."""
    hook(random_streams, "generator", lambda *_: np.random.default_rng())


def _no_lock() -> None:
    """Claim without excluding anybody."""

    @contextlib.contextmanager
    def claim(outputs, run):
        yield

    hook(rundir_claim, "claim", claim)


def _deaf() -> None:
    """Hear no signal."""
    hook(Stop, "note", lambda self, number: None)


def _unquoted() -> None:
    """Hand names to Hydra's grammar as they are."""
    hook(arguments, "quote_free_text", lambda word, sweep=False: word)


def _forget_done() -> None:
    """Begin completed runs of a sweep again."""
    hook(place, "final_record", lambda where: None)


def _no_end() -> None:
    """Let a sweep's jobs outlive it."""
    from ablation.sweep import watchdog, worker

    hook(watchdog.Watchdog, "watch", lambda self, pid: None)
    hook(worker, "end_with_driver", lambda driver: None)


MUTANTS = {
    "forget_done": _forget_done,
    "no_end": _no_end,
    "plain_write": _plain_write,
    "silent": _silent,
    "forget_noise": _forget_noise,
    "free_order": _free_order,
    "no_lock": _no_lock,
    "deaf": _deaf,
    "unquoted": _unquoted,
}

if __name__ == "__mp_main__":
    if MUTANT in os.environ:
        apply(MUTANTS, os.environ[MUTANT])
    if JOBS in os.environ:
        _hook_jobs(json.loads(os.environ[JOBS]))

if __name__ == "__main__":
    sys.exit(main())
