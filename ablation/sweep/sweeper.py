"""Expand, check, launch, tell. The table is built from the run directories, so it is right under any launcher."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.plugins import Plugins
from rich.table import Table

from ablation import cli, progress, run, rundir
from ablation.errors import AblateError
from ablation.job import Job


@dataclass(frozen=True)
class Cell:
    """One run of a sweep."""

    overrides: tuple[str, ...]
    job: Job
    where: run.Place


def sweep(context, task, config, arguments: list[str]) -> None:
    """Run every combination of the overrides once. Raises AblateError before the first run if any cell is wrong."""
    parsed = OverridesParser.create(config_loader=context.config_loader).parse_overrides(arguments)
    grid = BasicSweeper.split_arguments(parsed, max_batch_size=None)[0]
    cells = _distinct([_cell(context, config, overrides) for overrides in grid])
    done = sum(run.finished(cell.where) is not None for cell in cells)
    progress.say(f"{len(cells)} runs" + (f", {done} of them done already" if done else ""))
    launcher = Plugins.instance().instantiate_launcher(hydra_context=context, task_function=task, config=config)
    returns = launcher.launch([cell.overrides for cell in cells], initial_job_idx=0)
    codes = [r._return_value if isinstance(r._return_value, int) else 2 for r in returns]
    records = [_record(cell.where) for cell in cells]
    progress.console().print(_table(cells, records))
    stopped = [code for code in codes if code in (130, 143)]
    failed = any(record.get("status") != "completed" for record in records)
    cli.report(stopped[0] if stopped else 2 if failed else 0)


def _cell(context, config, overrides: Sequence[str]) -> Cell:
    job = cell_job(context, config, overrides)
    return Cell(tuple(overrides), job, run.place(job))


def cell_job(context, config, overrides: Sequence[str]) -> Job:
    """Compose one cell as Hydra's launchers do."""
    try:
        return cli.job(context.config_loader.load_sweep_config(config, list(overrides)), overrides)
    except AblateError as error:
        error.args = (f"{error} (in the cell {' '.join(overrides)}; nothing was started)",)
        raise


def _distinct(cells: list[Cell]) -> list[Cell]:
    """Two cells of one identity are one run."""
    distinct = {cell.where.identity: cell for cell in cells}
    if len(distinct) < len(cells):
        progress.say(f"{len(cells)} combinations are {len(distinct)} distinct runs; each runs once")
    return list(distinct.values())


def _record(where: run.Place) -> dict[str, Any]:
    try:
        return rundir.read_record(where.last)
    except rundir.Unreadable:
        return {"status": "not started", "metrics": {}, "timings": None}


def _table(cells: list[Cell], records: list[dict[str, Any]]) -> Table:
    table = Table("run", "status", box=None, header_style="bold")
    for column in ("val accuracy", "test accuracy", "time"):
        table.add_column(column, justify="right")
    for cell, record in zip(cells, records, strict=True):
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
