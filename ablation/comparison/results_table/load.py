"""Read a table of results as an experiment, which is then compared as one of ablate's own runs is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ablation.comparison.experiments.experiment import Experiment, Experiments
from ablation.comparison.reading.load import Loaded
from ablation.comparison.reading.run import OpenMetric
from ablation.comparison.results_table import columns as table_columns
from ablation.comparison.results_table import confounders
from ablation.comparison.results_table.cells import metric_values, names_of, possible_values, seeds_of
from ablation.comparison.results_table.columns import Columns
from ablation.comparison.results_table.formats.exports import is_parent, recognised
from ablation.comparison.results_table.formats.files import read_file
from ablation.comparison.results_table.groups import in_all_blocks
from ablation.comparison.results_table.logs.csv_logs import is_log
from ablation.comparison.results_table.logs.folder import read_logs
from ablation.comparison.results_table.metric_column import open_metric
from ablation.comparison.results_table.options import MEAN, TableOptions
from ablation.comparison.results_table.replicates import one_per_seed
from ablation.comparison.results_table.rows_as_runs import completed_runs, runs_without_result
from ablation.comparison.results_table.sheet import Sheet, concatenated, distinct
from ablation.comparison.results_table.states import COMPLETED, is_completed, state_column, states
from ablation.comparison.results_table.where import Narrowed, narrowed
from ablation.errors import AblateError
from ablation.redaction import printable
from ablation.text import list_with_more, plural

UNPLANNED = "no plan was frozen before these runs"


def load(paths: Sequence[Path], options: TableOptions) -> Experiments:
    """Read results that ablate did not produce as one experiment.

    paths: files, or folders of logs. Raises AblateError if the table is not one run per variant and seed, and if it
    says too little for a comparison.
    """
    sheet, columns = _read(paths, options)
    return Experiments((_experiment(narrowed(sheet, columns, options.where), columns, options),))


def _read(paths: Sequence[Path], options: TableOptions) -> tuple[Sheet, Columns]:
    """The rows, and which of their columns have a role. Of logs, only the series of the metric is kept."""
    folders = [path for path in paths if path.is_dir()]
    if folders and len(folders) < len(paths):
        raise AblateError(
            f"Folders of logs cannot be mixed with files. Received {printable(str(folders[0]))} and "
            f"{plural(len(paths) - len(folders), 'file')}. Allowed: one or the other. Type for example "
            f"ablate-compare {printable(str(folders[0]))}"
        )
    if folders or (len(paths) > 1 and options.variant is None and all(map(is_log, paths))):
        logs = read_logs(paths, options.source)
        columns = table_columns.choose(logs.summary(), options)
        return logs.of_metric(columns.metric), columns
    sheet = concatenated([recognised(read_file(path), options.source) for path in paths])
    return sheet, table_columns.choose(sheet, options)


@dataclass(frozen=True)
class _Rows:
    """The rows of a table, with variants and blocks as texts and seeds as whole numbers.

    completed: one row for each run with a result. others: the rows of runs without one. states: of these.
    """

    completed: Sheet
    others: Sheet
    states: tuple[str, ...]


def _experiment(chosen: Narrowed, columns: Columns, options: TableOptions) -> Experiment:
    sheet = chosen.sheet
    rows = _rows(sheet, columns, options)
    values = list(rows.completed.frame[columns.metric])
    metric = open_metric(rows.completed, columns.metric, values, options)
    variants = distinct([*rows.completed.frame[columns.variant], *rows.others.frame[columns.variant]])
    _refuse_too_little(rows.completed, columns, variants)
    loaded = _loaded(rows, columns, metric)
    return Experiment(
        name=printable(sheet.source),
        runs=loaded,
        everything=loaded,
        least_comparisons=chosen.variants - 1,
        conditions=chosen.words,
        left_out=chosen.left_out,
        unplanned=UNPLANNED,
        block=printable(columns.block or ""),
        notes=(
            *rows.completed.notes,
            *confounders.unequal_seeds(rows.completed, columns),
            *confounders.deaf_to_seeds(rows.completed, columns, values),
            *confounders.equal_variants(rows.completed, columns, values),
            *confounders.sentences(rows.completed, columns),
        ),
    )


def _rows(sheet: Sheet, columns: Columns, options: TableOptions) -> _Rows:
    sheet = replace(sheet, state_column=state_column(sheet, columns))
    sheet = _named(_without_unknown(sheet, columns), columns)
    of_rows = states(sheet, sheet.state_column)
    has_completed = [state == COMPLETED for state in of_rows]
    is_other = _first_of_others(sheet, has_completed)
    completed, others = sheet.only(has_completed), sheet.only(is_other)
    if sheet.is_log:  # most rows of a log have values of other metrics only
        completed = completed.only([cell is not None for cell in completed.frame[columns.metric]])
    if completed.frame.empty:
        raise _nothing_finished(sheet, columns)
    completed = _one_per_seed(completed, columns, options.take)
    without_result = tuple(state for state, is_kept in zip(of_rows, is_other, strict=True) if is_kept)
    return _Rows(in_all_blocks(completed, columns, distinct(others.frame[columns.variant])), others, without_result)


def _one_per_seed(sheet: Sheet, columns: Columns, take: str | None) -> Sheet:
    """The rows that count, with numbers of the metric. Where one of several is taken, the others may have none."""
    if take in (None, MEAN):
        metric_values(sheet, columns.metric)
    cells = sheet.frame[columns.metric]
    known = possible_values(sheet, columns.metric)
    numbers = [cell if math.isnan(number) else number for cell, number in zip(cells, known, strict=True)]
    sheet = replace(sheet, frame=sheet.frame.assign(**{columns.metric: pd.Series(numbers, dtype=object)}))
    sheet = one_per_seed(sheet, columns, take)
    metric_values(sheet, columns.metric)
    return sheet


def _without_unknown(sheet: Sheet, columns: Columns) -> Sheet:
    """The sheet without rows of runs that did not complete and of which variant, seed or block is unknown.

    A run that crashed early has no configuration in an export; a run that only contains others has none either.
    """
    keys = [key for key in columns.all if key != columns.metric]
    is_unknown = sheet.frame[keys].isna().any(axis=1).to_numpy(dtype=bool)
    left_out = is_unknown & (is_parent(sheet) | ~is_completed(sheet))
    if not left_out.any():
        return sheet
    rows = sheet.rows_at(np.flatnonzero(left_out))
    return sheet.only(
        ~left_out,
        f"Note: {plural(int(left_out.sum()), 'row')} without a result and without {' or '.join(map(printable, keys))} "
        f"left out: {rows}.",
    )


def _first_of_others(sheet: Sheet, is_completed: Sequence[bool]) -> list[bool]:
    """Which rows are not completed and the first from their place: a log has a row for each step of a run."""
    places: set[Path] = set()
    is_first = []
    for place, completed in zip(sheet.places, is_completed, strict=True):
        is_first.append(not completed and place not in places)
        if not completed:
            places.add(place)
    return is_first


def _named(sheet: Sheet, columns: Columns) -> Sheet:
    """The sheet with variants and blocks as texts and seeds as whole numbers."""
    seeds, notes = seeds_of(sheet, columns.seed)
    values: dict[str, Sequence[Any]] = {columns.variant: names_of(sheet, columns.variant, "--variant")}
    values[columns.seed] = seeds
    if columns.block is not None:
        values[columns.block] = names_of(sheet, columns.block, "--block")
    frame = sheet.frame.assign(**values).astype(object)
    return replace(sheet, frame=frame, notes=(*sheet.notes, *notes))


def _loaded(rows: _Rows, columns: Columns, metric: OpenMetric) -> Loaded:
    runs = completed_runs(rows.completed, columns, metric)
    ended = {(run.variant, run.block, run.seed) for run in runs}
    without_result = runs_without_result(rows.others, columns, rows.states)
    diverged = [run for run in without_result.diverged if (run.variant, run.block, run.seed) not in ended]
    ended |= {(run.variant, run.block, run.seed) for run in diverged}
    unfinished = [run for run in without_result.unfinished if (run.variant, run.block, run.seed) not in ended]
    everything = [*without_result.diverged, *without_result.unfinished]
    if columns.block is not None:  # one of each seed, which is a replicate whatever the number of its blocks
        diverged = list({(run.variant, run.seed): run for run in reversed(diverged)}.values())[::-1]
    return Loaded(
        runs=runs,
        superseded=[],
        diverged=diverged,
        excluded=[(run.path, run.status) for run in everything],
        unfinished=unfinished,
        without_result=everything,
    )


# ---------------------------------------------------------------- what is refused


def _nothing_finished(sheet: Sheet, columns: Columns) -> AblateError:
    reason = f"without a value in column {printable(columns.metric)}"
    if sheet.state_column is not None:
        written = list_with_more(map(printable, distinct(sheet.frame[sheet.state_column])), 6)
        reason = f"in whose column {printable(sheet.state_column)} all runs are {written}"
    return AblateError(
        f"No run has a result. Received {printable(sheet.source)}, {reason}. Allowed: a table with finished runs. "
        "Export it again when they have ended"
    )


def _refuse_too_little(sheet: Sheet, columns: Columns, variants: Sequence[str]) -> None:
    if len(variants) < 2:
        raise AblateError(
            f"There is only one variant. Received {printable(variants[0])} in every row of column "
            f"{printable(columns.variant)}. Allowed: a column with at least two variants. Type another column after "
            f"--variant, among {sheet.listed_columns()}"
        )
    keys = [columns.variant] + ([columns.block] if columns.block else [])
    if not sheet.frame.duplicated(subset=keys).any():
        raise AblateError(
            f"Every variant has only one seed, so that nothing can be said about chance. Received one row for each of "
            f"{list_with_more(map(printable, variants), 6)}. Allowed: at least 3 seeds of each variant. Run the "
            f"others, or, if {printable(columns.variant)} names single runs, type another column after --variant"
        )
