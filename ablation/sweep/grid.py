"""Many cells: each checked and found before the first one runs, and told in one table when all have ended.

The table is built from the run directories, so it is right under any launcher.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ablation import text
from ablation.config.schema import Config
from ablation.errors import AblateError
from ablation.run import place
from ablation.run.locator import RunLocator
from ablation.rundir import files, layout
from ablation.rundir.record import RunRecord
from ablation.runtime import console
from ablation.sweep.status import PlannedRun

SMALL = 300_000  # bytes of a run's record, history, sample sheet and logs; its weights come on top


def cells(grid: Iterable[Sequence[str]], compose: Callable[[Sequence[str]], Config]) -> list[PlannedRun]:
    """Compose every combination of overrides; two of one identity are one run.

    Raises AblateError for a combination that is wrong, naming it, and where no cell's data can be had.
    """
    find = RunLocator()
    found = [_cell(overrides, compose, find) for overrides in grid]
    if not found:
        raise AblateError(
            "The sweep has no run. Received a list without a value. Allowed: at least one value for each key. Type for "
            "example seed=0,1,2"
        )
    distinct = list({cell.where: cell for cell in found}.values())
    if all(cell.trouble for cell in distinct):
        raise AblateError(f"{distinct[0].trouble} (nothing was started)")
    if len(distinct) < len(found):
        console.say(f"{len(found)} combinations are {len(distinct)} distinct runs; each runs once")
    return distinct


def _cell(overrides: Sequence[str], compose: Callable[[Sequence[str]], Config], find: RunLocator) -> PlannedRun:
    try:
        config = compose(overrides)
    except AblateError as error:
        raise type(error)(f"{error} (in the cell {' '.join(overrides)}; nothing was started)") from error
    located = find(config)
    return PlannedRun(config, tuple(overrides), located.where, located.problem)


@dataclass(frozen=True)
class Left:
    """The cells of a sweep that something is left to do for, and the others, each with its record."""

    todo: list[PlannedRun]
    done: list[tuple[PlannedRun, RunRecord]]


def left(ran: Sequence[PlannedRun]) -> Left:
    """What there is to do. Reads the records and writes nothing."""
    todo, done = [], []
    for cell in ran:
        record = place.up_to_date(cell.config, cell.where)
        if record:
            done.append((cell, record))
        else:
            todo.append(cell)
    return Left(todo, done)


def finalize(done: Sequence[tuple[PlannedRun, RunRecord]]) -> None:
    """Delete what killed runs left behind that had ended.

    Raises AblateError where a run that is done should be exact and is not.
    """
    for cell, record in done:
        place.finalize(cell.config, cell.where, record)


def make_folders(todo: Sequence[PlannedRun]) -> None:
    """Make the folders that the sweep itself writes to. Raises AblateError where nothing can be written."""
    for outputs in {cell.where.outputs for cell in todo}:
        files.refuse_links(outputs / layout.CLAIMS, outputs / layout.JOBS, outputs / layout.SUBMITTED)
        with files.writing(outputs):
            (outputs / layout.JOBS).mkdir(parents=True, exist_ok=True)
            files.remove_partial(outputs / layout.JOBS)
            tempfile.TemporaryFile(dir=outputs / layout.JOBS).close()


def announce(work: Left) -> None:
    """Say in the first lines of a sweep how much there is to do, and where the disk is clearly too full for it."""
    todo, done = work.todo, len(work.done)
    count = "1 run" if len(todo) + done == 1 else f"{len(todo) + done} runs"
    known = f", {done} of them done already" if done else ""
    console.say(count + (known if todo else ", done already: nothing is left to do"))
    if todo:
        outputs, least = todo[0].where.outputs, SMALL * len(todo)
        free = shutil.disk_usage(outputs).free
        if free < least:
            records = f"the records of these runs alone need about {text.size(least)}"
            console.say(f"Little disk is left below {outputs}: {text.size(free)} are free, and {records}")
