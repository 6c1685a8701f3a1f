"""The page's learning curves, with their legend and caption."""

from collections.abc import Sequence
from dataclasses import dataclass

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.html.curve_paths import Chart, charts
from ablation.report.html.variant_selection import MAX_LABELLED, StrokeStyle, select
from ablation.report.plots.plot_data import CurvePlot

FAINT_FROM = 7  # curves from which bands are drawn fainter


@dataclass(frozen=True)
class LegendItem:
    """One variant's button. shown: whether its curve is visible at first."""

    variant: int
    label: str
    style: StrokeStyle
    shown: bool


@dataclass(frozen=True)
class CurvesSection:
    """The section. note: the caption. styles: by variant. hidden: variants whose curves are not visible at first.

    in_columns: whether the legend is long enough for columns. faint: whether bands are drawn fainter.
    """

    note: str
    x_label: str
    legend: tuple[LegendItem, ...]
    styles: dict[int, StrokeStyle]
    hidden: frozenset[int]
    charts: tuple[Chart, ...]
    in_columns: bool
    faint: bool


def curves_section(comparison: Comparison, plot: CurvePlot | None) -> CurvesSection | None:
    """Build the section; None where no run completed an epoch."""
    if plot is None or not _has_points(plot):
        return None
    selection = select(plot)
    legend = []
    for variant, style in selection.styles.items():
        legend.append(LegendItem(variant, comparison.variants[variant].label, style, variant in selection.shown))
    drawn, shown = len(selection.drawn), len(selection.shown)
    notes = [*plot.notes, *_selection_notes(comparison, len(plot.series), drawn, shown)]
    return CurvesSection(
        note=" ".join(notes),
        x_label=plot.x_axis.label,
        legend=tuple(legend),
        styles=selection.styles,
        hidden=frozenset(selection.drawn) - frozenset(selection.shown),
        charts=tuple(charts(plot, selection.drawn)),
        in_columns=drawn > MAX_LABELLED,
        faint=drawn >= FAINT_FROM,
    )


def _has_points(plot: CurvePlot) -> bool:
    for panel in plot.panels:
        if panel.with_mean or any(len(run.line) for run in panel.diverged):
            return True
    return False


def _selection_notes(comparison: Comparison, variants: int, drawn: int, shown: int) -> Sequence[str]:
    """Note hidden curves. variants, drawn, shown: numbers in all, with curves on the page, and visible at first."""
    notes = []
    if variants > drawn:
        subject = f"the first {drawn} variants"
        if comparison.baseline:
            subject = f"the baseline and the variants that differ most, {drawn} in all"
        notes.append(f"The curves show {subject}; {variants - drawn} more are in the table.")
    if shown < drawn:
        notes.append(f"{shown} of them are shown at first.")
    return notes
