"""The rows of a table by variant, seed and block."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pandas as pd

from ablation.comparison.results_table.columns import Columns
from ablation.comparison.results_table.sheet import Sheet, distinct, text_of
from ablation.errors import AblateError
from ablation.redaction import printable
from ablation.text import list_with_more, plural


@dataclass(frozen=True)
class Group:
    """Rows with one variant, seed and block. names: them in words."""

    names: str
    positions: tuple[int, ...]


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


def varying_columns(sheet: Sheet, columns: Columns, groups: Sequence[Group]) -> list[str]:
    """The columns whose values differ within a group, without the metric."""
    names = [column for column in sheet.columns if column != columns.metric]
    return [column for column in names if any(len(own_values(sheet, column, group)) > 1 for group in groups)]


def own_values(sheet: Sheet, column: str, group: Group) -> list[str]:
    """The different values of a column in a group."""
    return distinct(sheet.frame[column].iloc[list(group.positions)])


def numbers_rows(sheet: Sheet, column: str, groups: Sequence[Group]) -> bool:
    """Return whether every row of each group has a value of its own in a column."""
    return all(len(own_values(sheet, column, group)) == len(group.positions) for group in groups)


def in_all_blocks(sheet: Sheet, columns: Columns, with_failed: Collection[str] = ()) -> Sheet:
    """The sheet without the seeds that lack a block.

    with_failed: the variants with runs that have no result, which explain why no seed may have all blocks. Raises
    AblateError for another variant of which no seed has them all, unless it lacks a whole block.
    """
    if columns.block is None:
        return sheet
    frame, block = sheet.frame, columns.block
    by_seed = frame.groupby([columns.variant, columns.seed], sort=False)[block].transform("nunique")
    is_complete = by_seed == frame[block].nunique()
    has_complete = is_complete.groupby(frame[columns.variant]).transform("any")
    is_excused = frame[columns.variant].isin(list(with_failed))
    _refuse_disjoint_seeds(frame[~has_complete & ~is_excused], columns, frame[block].nunique())
    is_kept = is_complete | (~has_complete & ~is_excused)
    left_out = frame[~is_kept]
    if left_out.empty:
        return sheet
    seeds = left_out[[columns.seed, columns.variant]].drop_duplicates()
    listed = list_with_more([f"seed {seed} of {printable(name)}" for seed, name in seeds.itertuples(index=False)], 6)
    one = len(left_out) == 1
    return sheet.only(
        is_kept.to_numpy(),
        f"Note: {plural(len(left_out), 'run')} {'is' if one else 'are'} left out, because {'its' if one else 'their'} "
        f"seed has no run in every block: {listed}.",
    )


def _refuse_disjoint_seeds(frame: pd.DataFrame, columns: Columns, blocks: int) -> None:
    """Refuse variants that have every block, but no seed in all of them. blocks: their number."""
    for variant, rows in frame.groupby(columns.variant, sort=False):
        counts = rows.groupby(columns.block)[columns.seed].agg(lambda seeds: list_with_more(sorted(set(seeds)), 6))
        if len(counts) < blocks:  # a whole block is missing, which is said where all variants are known
            continue
        received = [f"{printable(str(block))}: {seeds}" for block, seeds in counts.items()]
        raise AblateError(
            f"A seed is compared by its mean over the blocks. Received {printable(str(variant))} without a seed that "
            f"has a run in every block ({list_with_more(received, 4)}). Allowed: the same seeds in every block. Number "
            f"the runs of each block alike in column {printable(columns.seed)}, from 0, if they are separate runs"
        )
