"""One row for each variant and seed: copies count once, and series of epochs are reduced as the user says."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ablation.comparison.results_table import words
from ablation.comparison.results_table.columns import Columns
from ablation.comparison.results_table.options import LAST, MAX, MEAN, MIN
from ablation.comparison.results_table.sheet import MOST_LISTED, Sheet, distinct, text_of
from ablation.errors import AblateError
from ablation.redaction import printable
from ablation.text import list_with_more, plural

MOST_BLOCKS = 20  # values of a column that is proposed as the block


@dataclass(frozen=True)
class Group:
    """Rows with one variant, seed and block. names: them in words."""

    names: str
    positions: tuple[int, ...]


def one_per_seed(sheet: Sheet, columns: Columns, take: str | None) -> Sheet:
    """The sheet with one row for each variant, seed and block.

    take: which of several rows of a run counts. Raises AblateError for several rows without `take`, naming the column
    by which they differ, and for several runs of one seed.
    """
    sheet = _without_copies(sheet)
    groups = [group for group in grouped(sheet, columns) if len(group.positions) > 1]
    if not groups:
        return sheet
    _refuse_several_runs(sheet, columns, groups)
    varying = _varying(sheet, columns, groups[0])
    folds = [column for column in varying if words.is_fold(column)]
    if folds and take != MEAN:
        raise _folds(sheet, folds[0], groups, take)
    if take is None:
        raise _several_rows(sheet, columns, groups, varying)
    notes = []
    if folds:
        notes.append(
            f"Note: each value is the mean over {printable(folds[0])}. Folds overlap in their training sets, so they "
            "do not count as seeds."
        )
    if take in (MAX, MIN):
        notes.append(
            f"Note: the {take} of a run was chosen by the metric itself, so that each value is on the optimistic or "
            "pessimistic side of what a new evaluation would give."
        )
    steps = [column for column in varying if words.is_step(column)]
    step = sheet.step_column or (steps[0] if steps else None)
    if take == LAST and step is not None:
        notes += _different_ends(sheet, columns, step)
    return _taken(sheet, columns, take, step, notes)


def grouped(sheet: Sheet, columns: Columns) -> list[Group]:
    """The rows by variant, seed and block, in the order of their first rows."""
    keys = [columns.variant, columns.seed] + ([columns.block] if columns.block else [])
    positions: dict[tuple[str, ...], list[int]] = {}
    texts = zip(*(map(text_of, sheet.frame[key]) for key in keys), strict=True)
    for position, values in enumerate(texts):
        positions.setdefault(values, []).append(position)
    groups = []
    for values, own in positions.items():
        names = [f"{printable(key)} {printable(value)}" for key, value in zip(keys, values, strict=True)]
        groups.append(Group(list_with_more(names), tuple(own)))
    return groups


def in_all_blocks(sheet: Sheet, columns: Columns) -> Sheet:
    """The sheet without the seeds that lack a block, of variants for which others have them all."""
    if columns.block is None:
        return sheet
    frame, block = sheet.frame, columns.block
    by_seed = frame.groupby([columns.variant, columns.seed], sort=False)[block].transform("nunique")
    is_complete = by_seed == frame[block].nunique()
    has_complete = is_complete.groupby(frame[columns.variant]).transform("any")
    _refuse_disjoint_seeds(frame[~has_complete], columns)
    left_out = frame[has_complete & ~is_complete]
    if left_out.empty:
        return sheet
    seeds = left_out[[columns.seed, columns.variant]].drop_duplicates()
    listed = list_with_more([f"seed {seed} of {printable(name)}" for seed, name in seeds.itertuples(index=False)], 6)
    one = len(left_out) == 1
    return sheet.only(
        (is_complete | ~has_complete).to_numpy(),
        f"Note: {plural(len(left_out), 'run')} {'is' if one else 'are'} left out, because {'its' if one else 'their'} "
        f"seed has no run in every block: {listed}.",
    )


def _refuse_disjoint_seeds(frame: pd.DataFrame, columns: Columns) -> None:
    """Refuse variants that have every block, but no seed in all of them; whole blocks may be missing otherwise."""
    for variant, rows in frame.groupby(columns.variant, sort=False):
        counts = rows.groupby(columns.block)[columns.seed].agg(lambda seeds: list_with_more(sorted(set(seeds)), 6))
        if len(counts) < 2:
            continue
        received = [f"{printable(str(block))}: {seeds}" for block, seeds in counts.items()]
        raise AblateError(
            f"A seed is compared by its mean over the blocks. Received {printable(str(variant))} without a seed that "
            f"has a run in every block ({list_with_more(received, 4)}). Allowed: the same seeds in every block. Number "
            f"the runs of each block alike in column {printable(columns.seed)}, from 0, if they are separate runs"
        )


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


def _varying(sheet: Sheet, columns: Columns, group: Group) -> list[str]:
    """The columns whose values differ within a group, without the metric."""
    rows = sheet.frame.iloc[list(group.positions)]
    names = [column for column in sheet.columns if column != columns.metric]
    return [column for column in names if len(distinct(rows[column])) > 1]


# ---------------------------------------------------------------- what is refused


def _refuse_several_runs(sheet: Sheet, columns: Columns, groups: Sequence[Group]) -> None:
    """Refuse groups with rows of several runs, such as a run that crashed and the one that resumed it."""
    column = sheet.run_column
    if column is None or column in columns.all:
        return
    for group in groups:
        runs = distinct(sheet.frame[column].iloc[list(group.positions)])
        if len(runs) > 1:
            raise AblateError(
                f"Several runs have one seed, as after a resume or a rerun. Received {len(runs)} runs for "
                f"{group.names}: {list_with_more(map(printable, runs), MOST_LISTED)} (column {printable(column)}). "
                "Allowed: one run for each variant and seed. Leave out all but the last, or, if they are repetitions, "
                f"type a column that numbers them, for example --seed {printable(column)}"
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
        remedy = f"one row for each variant and seed. {_proposal(sheet, columns, varying)}"
    more = f", and {plural(len(groups) - 1, 'more group')} of rows like these" if len(groups) > 1 else ""
    return AblateError(
        f"A variant and seed has several rows. Received {_rows(sheet, groups[0])}{more}, {text}. Allowed: {remedy}"
    )


def _rows(sheet: Sheet, group: Group) -> str:
    return f"{len(group.positions):,} rows for {group.names} ({sheet.rows_at(group.positions)})"


def _proposal(sheet: Sheet, columns: Columns, varying: Sequence[str]) -> str:
    """The option that makes rows unique: a column of data sets, or one that counts repetitions."""
    for column in varying:
        named = words.words_of(column)
        if named & words.BLOCKS and columns.block is None and len(distinct(sheet.frame[column])) <= MOST_BLOCKS:
            return f"For several data sets, type --block {printable(column)}"
    for column in varying:
        named = words.words_of(column)
        if named & words.REPLICATES and _is_unique(sheet, (columns.variant, column, columns.block)):
            return f"If {printable(column)} numbers the repetitions, type --seed {printable(column)}"
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


def _taken(sheet: Sheet, columns: Columns, take: str, step: str | None, notes: Sequence[str]) -> Sheet:
    """One row for each group: the row that is taken, or the last one with the mean of all.

    step: the column that orders the rows of a run; without one, they are in the order of the file.
    """
    frame = sheet.frame.copy()
    kept = np.zeros(len(frame), dtype=bool)
    values = pd.to_numeric(frame[columns.metric]).to_numpy(dtype=float)
    order = None if step is None else pd.to_numeric(frame[step], errors="coerce").to_numpy(dtype=float)
    for group in grouped(sheet, columns):
        own = np.array(group.positions)
        chosen = _chosen(values[own], None if order is None else order[own], take)
        kept[own[chosen]] = True
        if take == MEAN:
            frame.loc[own[chosen], columns.metric] = float(values[own].mean())
    return replace(sheet, frame=frame, step_column=step).only(kept, *notes)


def _chosen(values: np.ndarray, order: np.ndarray | None, take: str) -> int:
    """The position of the row that is taken; of equal ones the last, or the first of equal extremes."""
    if take == MAX:
        return int(values.argmax())
    if take == MIN:
        return int(values.argmin())
    if take == LAST and order is not None and np.isfinite(order).all():
        return int(np.flatnonzero(order == order.max())[-1])
    return len(values) - 1
