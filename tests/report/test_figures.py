"""What figures draw and how: means, bands, differences, thresholds, layouts, names that nobody would choose."""

import dataclasses
import io
import math
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from PIL import Image
from scipy import stats
from support.fake_runs import history

from ablation.comparison.analysis import comparison as analysis_comparison
from ablation.comparison.analysis import learning_curves, time_to_threshold
from ablation.comparison.analysis.comparison import Comparability, ComparedVariant, Comparison, Difference, Metric
from ablation.comparison.reading.run import Diverged, Run
from ablation.errors import AblateError
from ablation.report.figures import difference, files, forest, overlay, panel_layout, plot_data, style
from ablation.statistics import arm as statistics_arm
from ablation.statistics import verdict, welch

METRIC = Metric("test accuracy", "test_accuracy", "Test accuracy of the last weights, on 360 images.", images=360)


def run(label: str = "a", seed: int = 0, rows: list[dict] | None = None, per_epoch: int = 17, **changes) -> Run:
    rows = history() if rows is None else rows
    columns = {name: tuple(row[name] for row in rows) for name in history(1)[0]}
    last = rows[-1]["val_accuracy"]
    facts = {"steps": {"per_epoch": per_epoch, "total": per_epoch * len(rows)}, "data": {"train": 1000}}
    made = Run(
        Path(f"/runs/{seed}"), label, "digits", "d", {}, label, seed, "", 1, "", f"{label} {seed}", 360, 360, False, 10,
        500, 9.0, rows[-1]["loss"], last, last, last, columns, f"{label} {seed}", facts, {},
    )  # fmt: skip
    return dataclasses.replace(made, **changes)


def diverged(label: str, seed: int, rows: list[dict]) -> Diverged:
    one = run(label, seed)
    columns = {name: tuple(row[name] for row in rows) for name in one.history}
    return Diverged(one.path, label, "digits", "d", {}, label, seed, columns, one.fingerprint)


def arm(label: str, seeds: int = 3, accuracy: float = 0.8, epochs: int = 6, **changes) -> ComparedVariant:
    runs = tuple(run(label, s, history(epochs, accuracy + s / 100, 0.1 + s / 50)) for s in range(seeds))
    return ComparedVariant(
        label, runs, statistics_arm.Arm(label, {r.seed: r.test_accuracy for r in runs}, 1 / 360), **changes
    )


def comparison(*rows: ComparedVariant, baseline: bool = True, **changes) -> Comparison:
    if not baseline:
        return Comparison(METRIC, rows, **changes)
    first, *rest = rows
    found = verdict.judge([(row.arm, first.arm) for row in rest], margin=changes.get("margin"))
    judged = [
        dataclasses.replace(row, reference=first.label, result=None if row.comparability.blocking else one)
        for row, one in zip(rest, found, strict=True)
    ]
    return Comparison(METRIC, (first, *judged), first.label, comparisons=len(rest), **changes)


def several(count: int, seeds: int = 2, baseline: bool = True) -> Comparison:
    return comparison(*(arm(f"arm{i}", seeds, 0.5 + i / 100) for i in range(count)), baseline=baseline)


def drawn_text(figure: Figure) -> str:
    return " ".join(text.get_text() for text in figure.findobj(Text))


# ---------------------------------------------------------------- the arrays


def test_the_band_contains_the_mean_which_lies_within_the_seeds():
    rng = np.random.default_rng(0)
    for seeds in (1, 2, 3, 7):
        curve = learning_curves.Curve(np.arange(40.0), np.where(rng.random(40) < 0.3, 0.1, rng.random((seeds, 40))))
        for kind in (learning_curves.RANGE, learning_curves.INTERVAL):
            low, high = curve.band(kind)
            assert np.isfinite([low, high]).all() and (low <= curve.mean).all() and (curve.mean <= high).all()


