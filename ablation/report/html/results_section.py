"""The page's table of results, and what its caption says."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.html.rows import table_columns, table_row
from ablation.report.wording import threshold_text
from ablation.text import capitalized


@dataclass(frozen=True)
class ResultsSection:
    """rows: one for each variant, in the comparison's order. columns: which of them there are, and their titles."""

    metric: str
    caption: str
    columns: dict[str, Any]
    rows: tuple[dict[str, Any], ...]


def results_section(comparison: Comparison) -> ResultsSection:
    rows = tuple(table_row(comparison, place, variant) for place, variant in enumerate(comparison.variants))
    columns = table_columns(comparison)
    return ResultsSection(
        metric=capitalized(comparison.metric.name),
        caption=" ".join(_caption(comparison, columns, rows)),
        columns=columns,
        rows=rows,
    )


def _caption(comparison: Comparison, columns: dict[str, Any], rows: Sequence[dict[str, Any]]) -> list[str]:
    better = "higher" if comparison.metric.higher else "lower"
    measure = f"{better} is better"
    if any(row["half"] for row in rows):
        measure = f"mean ± half-width of the 95 % CI over seeds; {measure}"
    sentences = [f"{capitalized(comparison.metric.name)}: {measure}."]
    if columns["difference"]:
        reference = comparison.baseline
        if columns["against"] or not reference:
            reference = "the variant named beside it"
        sentences.append(f"Difference: from {reference}, with Welch’s 95 % CI.")
    if columns["normal"]:
        sentences.append(_assumption(columns["normal"]))
    if comparison.threshold is not None:
        sentences.append(threshold_text.told(comparison.threshold))
    return sentences


def _assumption(which: str) -> str:
    """which: `all` or `some` verdicts."""
    verdicts = "Verdicts" if which == "all" else "Some verdicts"
    return f"{verdicts} assume normally distributed seed noise."
