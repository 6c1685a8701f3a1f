"""The page's forest plot, and the numbers behind each verdict."""

from dataclasses import dataclass

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.html.charts.interval_bars import IntervalBars, forest_bars
from ablation.report.html.verdict_numbers import VerdictNumbers, verdict_numbers
from ablation.report.plots.forest_data import ForestPlot
from ablation.report.tables.table import Table
from ablation.report.wording.verdict_text import test_name
from ablation.text import capitalized, list_with_more, plural


@dataclass(frozen=True)
class DifferencesSection:
    """The forest plot, and the numbers behind each verdict. note: the caption."""

    note: str
    bars: IntervalBars
    numbers: tuple[VerdictNumbers, ...]
    numbers_title: str
    numbers_note: str


def differences_section(comparison: Comparison, table: Table, plot: ForestPlot | None) -> DifferencesSection | None:
    """Build the section; None where nothing is compared."""
    if plot is None:
        return None
    metric = capitalized(comparison.metric.name)
    return DifferencesSection(
        note=" ".join([*plot.disclosures, f"{metric} of the variant minus that of {plot.reference}.", *plot.notes]),
        bars=forest_bars(plot),
        numbers=verdict_numbers(comparison, table),
        numbers_title=_numbers_title(comparison),
        numbers_note=_numbers_note(comparison, table),
    )


def _numbers_title(comparison: Comparison) -> str:
    return "The numbers of each difference" if comparison.effects_only else "The numbers behind each verdict"


def _numbers_note(comparison: Comparison, table: Table) -> str:
    if comparison.effects_only:
        return "None of these is a verdict: individual differences are not tested, only effects."
    test = test_name(comparison).replace("Paired", "paired", 1)
    rule = f"Verdict: {test}, two-sided"
    if comparison.comparisons > 1:
        rule += f", with Holm's correction over {plural(comparison.comparisons, 'comparison')}"
    if comparison.max_seeds:
        rule += "; p at each look is compared with the nominal level of that look"
    titles = [column.title for column in table.variants.columns if column.supplementary]
    if not titles:
        return f"{rule}."
    return f"{rule}. Supplementary, never changing the verdict: {list_with_more(titles)}."
