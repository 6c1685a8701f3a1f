"""Every crash point of one commit, and of a run's last writes: before and half-way through each write, sync, rename,
unlink. Whatever is left must be read as the old standing or the new one, whole, and the next commit must succeed.
"""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ablation import rundir
from ablation.training import checkpoint
from ablation.training.checkpoint import Standing
from faults import arena, drive

CASES, MUTANT, MUTANT_CASES = 0, "plain_write", 0
GOAL = "crash points after which the old or the new standing is restored, whole"
DEAD = 86


def prove(place: Path, cases: int, mutant: str | None) -> arena.Outcome:
    outcome = arena.Outcome()
    for name, act in (("commit", _commit), ("last writes", _end)):
        point = 0
        while True:
            here = place / f"{name}_{point}"
            here.mkdir()
            _commit(here, 1)
            survived = _die_at(point, mutant, lambda here=here, act=act: act(here, 2))
            outcome.count(_judge(here, name) and f"{name}, point {point}: {_judge(here, name)}")
            if survived:
                outcome.notes[f"points of {name}"] = point
                break
            point += 1
    return outcome


def _standing(epochs: int) -> Standing:
    state = {f"layer{i}/kernel": np.full((40, 40), epochs + i / 10, "float32") for i in range(3)}
    rows = [dict.fromkeys(rundir.HISTORY_COLUMNS, 0.25) | {"epoch": i + 1} for i in range(epochs)]
    return Standing(step=epochs, rows=rows, state=state, best=dict(state), code="x")


def _commit(here: Path, epochs: int) -> None:
    standing = _standing(epochs)
    checkpoint.save(here, standing)
    rundir.write_history(here, standing.rows)


def _end(here: Path, epochs: int) -> None:
    """As a completed run leaves: results, then the record, then no checkpoint."""
    _commit(here, epochs)
    rundir.replace(here / rundir.WEIGHTS, b"weights")
    rundir.write_record(here, {"status": "completed"})
    (here / rundir.CHECKPOINT).unlink()


def _judge(here: Path, name: str) -> str | None:
    """What is wrong with what was left, or None."""
    try:
        record = rundir.read_record(here)
        ended = record["status"] == "completed"
    except rundir.Unreadable:
        ended = False
    if ended:
        return None if len(rundir.read_history(here, record)) == 2 else "a completed run without its history"
    try:
        standing = checkpoint.load(here)
    except rundir.Unreadable as error:
        return str(error)
    if standing is None:
        return "no checkpoint"
    wanted = _standing(standing.step)
    if standing.rows != wanted.rows or standing.step not in (1, 2):
        return f"step {standing.step} with {len(standing.rows)} epochs"
    for part in ("state", "best"):
        arrays, expected = getattr(standing, part), getattr(wanted, part)
        if arrays.keys() != expected.keys() or any((arrays[k] != expected[k]).any() for k in expected):
            return f"another {part}"
    rundir.tidy(here)
    _commit(here, 3)
    return None if checkpoint.load(here).step == 3 and not list(here.glob(".*")) else "the next commit failed"


def _die_at(point: int, mutant: str | None, act: Callable[[], None]) -> bool:
    """Act in a child that dies at its point-th operation; whether it lived to the end."""
    pid = os.fork()
    if pid == 0:
        if mutant:
            drive.MUTANTS[mutant]()
        _count_down(point)
        act()
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code not in (0, DEAD):
        raise RuntimeError(f"the child left with {code}")
    return code == 0


def _count_down(point: int) -> None:
    """Let the point-th operation on the disk be the last: every even one is not begun, every odd one half done."""
    left = [point]

    def step() -> None:
        if left[0] == 0:
            os._exit(DEAD)
        left[0] -= 1

    class File:
        def __init__(self, file):
            self.file = file

        def __getattr__(self, name):
            return getattr(self.file, name)

        def __enter__(self):
            return self

        def __exit__(self, *error):
            self.file.close()

        def write(self, content):
            step()
            content = memoryview(content).cast("B")
            self.file.write(content[: len(content) // 2])
            self.file.flush()
            step()
            self.file.write(content[len(content) // 2 :])
            self.file.flush()  # what was written before a crash is there after it
            return len(content)

    def wrapped(operation):
        def call(*arguments, **keys):
            step()
            result = operation(*arguments, **keys)
            step()
            return result

        return call

    rundir.open = rundir.open_ = lambda path, mode: File(open(path, mode))
    os.fsync, os.replace, os.unlink = map(wrapped, (os.fsync, os.replace, os.unlink))
