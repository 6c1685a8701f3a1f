"""The runs of a sweep, validated and located before the first one starts, and the list of those still to do."""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ablation import text
from ablation.config.schema import Config
from ablation.errors import AblateError
from ablation.run import place
from ablation.run.locator import RunLocator, say_caching_problem
from ablation.rundir import files, layout
from ablation.rundir.record import RunRecord
from ablation.runtime import console
from ablation.sweep.status import PlannedRun

RECORDS_SIZE = 300_000  # bytes of a run's record, history, contact sheet and logs, without its weights


def cells(grid: Iterable[Sequence[str]], compose: Callable[[Sequence[str]], Config]) -> list[PlannedRun]:
    """Compose every combination of overrides. Combinations with the same fingerprint become a single run.

    Raises AblateError for an invalid combination, naming it, or if the data of all runs is unreadable.
    """
    locate = RunLocator()
    planned = [_planned(overrides, compose, locate) for overrides in grid]
    if not planned:
        raise AblateError(
            "The sweep has no run. Received an empty list of values. Allowed: at least one value for each key. "
            "Type for example seed=0,1,2"
        )
    distinct = list({run.where: run for run in planned}.values())
    if all(run.problem for run in distinct):
        raise AblateError(f"{distinct[0].problem} (nothing was started)")
    if len(distinct) < len(planned):
        console.say(f"{len(planned)} combinations give only {text.plural(len(distinct), 'distinct run')}")
    return distinct


def _planned(overrides: Sequence[str], compose: Callable[[Sequence[str]], Config], locate: RunLocator) -> PlannedRun:
    try:
        config = compose(overrides)
    except AblateError as error:
        raise AblateError(f"{error} (in the run {' '.join(overrides)}; nothing was started)") from error
    located = locate(config)
    return PlannedRun(config, tuple(overrides), located.where, located.problem)


@dataclass(frozen=True)
class DoneRun:
    """A run that has already ended, and its record."""

    run: PlannedRun
    record: RunRecord


@dataclass(frozen=True)
class Left:
    """The runs of a sweep that are still to do, and those that are done."""

    todo: list[PlannedRun]
    done: list[DoneRun]


def left(runs: Sequence[PlannedRun]) -> Left:
    """Separate the runs still to do from those that are done. Only reads records."""
    work = Left([], [])
    for run in runs:
        record = place.up_to_date(run.config, run.where)
        if record is None:
            work.todo.append(run)
        else:
            work.done.append(DoneRun(run, record))
    return work


def finalize(done: Sequence[DoneRun]) -> None:
    """Delete the leftovers of killed processes in the directories of finished runs.

    Raises AblateError if a finished run must be bit-exact and is not.
    """
    for each in done:
        place.finalize(each.run.config, each.run.where, each.record)


def make_folders(todo: Sequence[PlannedRun]) -> None:
    """Create the folders that the sweep itself writes to. Raises AblateError if they are not writable."""
    for outputs in {run.where.outputs for run in todo}:
        files.refuse_links(outputs / layout.CLAIMS, outputs / layout.JOBS, outputs / layout.SUBMITTED)
        with files.writing(outputs):
            (outputs / layout.JOBS).mkdir(parents=True, exist_ok=True)
            files.remove_partial(outputs / layout.JOBS)
            tempfile.TemporaryFile(dir=outputs / layout.JOBS).close()


def announce(work: Left) -> None:
    """Print the number of runs to do, and a warning if the disk clearly has too little space."""
    count, done = text.plural(len(work.todo) + len(work.done), "run"), len(work.done)
    if not work.todo:
        console.say(f"{count}, all already done: nothing left to do")
        return
    console.say(f"{count}, {done} of them already done" if done else count)
    say_caching_problem()
    outputs, needed = work.todo[0].where.outputs, RECORDS_SIZE * len(work.todo)
    free = shutil.disk_usage(outputs).free
    if free < needed:
        console.say(
            f"Warning: little disk space below {outputs}: ~{text.size(needed)} needed for records alone, "
            f"{text.size(free)} free"
        )
