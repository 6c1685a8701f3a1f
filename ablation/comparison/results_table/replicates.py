"""One row for each variant and seed: copies count once, and series of epochs are reduced as the user says."""

from collections.abc import Sequence
from dataclasses import replace
from shlex import quote

import numpy as np
import pandas as pd

from ablation.comparison.results_table import words
from ablation.comparison.results_table.columns import Columns
from ablation.comparison.results_table.groups import Group, grouped, numbers_rows, own_values, varying_columns
from ablation.comparison.results_table.options import LAST, MAX, MEAN, MIN
from ablation.comparison.results_table.sheet import MOST_LISTED, Sheet, distinct, text_of
from ablation.errors import AblateError
from ablation.redaction import printable
from ablation.text import list_with_more, plural

MOST_BLOCKS = 20  # values of a column that is proposed as the block


def one_per_seed(sheet: Sheet, columns: Columns, take: str | None) -> Sheet:
    """The sheet with one row for each variant, seed and block.

    take: which of several rows of a run counts. Raises AblateError for several rows without `take`, naming the column
    by which they differ, and for several runs of one seed.
    """
    sheet = _without_copies(sheet)
    whole = grouped(sheet, columns)
    groups = [group for group in whole if len(group.positions) > 1]
    if not groups:
        _refuse_hidden(sheet, columns)
        return sheet
    varying = varying_columns(sheet, columns, groups)
    _refuse_several_runs(sheet, columns, groups, varying)
    folds = [column for column in varying if words.is_fold(column)]
    if folds and take != MEAN:
        raise _folds(sheet, folds[0], groups, take)
    indexes = _indexes(sheet, columns, groups, varying)
    has_steps = sheet.step_column is not None or any(map(words.is_step, varying))
    if take is None or (take == LAST and indexes and not has_steps):
        raise _several_rows(sheet, columns, groups, varying)
    steps = [sheet.step_column] if sheet.step_column else _in_order(sheet, groups, varying)
    notes = []
    if take == MEAN:
        notes += _of_mean(sheet, whole, folds)
    if take in (MAX, MIN):
        notes.append(
            f"Note: the {take} of a run was chosen by the metric itself, so that each value is on the optimistic or "
            "pessimistic side of what a new evaluation would give."
        )
    if take == LAST and steps:
        notes += _different_ends(sheet, columns, steps[0])
    return _taken(sheet, columns, take, steps, notes)


def _without_copies(sheet: Sheet) -> Sheet:
    """Rows that equal an earlier one in every column count once."""
    if sheet.is_log:
        return sheet
    is_copy = sheet.frame.map(text_of).duplicated().to_numpy()
    if not is_copy.any():
        return sheet
    rows = sheet.rows_at(np.flatnonzero(is_copy))
    count = plural(int(is_copy.sum()), "copy").replace("copys", "copies")
    return sheet.only(~is_copy, f"Note: {count} of other rows count once: {rows}.")


def _in_order(sheet: Sheet, groups: Sequence[Group], varying: Sequence[str]) -> list[str]:
    """The columns that order the rows of a run: one in which each row has its own step, or epochs before iterations."""
    steps = [column for column in varying if words.is_step(column)]
    whole = [column for column in steps if numbers_rows(sheet, column, groups)]
    epochs_first = sorted(steps, key=lambda column: "epoch" not in words.words_of(column))
    return whole[:1] or epochs_first


# ---------------------------------------------------------------- what is refused


def _refuse_several_runs(sheet: Sheet, columns: Columns, groups: Sequence[Group], varying: Sequence[str]) -> None:
    """Refuse groups with rows of several runs, such as a run that crashed and the one that resumed it."""
    for column in _identities(sheet, columns, groups, varying):
        for group in groups:
            runs = own_values(sheet, column, group)
            if len(runs) > 1:
                raise AblateError(
                    f"Several runs have one seed, as after a resume or a rerun. Received {len(runs)} runs for "
                    f"{group.names}: {list_with_more(map(printable, runs), MOST_LISTED)} (column {printable(column)}). "
                    "Allowed: one run for each variant and seed. Leave out all but the last, or, if they are "
                    "repetitions, give each a seed of its own in a column and type --seed COLUMN"
                )


def _identities(sheet: Sheet, columns: Columns, groups: Sequence[Group], varying: Sequence[str]) -> list[str]:
    """The columns that name the run of a row; none where the rows differ in a fold, a data set or a setting."""
    if _indexes(sheet, columns, groups, varying):
        return []
    if sheet.run_column is not None:
        return [] if sheet.run_column in columns.all else [sheet.run_column]
    found = [column for column in varying if column not in columns.all and words.is_identity(column)]
    return [column for column in found if not _counts_rows(sheet, column)]