def test_the_interval_of_the_mean_is_students():
    values = np.random.default_rng(1).normal(size=(5, 3))
    low, high = learning_curves.Curve(np.arange(3.0), values).band(learning_curves.INTERVAL)
    wanted = stats.t.interval(0.95, 4, values.mean(0), stats.sem(values))
    assert low == pytest.approx(wanted[0]) and high == pytest.approx(wanted[1])


def test_a_curve_ends_where_the_shortest_run_does():
    runs = [run(seed=s, rows=history(epochs, 0.5 + s / 10)) for s, epochs in enumerate((3, 5))]
    curve = learning_curves.curve(runs, "val_accuracy")
    assert list(curve.x) == [1, 2, 3] and curve.seeds.shape == (2, 3)


def test_what_is_against_what():
    rows = history(3)
    one = run(rows=rows, facts={"steps": {"per_epoch": 10, "total": 25}, "data": {"train": 1000}}, macs=500)
    assert list(learning_curves.x_values(one, "epoch")) == [1, 2, 3]
    assert list(learning_curves.x_values(one, "step")) == [10, 20, 25]  # the last epoch is cut short
    assert list(learning_curves.x_values(one, "images")) == [1000, 2000, 2500]
    assert list(learning_curves.x_values(one, "macs")) == [1000 * 3 * 500, 2000 * 3 * 500, 2500 * 3 * 500]
    assert list(learning_curves.x_values(one, "seconds")) == [1.5, 3.0, 4.5]
    assert "× 3 ×" in learning_curves.AXES["macs"]  # the convention stands in the figure


@pytest.mark.parametrize("facts", [{}, {"steps": None}, {"steps": {"per_epoch": "17"}}, {"steps": {"per_epoch": 0}}])
def test_a_record_that_does_not_tell_its_steps_has_no_place_on_that_axis(facts):
    assert learning_curves.x_values(run(facts=facts), "step") is None
    assert learning_curves.curve([run(facts=facts)], "loss", "step") is None


def test_runs_of_different_times_meet_on_a_grid_of_what_all_have():
    def timed(seed: int, seconds: float) -> Run:
        rows = [{**row, "seconds": seconds, "loss": 10 - seconds * row["epoch"]} for row in history(8)]
        return run(seed=seed, rows=rows)

    curve = learning_curves.curve([timed(0, 1.0), timed(1, 2.0)], "loss", "seconds")
    assert (curve.x[0], curve.x[-1]) == (2.0, 8.0)
    assert curve.seeds == pytest.approx(np.tile(10 - curve.x, (2, 1)))  # linear, so that both seeds agree
    assert [len(x) for x, _ in curve.seed_lines] == [8, 8]  # a seed keeps its whole extent
    apart = learning_curves.curve([timed(0, 1.0), timed(1, 20.0)], "loss", "seconds")
    assert len(apart.x) == 0 and len(apart.seed_lines) == 2


def test_no_number_that_is_none_is_drawn():
    rows = history(5)
    rows[2] = {**rows[2], "val_loss": math.nan}
    rows[3] = {**rows[3], "val_loss": math.inf}
    curve = learning_curves.curve([run(seed=0), run(seed=1, rows=rows)], "val_loss")
    assert list(curve.x) == [1, 2, 5] and curve.has_gaps
    assert np.isfinite(curve.seeds).all() and np.isfinite(curve.band(learning_curves.INTERVAL)).all()
    row = ComparedVariant("a", (run(seed=0), run(seed=1, rows=rows)), statistics_arm.Arm("a", {0: 0.9, 1: 0.9}))
    assert "Epochs without a number are left out." in drawn_text(
        overlay.overlay(comparison(row, baseline=False), "val_loss")
    )


