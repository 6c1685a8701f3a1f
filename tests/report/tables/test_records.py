"""The numbers of the table, against the results of the tests and NumPy."""

import math
from dataclasses import fields

import numpy as np
import pytest
from scipy import stats
from support.comparisons import TEST, compare, factorial, row, run, study

from ablation.comparison.analysis.comparison import Comparison, Reached, Threshold
from ablation.report.tables import records


def test_a_variant_has_the_numbers_of_its_result():
    comparison = study()
    for variant, record in zip(comparison.variants, records.variant_records(comparison), strict=True):
        result = variant.result
        if result is None:
            assert math.isnan(record.difference) and record.verdict is None and record.assumes_normality is None
            continue
        numbers = (record.difference, *record.difference_ci, record.p, record.p_adjusted, record.p_holm_pooled)
        expected = (result.difference, *result.interval, result.p, result.p_holm, result.p_holm_pooled)
        assert numbers == pytest.approx(expected, abs=0, nan_ok=True)
        others = (record.p_permutation, record.prob_improvement, record.hedges_g)
        assert others == pytest.approx((result.p_permutation, result.prob_improvement, result.hedges_g), nan_ok=True)
        assert (record.assumes_normality, record.permutation_exhaustive) == (
            result.assumes_normality,
            result.exhaustive,
        )
        assert (record.paired is None) == (result.paired is None)


def test_a_verdict_is_one_of_four_and_else_there_is_a_reason():
    found = {record.summary.variant: (record.verdict, record.excluded) for record in records.variant_records(study())}
    assert found == {
        "baseline": (None, None),
        "-shortcut": ("worse", None),
        "-norm": ("inconclusive", None),
        "-width.half": ("equivalent", None),
        "-augment": (None, "too few seeds"),
        "-data": (None, "not comparable"),
        "-epochs": ("worse", None),
        "-dropout": (None, "no completed run"),
    }


def test_the_interval_of_the_mean_is_students():
    values = [0.5, 0.61, 0.58, 0.7]
    record = records.variant_records(compare([row("a", values), row("b", values)]))[0]
    assert record.ci == pytest.approx(stats.t.interval(0.95, 3, np.mean(values), stats.sem(values)), rel=1e-12)
    assert record.sd == pytest.approx(np.std(values, ddof=1), rel=1e-12)
    assert (record.seeds, record.values) == ((0, 1, 2, 3), tuple(values))


def test_one_run_and_equal_runs_have_no_interval():
    one, equal = records.variant_records(compare([row("a", [0.5]), row("b", [0.5, 0.5, 0.5])]))
    assert math.isnan(one.sd) and equal.sd == 0
    assert all(math.isnan(end) for end in (*one.ci, *equal.ci))


def test_runs_are_summarised():
    runs = [run("a", seed, value, test_accuracy=value / 2) for seed, value in enumerate((0.5, 0.7, 0.9))]
    summary = records.run_summary("a", runs)
    assert (summary.n, summary.trainable_parameters, summary.macs) == (3, 335_114, 1_211_264)
    assert summary.val_accuracy_final_mean == pytest.approx(0.7) and summary.test_accuracy_mean == pytest.approx(0.35)
    assert summary.val_accuracy_final_std == pytest.approx(0.2) and summary.test_accuracy_std == pytest.approx(0.1)
    assert (summary.seconds_mean, summary.loss_final_mean) == (13.5, pytest.approx(0.1))


def test_a_test_accuracy_that_one_run_lacks_is_unknown():
    summary = records.run_summary("a", [run("a", 0, 0.5), run("a", 1, 0.6, test_accuracy=None)])
    assert math.isnan(summary.test_accuracy_mean) and math.isnan(summary.test_accuracy_std)
    assert math.isnan(records.run_summary("a", [run("a", 0, 0.5)]).val_accuracy_final_std)


def test_a_variant_without_runs_has_no_means():
    summary = records.run_summary("a", [])
    assert (summary.variant, summary.n, summary.name) == ("a", 0, "")
    assert (summary.trainable_parameters, summary.macs) == (None, None)


@pytest.mark.parametrize("name", [field.name for field in fields(records.RunSummary) if field.type is float])
def test_without_runs_every_mean_is_unknown(name):
    assert math.isnan(getattr(records.run_summary("a", []), name))


def test_when_a_threshold_is_reached_is_recorded():
    threshold = Threshold("val_accuracy", 0.9, "epoch", {"a": Reached(4.0, 2, 3, 0), "b": None})
    rows = tuple(row(label, [0.9] * 3) for label in "ab")
    a, b = records.variant_records(Comparison(TEST, rows, threshold=threshold))
    assert a.threshold == records.ThresholdRecord("val_accuracy", 0.9, "epoch", 4.0, 2)
    assert b.threshold == records.ThresholdRecord("val_accuracy", 0.9, "epoch", None, None)


def test_of_a_factorial_only_main_effects_have_a_verdict():
    found = [records.effect_record(effect) for effect in factorial().effects]
    assert [record.verdict for record in found if record.kind == "main effect"] == ["worse", "inconclusive"]
    assert {record.verdict for record in found if record.kind != "main effect"} == {None}
