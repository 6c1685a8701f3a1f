"""Many cells: each checked and found before the first one runs, and told in one table when all have ended.

The table is built from the run directories, so it is right under any launcher.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from ablation import progress, run, rundir
from ablation.config import Config
from ablation.errors import AblateError
from ablation.signals import INTERRUPTED
from ablation.sweep import ledger
from ablation.sweep.ledger import Cell, Finder, Row

SMALL = 300_000  # bytes of a run's record, history, sample sheet and logs; its weights come on top


def cells(grid: Iterable[Sequence[str]], compose: Callable[[Sequence[str]], Config]) -> list[Cell]:
    """Compose every combination of overrides; two of one identity are one run.

    Raises AblateError for a combination that is wrong, naming it, and where no cell's data can be had.
    """
    find = Finder()
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
        progress.say(f"{len(found)} combinations are {len(distinct)} distinct runs; each runs once")
    return distinct


def _cell(overrides: Sequence[str], compose: Callable[[Sequence[str]], Config], find: Finder) -> Cell:
    try:
        config = compose(overrides)
    except AblateError as error:
        raise type(error)(f"{error} (in the cell {' '.join(overrides)}; nothing was started)") from error
    where, trouble = find(config)
    return Cell(config, tuple(overrides), where, trouble)


@dataclass(frozen=True)
class Left:
    """The cells of a sweep that something is left to do for, and the others, each with its record."""

    todo: list[Cell]
    done: list[tuple[Cell, dict[str, Any]]]


def left(ran: Sequence[Cell]) -> Left:
    """What there is to do. Reads the records and writes nothing."""
    todo, done = [], []
    for cell in ran:
        record = run.settled(cell.config, cell.where)
        if record:
            done.append((cell, record))
        else:
            todo.append(cell)
    return Left(todo, done)


def finalize(done: Sequence[tuple[Cell, dict[str, Any]]]) -> None:
    """Delete what killed runs left behind that had ended.

    Raises AblateError where a run that is done should be exact and is not.
    """
    for cell, record in done:
        run.finalize(cell.config, cell.where, record)


def make_folders(todo: Sequence[Cell]) -> None:
    """Make the folders that the sweep itself writes to. Raises AblateError where nothing can be written."""
    for outputs in {cell.where.outputs for cell in todo}:
        rundir.refuse_links(outputs / rundir.CLAIMS, outputs / rundir.JOBS, outputs / rundir.SUBMITTED)
        with rundir.writing(outputs):
            (outputs / rundir.JOBS).mkdir(parents=True, exist_ok=True)
            rundir.tidy(outputs / rundir.JOBS)
            tempfile.TemporaryFile(dir=outputs / rundir.JOBS).close()


def announce(work: Left) -> None:
    """Say in the first lines of a sweep how much there is to do, and where the disk is clearly too full for it."""
    todo, done = work.todo, len(work.done)
    count = "1 run" if len(todo) + done == 1 else f"{len(todo) + done} runs"
    known = f", {done} of them done already" if done else ""
    progress.say(count + (known if todo else ", done already: nothing is left to do"))
    if todo:
        outputs, least = todo[0].where.outputs, SMALL * len(todo)
        free = shutil.disk_usage(outputs).free
        if free < least:
            records = f"the records of these runs alone need about {_bytes(least)}"
            progress.say(f"Little disk is left below {outputs}: {_bytes(free)} are free, and {records}")


def _bytes(count: float) -> str:
    for unit in ("kB", "MB", "GB"):
        count /= 1000
        if count < 1000:
            return f"{count:.3g} {unit}"
    return f"{count / 1000:.3g} TB"


def tell(ran: Sequence[Cell], codes: Iterable[Any]) -> int:
    """Print the table. Returns the sweep's exit code: its state, also when nothing was left to do."""
    find = Finder()
    rows = [ledger.row(find(cell.config)[0] if cell.trouble else cell.where) for cell in ran]
    progress.show(_table(rows))
    for row in rows:
        if row.reason and row.status != "running":
            progress.say(f"{row.name} {row.status}: {row.reason}" + (f". Log: {row.log}" if row.log else ""))
    codes = list(codes)
    stopped = [code for code in codes if code in INTERRUPTED]
    if stopped:
        return stopped[0]
    if codes and (set(codes) == {1} or all(row.status == "waiting" for row in rows)):  # nothing was started
        return 1
    return 2 if any(row.status != "completed" for row in rows) else 0


def _table(rows: Sequence[Row]) -> Table:
    table = Table("run", "status", box=None, header_style="bold")
    for column in ("val accuracy", "test accuracy", "time"):
        table.add_column(column, justify="right")
    for row in rows:
        metrics = row.record.get("metrics") or {}
        final, test = metrics.get("final"), metrics.get("test")
        seconds = (row.record.get("timings") or {}).get("seconds")
        table.add_row(
            row.name,
            row.status,
            f"{final['val_accuracy']:.4f}" if final else "",
            f"{test['accuracy']:.4f}" if test else "",
            progress.duration(seconds) if seconds else "",
        )
    return table
