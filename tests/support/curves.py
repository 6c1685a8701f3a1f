"""Comparisons of runs with whole learning curves that nobody trained, and how to draw them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.text import Text

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison, Metric
from ablation.comparison.reading.run import Diverged, Run
from ablation.report.figures import curve_figure, forest_figure
from ablation.report.plots.build import plot_data
from ablation.report.plots.plot_data import CurvePlot, ForestPlot
from ablation.statistics.arm import Arm
from ablation.statistics.verdict import judge
from support.fake_runs import history

IMAGES = 360
METRIC = Metric("test accuracy", "test_accuracy", "Test accuracy of the last weights, on 360 images.", images=IMAGES)


def run(
    label: str = "a", seed: int = 0, rows: Sequence[dict] | None = None, per_epoch: int = 17, **changes: Any
) -> Run:
    """A completed run with a history. rows: of history.csv. per_epoch: steps."""
    rows = history() if rows is None else rows
    last = rows[-1]["val_accuracy"]
    made = Run(
        path=Path(f"/runs/{seed}"),
        network=label,
        data="digits",
        digest="d",
        config={},
        variant=label,
        seed=seed,
        name="",
        attempt=1,
        started="",
        checksum=f"{label} {seed}",
        validation_images=IMAGES,
        test_images=IMAGES,
        validated_on_test=False,
        parameters=10,
        macs=500,
        seconds=9.0,
        loss=rows[-1]["loss"],
        val_accuracy=last,
        best_val_accuracy=last,
        test_accuracy=last,
        history=columns(rows),
        fingerprint=f"{label} {seed}",
        facts={"steps": {"per_epoch": per_epoch, "total": per_epoch * len(rows)}, "data": {"train": 1000}},
        metrics={},
    )
    return replace(made, **changes)


def columns(rows: Sequence[dict]) -> dict[str, tuple[float, ...]]:
    return {name: tuple(row[name] for row in rows) for name in history(1)[0]}


def diverged(label: str, seed: int, rows: Sequence[dict]) -> Diverged:
    """A run that diverged after these rows."""
    return Diverged(Path(f"/runs/{seed}"), label, "digits", "d", {}, label, seed, columns(rows), f"{label} {seed}")


def of_runs(label: str, *runs: Run, **changes: Any) -> ComparedVariant:
    """A variant of these runs."""
    return ComparedVariant(
        label, runs, Arm(label, {one.seed: one.test_accuracy for one in runs}, 1 / IMAGES), **changes
    )


def variant(label: str, seeds: int = 3, accuracy: float = 0.8, epochs: int = 6, **changes: Any) -> ComparedVariant:
    """A variant whose seeds end near an accuracy."""
    runs = [run(label, s, history(epochs, accuracy + s / 100, 0.1 + s / 50)) for s in range(seeds)]
    return of_runs(label, *runs, **changes)


def comparison(*variants: ComparedVariant, baseline: bool = True, **changes: Any) -> Comparison:
    """Judge all variants against the first one; or without a baseline none."""
    if not baseline:
        return Comparison(METRIC, variants, **changes)
    first, *rest = variants
    results = judge([(one.arm, first.arm) for one in rest], margin=changes.get("margin"))
    judged = []
    for one, result in zip(rest, results, strict=True):
        judged.append(replace(one, reference=first.label, result=None if one.comparability.blocking else result))
    return Comparison(METRIC, (first, *judged), first.label, comparisons=len(rest), **changes)


def several(count: int, seeds: int = 2, baseline: bool = True) -> Comparison:
    """Variants arm0, arm1, … of rising accuracy."""
    return comparison(*(variant(f"arm{i}", seeds, 0.5 + i / 100) for i in range(count)), baseline=baseline)


def with_metric(made: Comparison, key: str) -> Comparison:
    """The comparison as if it were by another metric."""
    return replace(made, metric=replace(METRIC, key=key, name=key.replace("_", " "), higher="loss" not in key))


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
