"""The page's learning curves, with their legend and caption."""

from collections.abc import Sequence
from dataclasses import dataclass

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.html.charts.curve_paths import Chart, charts
from ablation.report.html.charts.variant_selection import StrokeStyle, select
from ablation.report.plots.plot_data import MAX_TOGETHER, CurvePlot
from ablation.text import capitalized, list_with_more

FAINT_FROM = 7  # curves from which bands are drawn fainter


@dataclass(frozen=True)
class LegendItem:
    """One variant with a curve."""

    variant: int
    label: str
    style: StrokeStyle


@dataclass(frozen=True)
class CurvesSection:
    """The section. note: the caption. legend: the variants with a curve. styles: by variant.

    baseline: index of the baseline, None if it is not drawn. together: whether the curves of a metric share a panel;
    otherwise each has a small one. faint: whether bands are drawn fainter. further: charts that are folded at first,
    with their title.
    """

    note: str
    x_label: str
    legend: tuple[LegendItem, ...]
    styles: dict[int, StrokeStyle]
    baseline: int | None
    together: bool
    faint: bool
    charts: tuple[Chart, ...]
    further: tuple[Chart, ...] = ()
    further_title: str = ""

    @property
    def names(self) -> dict[int, str]:
        """The names of the variants, by index."""
        return {item.variant: item.label for item in self.legend}

    @property
    def readings(self) -> list[dict[str, object]]:
        """The values shown on hover, of all charts."""
        return [chart.readings for chart in (*self.charts, *self.further)]


def curves_section(
    comparison: Comparison, plot: CurvePlot | None, further: CurvePlot | None = None
) -> CurvesSection | None:
    """Build the section; None where no run completed an epoch. further: the same variants' curves of other metrics."""
    if plot is None or not _has_points(plot):
        return None
    styles = select(plot)
    together = len(plot.series) <= MAX_TOGETHER
    folded: Sequence[Chart] = charts(further, styles) if further is not None and together else ()
    return CurvesSection(
        note=" ".join([*plot.notes, *_selection_notes(comparison, plot, styles)]),
        x_label=plot.x_axis.label,
        legend=tuple(
            LegendItem(variant, comparison.variants[variant].label, style) for variant, style in styles.items()
        ),
        styles=styles,
        baseline=_baseline(plot),
        together=together,
        faint=together and len(styles) >= FAINT_FROM,
        charts=tuple(charts(plot, styles, together)),
        further=tuple(folded),
        further_title=capitalized(list_with_more([f"{chart.title[:1].lower()}{chart.title[1:]}" for chart in folded])),
    )


def _has_points(plot: CurvePlot) -> bool:
    for panel in plot.panels:
        if panel.with_mean or any(len(run.line) for run in panel.diverged):
            return True
    return False


def _baseline(plot: CurvePlot) -> int | None:
    for series in plot.series:
        if series.baseline:
            return series.variant
    return None


def _selection_notes(comparison: Comparison, plot: CurvePlot, styles: dict[int, StrokeStyle]) -> Sequence[str]:
    """Explain small panels, and name the variants that have none."""
    notes = []
    variants, drawn = len(plot.series), len(styles)
    if variants > MAX_TOGETHER and comparison.baseline:
        notes.append("Grey: the baseline.")
    if variants > drawn:
        subject = f"the first {drawn} variants"
        if comparison.baseline:
            subject = f"the baseline and the variants that differ most, {drawn} in all"
        notes.append(f"The curves show {subject}; {variants - drawn} more are in the table.")
    return notes
