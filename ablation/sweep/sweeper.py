"""Many cells: each checked and found before the first one runs, and told in one table when all have ended.

The table is built from the run directories, so it is right under any launcher.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from ablation import progress, run, rundir
from ablation.errors import AblateError
from ablation.job import Job

INTERRUPTED = (130, 143)


@dataclass(frozen=True)
class Cell:
    """One run of a sweep."""

    job: Job
    where: run.Place


def cells(grid: Iterable[Sequence[str]], compose: Callable[[Sequence[str]], Job]) -> list[Cell]:
    """Compose every combination of overrides; two of one identity are one run. Raises AblateError, naming the cell."""
    found = [_cell(overrides, compose) for overrides in grid]
    distinct = list({cell.where.identity: cell for cell in found}.values())
    if len(distinct) < len(found):
        progress.say(f"{len(found)} combinations are {len(distinct)} distinct runs; each runs once")
    done = sum(run.finished(cell.where) is not None for cell in distinct)
    progress.say(f"{len(distinct)} runs" + (f", {done} of them done already" if done else ""))
    return distinct


def _cell(overrides: Sequence[str], compose: Callable[[Sequence[str]], Job]) -> Cell:
    try:
        job = compose(overrides)
        return Cell(job, run.place(job))
    except AblateError as error:
        raise type(error)(f"{error} (in the cell {' '.join(overrides)}; nothing was started)") from error


def tell(ran: Sequence[Cell], codes: Iterable[Any]) -> int:
    """Print the table. Returns the sweep's exit code: its state, also when nothing was left to do."""
    records = [_record(cell.where) for cell in ran]
    progress.console().print(_table(ran, records))
    codes = list(codes)
    stopped = [code for code in codes if code in INTERRUPTED]
    if stopped:
        return stopped[0]
    if codes and set(codes) == {1}:  # nothing was started
        return 1
    return 2 if any(record["status"] != "completed" for record in records) else 0


def _record(where: run.Place) -> dict[str, Any]:
    try:
        return rundir.read_record(where.last)
    except rundir.Unreadable:
        return {"status": "not started", "metrics": {}, "timings": None, "error": None}


def _table(ran: Sequence[Cell], records: Iterable[dict[str, Any]]) -> Table:
    table = Table("run", "status", box=None, header_style="bold")
    for column in ("val accuracy", "test accuracy", "time"):
        table.add_column(column, justify="right")
    for cell, record in zip(ran, records, strict=True):
        final, test = (record["metrics"].get(name) for name in ("final", "test"))
        seconds = (record["timings"] or {}).get("seconds")
        table.add_row(
            cell.where.last.name,
            record["status"],
            f"{final['val_accuracy']:.4f}" if final else "",
            f"{test['accuracy']:.4f}" if test else "",
            progress.duration(seconds) if seconds else "",
        )
    return table