@pytest.mark.parametrize("value", [math.nan, -math.inf, 1e300, 1e39, -1.0, 0.0])
@pytest.mark.parametrize("column", ["loss", "val_loss", "seconds", "learning_rate"])
def test_any_number_in_a_history_leaves_the_figures_whole(column, value, recwarn):
    rows = history(4)
    rows[1] = {**rows[1], column: value}
    broken = ComparedVariant("b", (run(seed=0), run(seed=1, rows=rows)), statistics_arm.Arm("b", {0: 0.9, 1: 0.8}))
    lost = dataclasses.replace(broken, label="c", runs=(), diverged=(diverged("c", 3, rows),))
    shown = comparison(arm("a", 2), broken, lost)
    metric = "loss" if column == "seconds" else column
    made = files.files(shown, metric, "seconds" if column == "seconds" else "epoch", ("png", "svg"))
    ElementTree.fromstring(made["overlay.svg"].decode())
    assert not re.search(rb"[ML] ?-?(nan|inf)", made["overlay.svg"])
    assert not [str(warning.message) for warning in recwarn]


@pytest.mark.parametrize("against", list(learning_curves.AXES))
def test_the_difference_of_an_arm_to_itself_is_nothing(against):
    curve = learning_curves.curve(arm("a", 4).runs, "val_accuracy", against)
    gap = learning_curves.difference(curve, curve)
    assert list(gap.mean) == [0] * len(gap.x) and gap.low == pytest.approx(-gap.high)


def test_the_band_of_a_difference_is_the_judges_interval():
    one, other = arm("a", 4, 0.8), arm("b", 3, 0.7)
    gap = learning_curves.difference(*(learning_curves.curve(row.runs, "val_accuracy") for row in (one, other)))
    for i in range(6):
        arms = [
            statistics_arm.Arm("", {r.seed: r.history["val_accuracy"][i] for r in row.runs}) for row in (one, other)
        ]
        assert (gap.low[i], gap.high[i]) == pytest.approx(welch.interval(*arms))
        assert gap.mean[i] == pytest.approx(welch.difference(*arms))


def test_arms_of_different_steps_are_compared_at_equal_steps():
    def straight(per_epoch: int) -> list[Run]:
        rows = [{**row, "loss": 1 - row["epoch"] * per_epoch / 1000} for row in history(6)]
        return [run(seed=s, rows=rows, per_epoch=per_epoch) for s in range(2)]

    gap = learning_curves.difference(*(learning_curves.curve(straight(n), "loss", "step") for n in (10, 17)))
    assert (gap.x[0], gap.x[-1]) == (17, 60) and gap.mean == pytest.approx(0)
    assert learning_curves.difference(*(learning_curves.curve(straight(n), "loss", "step") for n in (10, 100))) is None


def test_epochs_to_a_threshold_count_who_never_gets_there_as_latest():
    def rising(seed: int, ends: float) -> Run:
        return run(seed=seed, rows=[{**row, "val_accuracy": ends * row["epoch"] / 6} for row in history(6)])

    runs = tuple(rising(s, ends) for s, ends in enumerate((0.6, 0.6, 0.3)))
    row = ComparedVariant("a", runs, statistics_arm.Arm("a", {}), diverged=(diverged("a", 9, []),))
    shown = comparison(row, baseline=False)
    assert time_to_threshold.epochs_to(shown, 0.39) == {"a": analysis_comparison.Reached(4.0, 2, 3, 1)}
    assert time_to_threshold.epochs_to(shown, 0.55)["a"] == analysis_comparison.Reached(6.0, 2, 3, 1)
    assert time_to_threshold.epochs_to(shown, 0.7)["a"] == analysis_comparison.Reached(None, 0, 3, 1)
    assert time_to_threshold.epochs_to(shown, 0.19)["a"].median == 2.0
    few = comparison(dataclasses.replace(row, runs=runs[1:]), baseline=False)
    assert time_to_threshold.epochs_to(few, 0.39)["a"] == analysis_comparison.Reached(
        None, 1, 2, 1
    )  # between a number and never
    assert time_to_threshold.epochs_to(shown, 1.0, "loss")["a"].reached == 3  # a loss falls to it
    assert time_to_threshold.epochs_to(shown, 0.39, against="step")["a"].median == 4 * 17


