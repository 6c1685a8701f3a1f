"""The page's forest plot, and the numbers behind each verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.html.forest_bars import LONG, ForestBars, forest_bars
from ablation.report.html.rows import NUMBERS
from ablation.report.plots.plot_data import ForestPlot
from ablation.text import capitalized


@dataclass(frozen=True)
class DifferencesSection:
    """note: the caption. rows: those that have a bar. numbers: key and title of the columns behind each verdict.

    axis_on_top: whether there are so many rows that the axis stands above them too.
    """

    note: str
    bars: ForestBars
    rows: tuple[dict[str, Any], ...]
    axis_on_top: bool
    numbers: tuple[tuple[str, str], ...]
    numbers_title: str
    numbers_note: str


def differences_section(
    comparison: Comparison, plot: ForestPlot | None, rows: Sequence[dict[str, Any]]
) -> DifferencesSection | None:
    """rows: of the table of results. None where nothing is compared."""
    if plot is None:
        return None
    bars = forest_bars(plot)
    metric = capitalized(comparison.metric.name)
    numbers = []
    for key, title in NUMBERS:
        if any(row["beside"] and row["beside"][key] for row in rows):
            numbers.append((key, title))
    return DifferencesSection(
        note=" ".join([f"{metric} of the variant minus that of {plot.reference}.", *plot.notes]),
        bars=bars,
        rows=tuple(row for row in rows if row["index"] in bars.bars),
        axis_on_top=len(bars.bars) > LONG,
        numbers=tuple(numbers),
        numbers_title=_numbers_title(comparison),
        numbers_note=_numbers_note(comparison),
    )


def _numbers_title(comparison: Comparison) -> str:
    return "The numbers of each difference" if comparison.effects_only else "The numbers behind each verdict"


def _numbers_note(comparison: Comparison) -> str:
    if comparison.effects_only:
        return "None of these is a verdict: no difference is judged by itself."
    rule = "Verdict: Welch’s t-test over seeds, two-sided, with Holm’s correction over the comparisons"
    if comparison.max_seeds:
        rule += ", at levels that hold over all interim analyses; the p values here take no account of them"
    return f"{rule}. The other columns are supplementary and never change the verdict."
