"""What the table shows, in sentences that claim no more than it does."""

from collections.abc import Sequence

import pandas as pd

from ablation.compare.summary import Metric

FEWEST_SEEDS = 3
LISTED = 6  # names in one sentence; the table has all


def decimals(value: float) -> str:
    """Three decimals; one digit of what would vanish, and few of what is huge."""
    return f"{value:.3f}" if value == 0 or 0.0005 <= abs(value) < 1e4 else f"{value:.1g}"


def count(number: int) -> str:
    """Three digits and a unit: 21.3M."""
    for unit, size in (("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= 0.9995 * size:
            return f"{number / size:#.3g}".rstrip(".") + unit
    return str(number)


def measured(row: pd.Series, column: str) -> str:
    """`0.972 ± 0.004`; the value alone where there is one seed."""
    mean, std = row[f"{column}_mean"], row[f"{column}_std"]
    return f"{mean:.3f}" if pd.isna(std) else f"{mean:.3f} ± {std:.3f}"


def sentences(table: pd.DataFrame, metric: Metric) -> list[str]:
    """table: as `summarise` makes it. Returns the sentences in the order of reading."""
    ranked = table.sort_values(f"{metric.column}_mean", ascending=False, kind="stable")
    best = ranked.iloc[0]
    if len(table) == 1:
        return [f"Nothing to compare {best['variant']} with. Its {_ends(best, metric)}.", _caution(table)]
    return [_highest(ranked, metric), *_close(ranked, metric), _loss(ranked, metric), _caution(table)]


def _highest(ranked: pd.DataFrame, metric: Metric) -> str:
    means = ranked[f"{metric.column}_mean"]
    best, second, last = ranked.iloc[0], ranked.iloc[1], ranked.iloc[-1]
    if means.iloc[0] == means.iloc[1]:
        level = list(ranked["variant"][means == means.iloc[0]])
        return f"{names(level)} end level, highest on {_ends(best, metric)}."
    text = f"{best['variant']} ends highest on {_ends(best, metric)}, {_above(best, second, metric.column)}"
    return f"{text}." if len(ranked) == 2 else f"{text}, the next, and {_above(best, last, metric.column)}, the lowest."


def _ends(row: pd.Series, metric: Metric) -> str:
    return f"{metric.name}: {measured(row, metric.column)} ({_seeds(row['n'])})"


def _above(best: pd.Series, other: pd.Series, column: str) -> str:
    gap = best[f"{column}_mean"] - other[f"{column}_mean"]
    return f"{decimals(gap)} above {other['variant']} ({measured(other, column)})"


def _close(ranked: pd.DataFrame, metric: Metric) -> list[str]:
    """Say so where the lead is smaller than what a seed alone moves."""
    means, stds = (ranked[f"{metric.column}_{kind}"].iloc[:2] for kind in ("mean", "std"))
    if not 0 < means.iloc[0] - means.iloc[1] < stds.max():
        return []
    return [f"Its lead over {ranked['variant'].iloc[1]} is smaller than one standard deviation over seeds."]


def _loss(ranked: pd.DataFrame, metric: Metric) -> str:
    losses, means = ranked["loss_final_mean"], ranked[f"{metric.column}_mean"]
    lowest, best = (list(ranked["variant"][chosen]) for chosen in (losses == losses.min(), means == means.iloc[0]))
    least = decimals(losses.min())
    if set(lowest).isdisjoint(best):
        own = f"{best[0]} has {decimals(losses.iloc[0])}"
        return f"Training loss disagrees: in the last epoch it is lowest for {names(lowest)}, {least}; {own}."
    agrees = "Training loss agrees" if lowest == best else "Training loss does not tell them apart"
    return f"{agrees}: in the last epoch it is lowest for {names(lowest)}, {least}."


def _caution(table: pd.DataFrame) -> str:
    few = table[table["n"] < FEWEST_SEEDS]
    if few.empty:
        return "This describes these runs; it is no test of significance."
    counts = [f"{variant} has {n}" for variant, n in zip(few["variant"], few["n"], strict=True)]
    return f"Too few seeds to tell: {names(counts)}. Run at least {FEWEST_SEEDS} of each, for example seed=0,1,2."


def _seeds(n: int) -> str:
    return "1 seed" if n == 1 else f"{n} seeds"


def names(items: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`; of many the first ones and how many more."""
    shown = list(items) if len(items) <= LISTED else [*items[: LISTED - 1], f"{len(items) - LISTED + 1} more"]
    *first, last = shown
    return f"{', '.join(first)} and {last}" if first else last