@pytest.mark.parametrize(("metric", "against", "word"), [("lOss", "epoch", "'lOss'"), ("loss", "hours", "'hours'")])
def test_a_name_that_is_none_is_one_paragraph(metric, against, word):
    with pytest.raises(AblateError, match=f"Received {word}. Allowed: .* Type for example"):
        files.files(several(1), metric, against)


# ---------------------------------------------------------------- files


def test_the_order_of_runs_changes_no_byte():
    shown = comparison(arm("a", 5), arm("b", 5, 0.7), arm("c", 5, 0.6))
    turned = dataclasses.replace(
        shown, variants=tuple(dataclasses.replace(row, runs=row.runs[::-1]) for row in shown.variants)
    )
    once = files.files(shown, against="seconds")
    assert sorted(once) == sorted(f"{n}.{k}" for n in ("overlay", "difference", "forest") for k in files.FORMATS)
    assert files.files(turned, against="seconds") == once


def test_without_a_baseline_there_is_nothing_to_subtract():
    assert list(files.files(several(2, baseline=False), formats=("png",))) == ["overlay.png"]


def test_without_a_run_there_is_nothing_to_draw():
    assert files.files(comparison(ComparedVariant("a", (), statistics_arm.Arm("a", {})), baseline=False)) == {}


def test_a_pdf_has_no_date_and_keeps_its_fonts():
    made = files.files(several(2), formats=("pdf",))["overlay.pdf"]
    assert made.startswith(b"%PDF") and b"CreationDate" not in made and b"/Type3" not in made


@pytest.mark.parametrize(("arms", "seeds", "epochs"), [(1, 1, 1), (2, 3, 1), (2, 3, 6), (7, 1, 3), (12, 2, 4)], ids=str)
def test_overlays_are_drawn_for_all_shapes(arms, seeds, epochs):
    shown = comparison(*(arm(f"width={i + 1}", seeds, 0.5 + i / 20, epochs) for i in range(arms)))
    made = files.files(shown, formats=("png", "svg"))
    image = Image.open(io.BytesIO(made["overlay.png"]))
    assert image.size[0] == 1500 and image.size[1] >= 600
    assert len(set(image.convert("L").tobytes())) > 20
    text = made["overlay.svg"].decode()
    ElementTree.fromstring(text)
    assert all(word in text for word in ("Training loss", "Validation accuracy", "Epoch", "seed"))
    assert all(f">width={i + 1}<" in text for i in range(arms))


@pytest.mark.parametrize("metric", list(learning_curves.METRICS))
@pytest.mark.parametrize("against", list(learning_curves.AXES))
def test_every_metric_is_drawn_against_every_axis(metric, against):
    shown = several(3)
    for figure in (overlay.overlay(shown, metric, against), difference.difference(shown, metric, against)):
        (axes,) = figure.axes
        assert axes.get_title(loc="left").startswith(learning_curves.METRICS[metric])
        assert axes.get_xlabel() == learning_curves.AXES[against]
        for line in axes.get_lines():
            assert np.isfinite(np.asarray(line.get_xydata(), dtype=float)).all()


# ---------------------------------------------------------------- layouts


def panels(figure, plot: int = 0) -> list[tuple[Bbox, dict[str, np.ndarray]]]:
    """The facets of a metric in the order of reading: each one's box and its means by their colour, in inches."""
    axes, found = figure.axes[plot], {}
    for line in axes.lines:
        box = line.get_clip_box().transformed(axes.transData.inverted())
        found.setdefault((round(box.y0, 6), round(box.x0, 6)), (box, {}))[1][line.get_color()] = line.get_xydata()
    return [found[place] for place in sorted(found)]


