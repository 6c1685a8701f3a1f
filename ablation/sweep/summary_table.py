"""The table at the end of a sweep."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich.table import Table

from ablation.run.locator import RunLocator
from ablation.rundir.record import COMMAND, RESULT, RunRecord
from ablation.runtime import console
from ablation.runtime.signals import INTERRUPTED
from ablation.sweep import status
from ablation.sweep.status import PlannedRun, Row
from ablation.text import duration


def print_summary(ran: Sequence[PlannedRun], codes: Iterable[Any]) -> int:
    """Print the table. Returns the sweep's exit code, which describes its state even if nothing was left to do."""
    find = RunLocator()
    rows = [status.row(find(cell.config).where if cell.problem else cell.where) for cell in ran]
    console.show(_table(rows))
    for row in rows:
        if row.reason and row.status != "running":
            console.say(f"{row.name} {row.status}: {row.reason}" + (f". Log: {row.log}" if row.log else ""))
    codes = list(codes)
    stopped = [code for code in codes if code in INTERRUPTED]
    if stopped:
        return stopped[0]
    if codes and (set(codes) == {1} or all(row.status == "waiting" for row in rows)):  # nothing was started
        return 1
    return 2 if any(row.status != "completed" for row in rows) else 0


def _table(rows: Sequence[Row]) -> Table:
    if any(row.record is not None and row.record.kind == COMMAND for row in rows):
        return _table_of_programs(rows)
    table = Table("run", "status", box=None, header_style="bold")
    accuracy = "acc" if console.console().width < console.NARROW else "accuracy"
    for column in (f"val {accuracy}", f"test {accuracy}", "time"):
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(row.name, row.status, *_results(row.record))
    return table


def _table_of_programs(rows: Sequence[Row]) -> Table:
    """The runs of programs, with their metric."""
    scores = [(row.record.metrics.scores.get(RESULT) or {}) if row.record is not None else {} for row in rows]
    names = list(dict.fromkeys(name for score in scores for name in score))
    table = Table("run", "status", box=None, header_style="bold")
    for column in (*names, "time"):
        table.add_column(column, justify="right")
    for row, score in zip(rows, scores, strict=True):
        values = [f"{score[name]:.6g}" if name in score else "" for name in names]
        seconds = None if row.record is None else row.record.timings.seconds
        table.add_row(row.name, row.status, *values, duration(seconds) if seconds else "")
    return table


def _results(record: RunRecord | None) -> tuple[str, str, str]:
    """Validation accuracy, test accuracy and time; empty if not available."""
    if record is None:
        return "", "", ""
    seconds = record.timings.seconds
    return (
        _accuracy(record.metrics.value("final", "val_accuracy")),
        _accuracy(record.metrics.value("test", "accuracy")),
        duration(seconds) if seconds else "",
    )


def _accuracy(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
