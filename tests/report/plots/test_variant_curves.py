import pytest
from support.curves import comparison, diverged, of_runs, run, variant
from support.fake_runs import history

from ablation.comparison.analysis import learning_curves
from ablation.comparison.analysis.comparison import Comparability, Difference
from ablation.report.plots.variant_curves import VariantCurves, bare_series, marked_names, only, series_names


def test_a_curve_is_computed_once(monkeypatch):
    one = variant("a")
    curves = VariantCurves([one], "epoch")
    first = curves.curve(one, "loss")
    monkeypatch.setattr(learning_curves, "curve", None)
    assert curves.curve(one, "loss") is first


@pytest.mark.parametrize(
    ("seconds", "label", "unit"), [(1.0, "Seconds", 1), (100.0, "Minutes", 60), (2e3, "Hours", 3600)]
)
def test_the_unit_of_time_is_one_that_reads_well(seconds, label, unit):
    one = of_runs("a", run(rows=[{**row, "seconds": seconds} for row in history(6)]))
    curves = VariantCurves([one], "seconds")
    curve = curves.curve(one, "loss")
    assert curves.x_axis.label == f"{label} of training" and curve is not None
    assert list(curve.x) == pytest.approx([seconds * epoch / unit for epoch in range(1, 7)])


def test_a_diverged_run_takes_its_steps_from_a_completed_one():
    lost = diverged("a", 7, history(3))
    first, *_ = VariantCurves([], "step").diverged(0, variant("a", diverged=(lost,)), "loss")
    assert list(first.line.x) == [17, 34, 51] and first.label == "a seed 7"
    (alone,) = VariantCurves([], "step").diverged(0, of_runs("a", diverged=(lost,)), "loss")
    assert len(alone.line) == 0


def test_names_are_printable_unique_and_marked():
    blocked = Comparability((Difference("data.digest", "1", "2"),))
    variants = [variant("a\x1b"), variant("x" * 99), variant("x" * 98, comparability=blocked)]
    assert series_names(variants)[0] == "a\N{REPLACEMENT CHARACTER}"
    assert len(set(series_names(variants))) == 3 and max(map(len, series_names(variants))) < 50
    assert [name.endswith(" ‡") for name in marked_names(variants)] == [False, False, True]


def test_a_bare_series_has_rank_and_distance():
    first, second = comparison(variant("a", accuracy=0.8), variant("b", accuracy=0.5)).variants
    assert bare_series(0, "a", first, baseline=True).distance == 0
    assert bare_series(1, "b", second).distance == pytest.approx(0.3)
    assert bare_series(2, "c", of_runs("c")).rank == -float("inf")


def test_only_is_the_one_that_all_are():
    assert only(["a", "a"]) == "a" and only(["a", "b"]) is None and only([]) is None