def _indexes(sheet: Sheet, columns: Columns, groups: Sequence[Group], varying: Sequence[str]) -> list[str]:
    """The columns in which each row of a run has a value of its own that rows of other runs have too."""
    found = []
    for column in varying:
        if column in (*columns.all, sheet.run_column) or not numbers_rows(sheet, column, groups):
            continue
        shared = set.intersection(*(set(own_values(sheet, column, group)) for group in groups))
        several = len(groups) > 1 and bool(shared)
        if several or words.is_step(column):
            found.append(column)
    return found


def _counts_rows(sheet: Sheet, column: str) -> bool:
    """Return whether a column has a whole number of its own in each row, as a row number has."""
    texts = [text_of(cell) for cell in sheet.frame[column]]
    return all(text.isdigit() for text in texts) and len(set(texts)) == len(texts)


def _refuse_hidden(sheet: Sheet, columns: Columns) -> None:
    """Refuse epochs or folds of one run that another column numbers: each variant then has the same of them once."""
    _refuse_crossed_folds(sheet, columns)
    if "seed" in words.words_of(columns.seed):
        return  # a seed may have a fold or a split of its own
    for column in sheet.columns:
        if column in columns.all or not (words.is_step(column) or words.is_fold(column)):
            continue
        sets: dict[tuple[str, ...], list[str]] = {}
        keys = [columns.variant] + ([columns.block] if columns.block else [])
        texts = zip(*(map(text_of, sheet.frame[key]) for key in keys), strict=True)
        for key, cell in zip(texts, sheet.frame[column], strict=True):
            sets.setdefault(key, []).append(text_of(cell))
        first = set(next(iter(sets.values())))
        if len(first) > 1 and all(len(own) == len(set(own)) and set(own) == first for own in sets.values()):
            kind = "folds" if words.is_fold(column) else "steps of one run"
            raise AblateError(
                f"Each variant has one row for each {printable(column)}, so its rows are {kind}, not several runs. "
                f"Received --seed {printable(columns.seed)}, which numbers the rows of each variant. Allowed: several "
                f"seeds, each with one value. Type another column after --seed, or, if {printable(column)} has another "
                "meaning, leave it out of the table"
            )


def _refuse_crossed_folds(sheet: Sheet, columns: Columns) -> None:
    """Refuse a seed column that numbers what another one calls folds, steps or data sets of one seed."""
    for seed in sheet.columns:
        if seed in columns.all or "seed" not in words.words_of(seed):
            continue
        groups = [group for group in grouped(sheet, replace(columns, seed=seed)) if len(group.positions) > 1]
        for column in varying_columns(sheet, columns, groups) if groups else ():
            is_index = words.is_fold(column) or words.is_step(column) or bool(words.words_of(column) & words.BLOCKS)
            if column not in columns.all and is_index and numbers_rows(sheet, column, groups):
                raise AblateError(
                    f"The rows of one {printable(seed)} are no runs of their own: they differ in {printable(column)}. "
                    f"Received --seed {printable(columns.seed)}, and {_rows(sheet, groups[0])}. Allowed: "
                    f"{printable(seed)} as the seed. Type --seed {quote(printable(seed))}, and --take mean or --block "
                    f"{quote(printable(column))}"
                )


def _folds(sheet: Sheet, column: str, groups: Sequence[Group], take: str | None) -> AblateError:
    taken = "" if take is None else f" with --take {take}"
    return AblateError(
        f"Folds are not seeds: their training sets overlap, so that every test would be too sure. Received "
        f"{_rows(sheet, groups[0])}{taken}, which differ in {printable(column)}. Allowed: the mean over the folds of "
        "each run as its value, over several seeds. Type for example --take mean"
    )


def _several_rows(sheet: Sheet, columns: Columns, groups: Sequence[Group], varying: Sequence[str]) -> AblateError:
    steps = [column for column in varying if words.is_step(column)]
    if steps:
        text = f"which differ in {printable(steps[0])}: they are steps of one run, not several runs"
        remedy = "the value of one step for each run. Type for example --take last"
    else:
        differing = list_with_more(map(printable, varying), MOST_LISTED)
        text = f"which differ in {differing}" if varying else f"which differ in nothing but {printable(columns.metric)}"
        remedy = f"one row for each variant and seed. {_proposal(sheet, columns, groups, varying)}"
    more = f", and {plural(len(groups) - 1, 'more group')} of rows like these" if len(groups) > 1 else ""
    return AblateError(
        f"A variant and seed has several rows. Received {_rows(sheet, groups[0])}{more}, {text}. Allowed: {remedy}"
    )


def _rows(sheet: Sheet, group: Group) -> str:
    return f"{len(group.positions):,} rows for {group.names} ({sheet.rows_at(group.positions)})"