def test_up_to_twelve_arms_share_a_panel_and_thirteen_have_one_each():
    assert len(overlay.overlay(several(12)).axes) == 2
    many = overlay.overlay(several(13))
    assert [len(panels(many, plot)) for plot in range(2)] == [13, 13]
    assert len(panels(overlay.overlay(several(13), "loss"))) == 13


def test_the_baseline_is_grey_in_each_facet():
    figure = overlay.overlay(several(13), "val_accuracy")
    (box, first), *rest = panels(figure)
    assert list(first) == [style.BLACK]
    for other, lines in rest:
        assert list(lines) == [style.PALE, style.BLUE]
        np.testing.assert_allclose(lines[style.PALE] - other.min, first[style.BLACK] - box.min, atol=1e-9)
        assert abs(lines[style.PALE] - lines[style.BLUE]).max() > 0.01
    assert "Grey: the baseline." in drawn_text(figure)


def test_a_mean_stands_in_its_facet_where_the_numbers_beside_it_say():
    shown = several(13)
    figure = overlay.overlay(shown, "val_accuracy")
    numbers = {t.get_text(): t.get_position()[1] for t in figure.axes[0].texts if t.get_ha() == "right"}
    (low, bottom), *_, (high, top) = numbers.items()  # of the lowest panels
    for row, (_, lines) in zip(shown.variants[10:], panels(figure)[10:], strict=True):
        share = (lines[style.BLUE][:, 1] - bottom) / (top - bottom)
        means = np.mean([run.history["val_accuracy"] for run in row.runs], axis=0)
        np.testing.assert_allclose(float(low) + share * (float(high) - float(low)), means, atol=1e-6)


@pytest.mark.parametrize("size", [2e-5, 4e-8, 3e-4, 0.25, 7.0, 3e6])
def test_the_numbers_beside_a_facet_tell_its_ticks_apart(size):
    runs = [arm(f"a{i}", 1) for i in range(13)]
    rates = [{**row.runs[0].history, "learning_rate": (size, size / 2, *[0.0] * 4)} for row in runs]
    rows = [
        dataclasses.replace(row, runs=(dataclasses.replace(row.runs[0], history=rate),))
        for row, rate in zip(runs, rates, strict=True)
    ]
    figure = overlay.overlay(comparison(*rows), "learning_rate")
    told = [float(t.get_text().replace("−", "-")) for t in figure.axes[0].texts if t.get_ha() == "right"]
    up = told[: len(set(told))]
    assert len(up) > 1 and up == sorted(up) and size / 3 < max(up) < 1.1 * size
    np.testing.assert_allclose(np.diff(up), np.diff(up)[0])


