"""Comparisons of runs with whole learning curves that nobody trained, and how to draw them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from matplotlib.figure import Figure
from matplotlib.text import Text

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.comparison.reading.run import Diverged, Run
from ablation.report.figures import curve_figure, forest_figure
from ablation.report.plots.build import plot_data
from ablation.report.plots.plot_data import CurvePlot, ForestPlot
from support import comparisons
from support.comparisons import TEST, of_runs
from support.fake_runs import history


def run(
    label: str = "a", seed: int = 0, rows: Sequence[dict] | None = None, per_epoch: int = 17, **changes: Any
) -> Run:
    """A completed run with a history. rows: of history.csv. per_epoch: steps."""
    rows = history() if rows is None else rows
    recorded = {
        "history": columns(rows),
        "loss": rows[-1]["loss"],
        "macs": 500,
        "facts": comparisons.facts({"per_epoch": per_epoch, "total": per_epoch * len(rows)}, train=1000),
    }
    return comparisons.run(label, seed, rows[-1]["val_accuracy"], **(recorded | changes))


def columns(rows: Sequence[dict]) -> dict[str, tuple[float, ...]]:
    return {name: tuple(row[name] for row in rows) for name in history(1)[0]}


def diverged(label: str, seed: int, rows: Sequence[dict]) -> Diverged:
    """A run that diverged after these rows."""
    return comparisons.diverged(label, seed, history=columns(rows))


def variant(label: str, seeds: int = 3, accuracy: float = 0.8, epochs: int = 6, **changes: Any) -> ComparedVariant:
    """A variant whose seeds end near an accuracy."""
    runs = [run(label, s, history(epochs, accuracy + s / 100, 0.1 + s / 50)) for s in range(seeds)]
    return of_runs(label, *runs, **changes)


def comparison(*variants: ComparedVariant, baseline: bool = True, **changes: Any) -> Comparison:
    """Judge all variants against the first one; or without a baseline none."""
    if not baseline:
        return Comparison(TEST, variants, **changes)
    return comparisons.compare(variants, **changes)


def several(count: int, seeds: int = 2, baseline: bool = True) -> Comparison:
    """Variants arm0, arm1, … of rising accuracy."""
    return comparison(*(variant(f"arm{i}", seeds, 0.5 + i / 100) for i in range(count)), baseline=baseline)


def with_metric(made: Comparison, key: str) -> Comparison:
    """The comparison as if it were by another metric."""
    return replace(made, metric=replace(TEST, key=key, name=key.replace("_", " "), higher="loss" not in key))


def overlay(made: Comparison, curve: str | None = None, x_axis: str = "epoch") -> CurvePlot:
    """What the overlay shows; there must be something to draw."""
    plot = plot_data(made, curve, x_axis).overlay
    assert plot is not None
    return plot


def difference(made: Comparison, curve: str | None = None, x_axis: str = "epoch") -> CurvePlot:
    plot = plot_data(made, curve, x_axis).difference
    assert plot is not None
    return plot


def forest(made: Comparison) -> ForestPlot:
    plot = plot_data(made).forest
    assert plot is not None
    return plot


def draw_overlay(made: Comparison, curve: str | None = None, x_axis: str = "epoch") -> Figure:
    return curve_figure.draw(overlay(made, curve, x_axis))


def draw_difference(made: Comparison, curve: str | None = None, x_axis: str = "epoch") -> Figure:
    return curve_figure.draw(difference(made, curve, x_axis))


def draw_forest(made: Comparison) -> Figure:
    return forest_figure.draw(forest(made))


def drawn_text(figure: Figure) -> str:
    """All texts of a figure."""
    return " ".join(text.get_text() for text in figure.findobj(Text))