def _proposal(sheet: Sheet, columns: Columns, groups: Sequence[Group], varying: Sequence[str]) -> str:
    """The option that makes rows unique: a column of data sets, or one that counts repetitions."""
    for column in varying:
        named = words.words_of(column)
        if named & words.BLOCKS and columns.block is None and len(distinct(sheet.frame[column])) <= MOST_BLOCKS:
            return f"For several data sets, type --block {printable(column)}"
    for column in varying:
        named = words.words_of(column) - words.IDENTITIES
        if (
            named & words.REPLICATES
            and not words.is_identity(column)
            and _is_unique(sheet, (columns.variant, column, columns.block))
        ):
            return f"If {printable(column)} numbers the repetitions, type --seed {printable(column)}"
    for column in _indexes(
        sheet, columns, [group for group in grouped(sheet, columns) if len(group.positions) > 1], varying
    ):
        values = distinct(sheet.frame[column])
        if len(values) <= MOST_BLOCKS:
            example = quote(f"{printable(column)}={printable(values[0])}")
            return f"To compare with one value of {printable(column)}, type for example --where {example}"
    return "Leave out the rows that do not count, or type for example --take last, mean, max or min"


def _is_unique(sheet: Sheet, columns: Sequence[str | None]) -> bool:
    names = [column for column in columns if column is not None]
    return not sheet.frame[names].map(text_of).duplicated().any()


# ---------------------------------------------------------------- reducing


def _different_ends(sheet: Sheet, columns: Columns, step: str) -> list[str]:
    """A sentence on runs that end before the others, as a killed run does, so that their last value is an early one."""
    order = pd.to_numeric(sheet.frame[step], errors="coerce")
    last = {group.names: float(order.iloc[list(group.positions)].max()) for group in grouped(sheet, columns)}
    longest = max(last.values())
    shorter = [f"{names} at {end:g}" for names, end in last.items() if end < longest]
    if not shorter:
        return []
    listed = list_with_more(shorter, MOST_LISTED, "; ")
    return [f"Note: runs end at different values of {printable(step)}, the longest at {longest:g}: {listed}."]


def _of_mean(sheet: Sheet, groups: Sequence[Group], folds: Sequence[str]) -> list[str]:
    """A sentence on what each mean is over. Raises AblateError if it is not over the same for all runs."""
    several = [group for group in groups if len(group.positions) > 1]
    most = max(len(group.positions) for group in several)
    indexes = []
    for column in sheet.columns:
        values = distinct(sheet.frame[column])
        if 1 < len(values) <= 2 * most and numbers_rows(sheet, column, groups):
            indexes.append(column)
            _require_all_values(sheet, column, groups)
    if not indexes:
        fewest = min(groups, key=lambda group: len(group.positions))
        if len(fewest.positions) < most:
            raise AblateError(
                f"A mean is of the same rows for every run. Received {_rows(sheet, fewest)}, and {most} for others. "
                "Allowed: the same number of rows for each variant and seed. Type the others into the file, or type "
                "--take last, max or min"
            )
        return []
    listed = list_with_more(map(printable, folds or indexes))
    text = f"Note: each value is the mean over {listed}."
    return [f"{text} Folds overlap in their training sets, so they do not count as seeds." if folds else text]


def _require_all_values(sheet: Sheet, column: str, groups: Sequence[Group]) -> None:
    """Raise AblateError if a group lacks a value of a column that others have."""
    values = distinct(sheet.frame[column])
    for group in groups:
        own = own_values(sheet, column, group)
        missing = [value for value in values if value not in own]
        if missing:
            raise AblateError(
                f"A mean is over the same rows for every run. Received {group.names} without {printable(column)} "
                f"{list_with_more(map(printable, missing), MOST_LISTED)}, which others have. Allowed: the same values "
                f"of {printable(column)} for each variant and seed. Type the missing rows into the file, or leave the "
                f"others out, for example --where {quote(f'{printable(column)}={printable(own[0])}')}"
            )


def _taken(sheet: Sheet, columns: Columns, take: str, steps: Sequence[str], notes: Sequence[str]) -> Sheet:
    """One row for each group: the row that is taken, or the last one with the mean of all.

    steps: the columns that order the rows of a run; without one, they are in the order of the file.
    """
    frame = sheet.frame.copy()
    kept = np.zeros(len(frame), dtype=bool)
    values = pd.to_numeric(frame[columns.metric], errors="coerce").to_numpy(dtype=float)
    orders = [pd.to_numeric(frame[step], errors="coerce").to_numpy(dtype=float) for step in reversed(steps)]
    rank = np.arange(len(frame))
    if orders and np.isfinite(orders).all():
        rank[np.lexsort([np.arange(len(frame)), *orders])] = np.arange(len(frame))
    for group in grouped(sheet, columns):
        own = np.array(group.positions)
        chosen = _chosen(values[own], rank[own], take)
        kept[own[chosen]] = True
        if take == MEAN:
            frame.loc[own[chosen], columns.metric] = float(values[own].mean())
    return replace(sheet, frame=frame, step_column=steps[0] if steps else None).only(kept, *notes)


def _chosen(values: np.ndarray, rank: np.ndarray, take: str) -> int:
    """The position of the row that is taken: the last one, or the first of equal extremes, whatever is no number."""
    if take in (MAX, MIN) and not np.isnan(values).all():
        return int(np.nanargmax(values) if take == MAX else np.nanargmin(values))
    return int(rank.argmax())
