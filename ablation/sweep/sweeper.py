"""Many cells: each checked and found before the first one runs, and told in one table when all have ended.

The table is built from the run directories, so it is right under any launcher.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from rich.table import Table

from ablation import data, progress, run, rundir, structure
from ablation.config import Config
from ablation.errors import AblateError
from ablation.signals import INTERRUPTED
from ablation.sweep import ledger
from ablation.sweep.ledger import Cell, Finder, Row

NUMBER = 4  # bytes
SMALL = 300_000  # bytes of a run's record, history, sample sheet and logs


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


def left(ran: Sequence[Cell]) -> list[Cell]:
    """What there is to do, and in the first lines of the sweep how much that is.

    Raises AblateError where a run that is done should be exact and is not, and where nothing can be written.
    """
    todo = []
    for cell in ran:
        done = run.settled(cell.config, cell.where)
        if done:
            run.accept(cell.config, cell.where, done)
        else:
            todo.append(cell)
    for outputs in {cell.where.outputs for cell in todo}:
        rundir.refuse_links(outputs / rundir.CLAIMS, outputs / rundir.JOBS, outputs / rundir.SUBMITTED)
        with rundir.writing(outputs):
            (outputs / rundir.JOBS).mkdir(parents=True, exist_ok=True)
            rundir.tidy(outputs / rundir.JOBS)
            tempfile.TemporaryFile(dir=outputs / rundir.JOBS).close()
    count, done = "1 run" if len(ran) == 1 else f"{len(ran)} runs", len(ran) - len(todo)
    known = f", {done} of them done already" if done else ""
    progress.say(count + (known if todo else ", done already: nothing is left to do"))
    if todo:
        outputs, need = todo[0].where.outputs, sum(map(_disk, todo))
        free = shutil.disk_usage(outputs).free
        short = "" if need < free else ". That is not enough: train.keep_weights=false needs less"
        progress.say(f"They need about {_bytes(need)} of disk below {outputs}; {_bytes(free)} are free{short}")
    return todo


def _disk(cell: Cell) -> int:
    """Bytes that a run leaves."""
    cfg = cell.config
    if cell.trouble or not cfg.train.keep_weights:
        return SMALL
    (size, _, channels), classes = data.describe(cfg.data)
    return SMALL + NUMBER * structure.parameters(cfg.model, size, channels, len(classes))


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
