"""Every crash point of one commit, and of a run's last writes: before and half-way through each write, sync, rename,
unlink. Whatever is left must be read as the old standing or the new one, whole, and the next commit must succeed.
"""

import dataclasses
import os
import traceback
from collections.abc import Callable
from pathlib import Path

import numpy as np
from support.hooks import apply, hook, note

from ablation.cli import composition
from ablation.run import execution, place
from ablation.run.resumption import StartingPoint
from ablation.rundir import files, history, layout
from ablation.rundir import record as rundir_record
from ablation.rundir.record_parts import Exactness
from ablation.runtime.signals import Stop
from ablation.training import checkpoint
from ablation.training.checkpoint import Checkpoint
from ablation.training.metrics import EpochRow
from faults import arena, drive

CASES, MUTANT, MUTANT_CASES = 0, ("plain_write", "no_sync"), 0
GOAL = "crash points after which the old or the new standing is restored, whole; each rename between its two syncs"
DEAD, DISORDER = 86, 87


def prove(place: Path, cases: int, mutant: str | None) -> arena.Outcome:
    return points(place, 1, mutant)


def points(place: Path, every: int, mutant: str | None) -> arena.Outcome:
    """One point of `every` many; 1 is all of them."""
    outcome = arena.Outcome()
    for name, act in (("commit", _commit), ("last writes", _end)):
        point = 0
        while True:
            here = place / f"{name}_{point}"
            here.mkdir()
            _commit(here, 1)
            code = _die_at(point, mutant, lambda here=here, act=act: act(here, 2))
            wrong = "a rename without its syncs" if code == DISORDER else _judge(here)
            outcome.count(wrong and f"{name}, point {point}: {wrong}")
            if code != DEAD:
                outcome.notes[f"points of {name}"] = point
                break
            point += every
    return outcome


def _standing(epochs: int) -> Checkpoint:
    state = {f"layer{i}/kernel": np.full((40, 40), epochs + i / 10, "float32") for i in range(3)}
    rows = [EpochRow(i + 1, *[0.25] * (len(layout.HISTORY_COLUMNS) - 1)) for i in range(epochs)]
    return Checkpoint(step=epochs, rows=rows, state=state, best=dict(state), code="x")


def _commit(here: Path, epochs: int) -> None:
    standing = _standing(epochs)
    checkpoint.save(here / layout.CHECKPOINT, standing)
    history.write_history(here, map(dataclasses.asdict, standing.rows))


def _end(here: Path, epochs: int) -> None:
    """The product's own end of a run: results, then the record, then no checkpoint; only the training is idle."""

    def stages(self, stop):
        _commit(here, epochs)
        self.record.status, self.record.exactness = "completed", Exactness(exact=True)
        return execution.Results(weights={"a/kernel": np.ones(9)}, correct={})

    hook(execution.Run, "stages", stages)
    job = composition.compose(arena.NETWORKS["residual"])
    start = StartingPoint(here, Checkpoint())
    execution.Run(job, 1, place.RunLocation(here.parent, here.name, "x"), start).run(Stop())


def _judge(here: Path) -> str | None:
    """What is wrong with what was left, or None."""
    try:
        record = rundir_record.read_record(here)
        ended = record.status == "completed"
    except files.Unreadable:
        ended = False
    if ended:
        return None if len(history.read_history(here, record)) == 2 else "a completed run without its history"
    try:
        standing = checkpoint.load(here / layout.CHECKPOINT)
    except files.Unreadable as error:
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
    files.remove_partial(here)
    _commit(here, 3)
    left = list(here.rglob(f".*{layout.STAGED}"))
    return None if checkpoint.load(here / layout.CHECKPOINT).step == 3 and not left else "the next commit failed"


def _die_at(point: int, mutant: str | None, act: Callable[[], None]) -> int:
    """Act in a child that dies at its point-th operation: DEAD, DISORDER, or 0 where it lived to the end."""
    pid = os.fork()
    if pid == 0:
        sync = os.fsync
        if mutant == "no_sync":
            hook(os, "fsync", lambda _: None)
            note("mutant", mutant)
        elif mutant:
            apply(drive.MUTANTS, mutant)
        try:
            done = _count_down(point, counted=sync is os.fsync)
            act()
            os._exit(0 if _in_order(done) else DISORDER)
        except BaseException:
            traceback.print_exc()
            os._exit(1)  # never on in what forked it
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code not in (0, DEAD, DISORDER):
        raise RuntimeError(f"the child left with {code}")
    return code


def _in_order(done: list[tuple]) -> bool:
    """A file is synced between its last write and its rename, and its folder right after."""
    for i, (what, *numbers) in enumerate(done):
        if what == "rename":
            file, folder = numbers
            touched = [act for act, number, *_ in done[:i] if number == file]
            if touched[-1:] != ["sync"] or done[i + 1 : i + 2] != [("sync", folder)]:
                return False
    return True


def _count_down(point: int, counted: bool) -> list[tuple]:
    """Let the point-th operation on the disk be the last: every even one is not begun, every odd one half done.

    Returns the list to which what was done is added: (what, inode, …).
    """
    left, done = [point], []

    def step() -> None:
        if left[0] == 0:
            os._exit(DEAD)
        left[0] -= 1

    class File:
        def __init__(self, file):
            self.file, self.number = file, os.fstat(file.fileno()).st_ino

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
            done.append(("write", self.number))
            return len(content)

    def wrapped(operation, told):
        def call(*arguments, **keys):
            step()
            what = told(*arguments)
            result = operation(*arguments, **keys)
            done.append(what)
            step()
            return result

        return call

    def rename(source, target, **_):
        return "rename", os.stat(source).st_ino, os.stat(Path(target).parent).st_ino

    create = hook(files, "create", lambda path: File(create(path)))
    if counted:
        hook(os, "fsync", wrapped(os.fsync, lambda number: ("sync", os.fstat(number).st_ino)))
    hook(os, "replace", wrapped(os.replace, rename))
    hook(os, "unlink", wrapped(os.unlink, lambda path, **_: ("unlink", str(path))))
    return done