def test_a_mean_stands_where_the_numbers_say_on_a_log_axis_too():
    shown = several(13)
    rows = [
        dataclasses.replace(row, runs=tuple(dataclasses.replace(r, history=_falling(r.history)) for r in row.runs))
        for row in shown.variants
    ]
    figure = overlay.overlay(dataclasses.replace(shown, variants=tuple(rows)), "loss")
    numbers = [(float(t.get_text()), t.get_position()[1]) for t in figure.axes[0].texts if t.get_ha() == "right"]
    (low, bottom), *_, (high, top) = numbers[-(len(numbers) // 3) :]  # of the lowest panels, of three rows
    assert high > 50 * low
    (_, lines), *_ = panels(figure)[10:]
    share = (lines[style.BLUE][:, 1] - bottom) / (top - bottom)
    np.testing.assert_allclose(low * (high / low) ** share, rows[10].runs[0].history["loss"], rtol=1e-6)


def _falling(history):
    return {**history, "loss": tuple(10.0**-epoch for epoch in range(len(history["loss"])))}


def test_the_band_is_the_range_while_any_arm_has_few_seeds():
    few, enough = (drawn_text(overlay.overlay(comparison(arm("a", n), arm("b", 5)))) for n in (3, 5))
    assert "from the lowest to the highest seed" in few and "95 % interval of the mean" in enough


def test_a_threshold_is_within_the_axis():
    x = np.array([1.0, 2.0])
    trace = plot_data.Trace("a", x, x, x, x, (1.0, 2.0))
    for level, (low, high) in ((5.0, (1, 5)), (-3.0, (-3, 2)), (1.5, (1, 2))):
        shown = plot_data.Plot("", (trace,), level=level).bounds("epoch").y
        assert shown[0] < low and high < shown[1] and np.ptp(shown) < 1.2 * (high - low)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("least", [0.1, 1e-4], ids=["linear", "log"])
def test_a_diverged_run_leaves_the_drawing_of_its_facet_whole(least):
    """Its loss may be nothing, which has no logarithm, or so much that no viewer of an SVG has a place for it."""
    rows = [arm(f"arm{i}", 2, 0.5 + i / 100) for i in range(13)]
    steep = history(6, 0.6, least)
    rows[1] = dataclasses.replace(rows[1], runs=(run("arm1", 0, steep), run("arm1", 1, steep)))
    lost = diverged("arm2", 7, [{**row, "loss": loss} for row, loss in zip(history(3), (1.0, 0.0, 1e38), strict=True)])
    rows[2] = dataclasses.replace(rows[2], diverged=(lost,))
    (axes,) = overlay.overlay(comparison(*rows), "loss").axes
    ends = np.concatenate([path.vertices for lines in axes.collections for path in lines.get_paths()])
    assert np.abs(ends).max() < 1e5  # inches, and no nan


def test_of_very_many_arms_the_outermost_are_named():
    figure = overlay.overlay(several(panel_layout.MOST_FACETS + 1), "val_accuracy")
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.texts] == [
        *(f"arm{i}" for i in range(panel_layout.OUTERMOST)),
        *(f"arm{panel_layout.MOST_FACETS - i}" for i in reversed(range(panel_layout.OUTERMOST))),
    ]
    assert any(len(lines.get_segments()) == 37 for lines in axes.collections if hasattr(lines, "get_segments"))
    assert "the means of all 37 arms" in drawn_text(figure)


def test_very_many_arms_without_a_place_on_the_axis_are_told():
    rows = [
        dataclasses.replace(
            row,
            runs=tuple(dataclasses.replace(r, facts={}) for r in row.runs),
            diverged=(diverged("x", 9, history(2)),),
        )
        for row in several(panel_layout.MOST_FACETS + 1).variants
    ]
    assert "Without a place on this axis: 74 runs." in drawn_text(overlay.overlay(comparison(*rows), against="step"))


def test_a_lone_point_stands_where_its_time_was():
    """Only lone epochs, which are all the first, stand side by side."""
    shown = comparison(arm("a", 1, epochs=1), arm("b", 1, epochs=1), baseline=False)
    places = {
        against: [line.get_xdata()[0] for line in overlay.overlay(shown, "loss", against).axes[0].lines]
        for against in ("epoch", "seconds")
    }
    assert places["seconds"] == [1.5, 1.5] and places["epoch"][0] < 1 < places["epoch"][1]


def test_a_band_is_told_of_where_there_is_one():
    for seeds, banded in ((3, True), (1, False)):
        figure = difference.difference(comparison(arm("a", seeds), arm("b", 3, 0.7)))
        assert ("Band:" in drawn_text(figure)) == banded


def test_arms_that_share_a_panel_look_different():
    shown = [plot_data.Trace(f"{i}", *[np.empty(0)] * 4, baseline=i == 0) for i in range(panel_layout.MOST_TOGETHER)]
    pens = panel_layout.pens(shown, marked=True)
    assert len({(pen.color, pen.linestyle) for pen in pens}) == panel_layout.MOST_TOGETHER
    assert len({(pen.marker, pen.linestyle) for pen in pens}) == panel_layout.MOST_TOGETHER  # in greyscale too
    assert pens[0].color == style.BLACK and style.BLACK not in {pen.color for pen in pens[1:]}


def test_labels_at_line_ends_do_not_touch():
    figure = overlay.overlay(comparison(*(arm(f"arm{i}", 1, 0.9 + i / 10000) for i in range(6))))
    figure.draw_without_rendering()
    for axes in figure.axes:
        boxes = sorted((Text.get_window_extent(text) for text in axes.texts), key=lambda box: box.y0)
        assert len(boxes) == 6
        assert all(low.y1 <= high.y0 + 0.5 for low, high in zip(boxes, boxes[1:], strict=False))
        assert max(box.x1 for box in boxes) <= figure.bbox.x1


def test_spread_keeps_order_distance_and_range():
    places = style.spread_labels([5.0, 5.0, 50.0, 99.0, 98.0], 10, 0, 100)
    assert places == pytest.approx([0, 10, 50, 100, 90])
    assert style.spread_labels([20.0, 40.0], 10, 0, 100) == [20.0, 40.0]


def test_captions_keep_to_the_page_and_say_what_a_band_is():
    for seeds, told in ((1, "One seed each."), (2, "lowest to the highest seed"), (5, "95 % interval of the mean")):
        figure = overlay.overlay(several(2, seeds))
        assert told in drawn_text(figure)
        figure.draw_without_rendering()
        for text in figure.texts:
            assert Text.get_window_extent(text).x1 <= figure.bbox.x1
    assert "Thin lines" not in drawn_text(overlay.overlay(several(2, 1)))


@pytest.mark.parametrize(("loss", "scale"), [(0.1, "linear"), (0.001, "log"), (0.0, "linear")])
def test_loss_is_on_a_log_axis_only_beyond_two_decades(loss, scale):
    runs = (run(rows=history(accuracy=1.0, loss=loss)),)
    shown = comparison(ComparedVariant("a", runs, statistics_arm.Arm("a", {0: 0.9})), baseline=False)
    assert overlay.overlay(shown).axes[0].get_yscale() == scale
    assert overlay.overlay(shown).axes[1].get_yscale() == "linear"


def test_a_diverged_run_is_drawn_as_far_as_it_came_and_flattens_nothing():
    rows = history(accuracy=0.5)[:3]
    rows[-1] = {**rows[-1], "loss": 5e7}
    lost = (diverged("a", 7, rows), diverged("a", 8, []))
    figure = overlay.overlay(comparison(arm("a", diverged=lost), arm("b")))
    text = drawn_text(figure)
    assert all(told in text for told in ("a seed 7", "a seed 8", "Cross: a run that diverged; it is in no mean."))
    assert figure.axes[0].get_ylim()[1] < 10
    alone = comparison(ComparedVariant("a", (), statistics_arm.Arm("a", {}), diverged=lost), baseline=False)
    assert "a seed 7" in drawn_text(overlay.overlay(alone))


# ---------------------------------------------------------------- honesty


def test_what_the_gate_refuses_is_marked_and_never_subtracted():
    gate = Comparability((Difference("data.digest", "1", "2"),))
    shown = comparison(arm("a"), arm("b", comparability=gate), arm("c", accuracy=0.7))
    assert "b ‡" in drawn_text(overlay.overlay(shown)) and "‡: not comparable" in drawn_text(overlay.overlay(shown))
    gaps = difference.difference(shown)
    assert [text.get_text() for text in gaps.axes[0].texts] == ["c"]
    assert "Left out, not comparable: b." in drawn_text(gaps)
    assert "Not comparable, and therefore not here: 1." in drawn_text(forest.draw(shown))


def test_a_difference_always_shows_where_nothing_is():
    for axes in difference.difference(comparison(arm("a", 2, 0.9), arm("b", 2, 0.3))).axes:
        assert axes.get_ylim()[0] < 0 < axes.get_ylim()[1]


def test_a_forest_tells_the_verdict_in_words_colour_and_shape():
    shown = comparison(arm("a", 5, 0.8), arm("down", 5, 0.3), arm("up", 5, 0.95), arm("same", 5, 0.8005), margin=0.1)
    figure = forest.draw(shown)
    words = [text.get_text() for text in figure.axes[0].texts]
    for label, word in (("down", "worse"), ("up", "better"), ("same", "equivalent")):
        assert words[words.index(label) + 2] == word
    assert len({forest.LOOKS[row.result.verdict] for row in shown.variants[1:]}) == 3
    assert len({look[1:] for look in forest.LOOKS.values()}) >= 4
    assert "Holm" in drawn_text(figure) and "margin of ±0.1" in drawn_text(figure)


def test_a_forest_says_of_no_verdict_that_it_is_corrected_where_none_is_given():
    shown = comparison(arm("a", 3, 0.8), arm("b", 3, 0.3), arm("c", 3, 0.3))
    assert "corrected for 2 comparisons (Holm), so" in drawn_text(forest.draw(shown))
    grown = dataclasses.replace(shown, max_seeds=9)
    assert "(Holm), and for looks as seeds" in drawn_text(forest.draw(grown))
    rows = [
        dataclasses.replace(row, result=row.result and dataclasses.replace(row.result, verdict=""))
        for row in shown.variants
    ]
    assert "Holm" not in drawn_text(forest.draw(dataclasses.replace(shown, variants=tuple(rows))))


@pytest.mark.parametrize("seeds", [3, 5])
def test_a_forest_tells_what_rests_on_normal_noise(seeds):
    """Of three seeds on each side permutations reach no p below 0.1, of five 2 / 252."""
    text = drawn_text(forest.draw(comparison(arm("a", seeds), arm("down", seeds, 0.3))))
    assert ("worse †" in text, "† under normal noise" in text) == ((True, True) if seeds == 3 else (False, False))
    assert "worse" in text


def test_a_forest_of_few_seeds_says_so_and_endless_intervals_flatten_nothing():
    shown = comparison(arm("a", 2), arm("b", 1, 0.5), arm("c", 2, 0.6))
    text = drawn_text(forest.draw(shown))
    assert text.count("too few seeds") == 2 and "[unknown]" in text
    wide = dataclasses.replace(shown.variants[2].result, interval=(-50.0, 50.0), difference=-0.1)
    assert forest.limits([wide]) == pytest.approx((-0.336, 0.336))


def test_a_forest_of_very_many_shows_the_largest():
    figure = forest.draw(several(forest.MOST + 11, 3))
    assert f"Shown are the {forest.MOST} largest of 70 differences." in drawn_text(figure).replace("\n", " ")
    names = [text.get_text() for text in figure.axes[0].texts if re.fullmatch(r"arm\d+", text.get_text())]
    assert names == [f"arm{i}" for i in range(11, 71)]


# ---------------------------------------------------------------- names

ODD = ["$x^$", "_hidden", "a\x1b[2Jb\nc", "<b>&amp;", "x" * 300, "\ud800", "--> ]]>", "學習 é ✨", "$\\frac{1}{0}$"]


@pytest.mark.parametrize("count", [6, 9, 13, 40], ids=["labelled", "legend", "facets", "crowd"])
def test_odd_names_are_drawn_as_they_are(count, recwarn):
    names = [*ODD, *(f"$x_{i}$ <a href='x'>" for i in range(40))][:count]
    shown = comparison(*(arm(name, 2, 0.5 + i / 100) for i, name in enumerate(names)))
    made = files.files(shown)
    assert not [warning for warning in recwarn if "Glyph" in str(warning.message)]
    for name in ("overlay", "difference", "forest"):
        root = ElementTree.fromstring(made[f"{name}.svg"].decode())
        elements = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert not elements & {"a", "b", "script", "image", "foreignObject"} - ({"image"} if count == 40 else set())
        texts = " ".join(element.text or "" for element in root.iter() if element.tag.endswith("text"))
        assert "_hidden" in texts
    assert "$x^$" in made["overlay.svg"].decode()
