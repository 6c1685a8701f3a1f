"""The numbers of the table, against the results of the tests and NumPy."""

import math
from dataclasses import fields

import numpy as np
import pytest
from scipy import stats
from support.comparisons import TEST, compare, diverged, factorial, row, run, sequential, study
from support.finished_studies import CALM, lower

from ablation.comparison.analysis.comparison import Comparison, Reached, Threshold
from ablation.report.tables import records
from ablation.statistics import power


def test_a_variant_has_the_numbers_of_its_result():
    comparison = study()
    for variant, record in zip(comparison.variants, records.variant_records(comparison), strict=True):
        result = variant.result
        if result is None:
            assert math.isnan(record.difference) and record.verdict is None and record.assumes_normality is None
            continue
        numbers = (record.difference, *record.difference_ci, record.p, record.p_adjusted, record.p_equivalence)
        expected = (result.difference, *result.interval, result.p, result.p_holm, result.p_equivalence)
        assert (*record.simultaneous_ci, *record.equivalence_ci) == pytest.approx(
            (*result.simultaneous, *result.equivalence_interval), abs=0, nan_ok=True
        )
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
        "-augment": (None, "incomplete"),
        "-data": (None, "not comparable"),
        "-epochs": ("worse", None),
        "-dropout": (None, "no completed run"),
    }


def record_of(comparison: Comparison, label: str) -> records.VariantRecord:
    return records.variant_record(comparison, comparison.variant(label))


def test_the_test_of_a_pair_and_the_seeds_that_it_needs_are_recorded():
    flat = [row("a", CALM), row("b", CALM[::-1])]
    welch, paired = record_of(compare(flat, margin=0.0004), "b"), record_of(compare(flat, 0.0004, paired=True), "b")
    assert (welch.test, paired.test) == ("welch", "paired") and welch.look is None
    result = compare(flat, margin=0.0004).variants[1].result
    found = (welch.needed_for, welch.needed_seeds_low, welch.needed_seeds_high)
    assert found == (0.0004, *power.seeds_to_detect(0.0004, result.estimate, 5, 0.05))
    clear = record_of(compare([row("a", CALM), row("b", lower(0.1))], margin=0.0004), "b")
    assert (clear.needed_seeds_low, clear.needed_seeds_high) == (None, None) and math.isnan(clear.needed_for)


def test_a_difference_within_the_margin_is_recorded_beside_its_verdict():
    within = record_of(compare([row("a", CALM), row("b", lower(0.02))], margin=0.05), "b")
    beyond = record_of(compare([row("a", CALM), row("b", lower(0.1))], margin=0.05), "b")
    without = record_of(compare([row("a", CALM), row("b", lower(0.02))]), "b")
    assert (within.verdict, within.within_margin, within.p_equivalence < 0.05) == ("worse", True, True)
    assert (beyond.verdict, beyond.within_margin) == ("worse", False)
    assert without.within_margin is None and math.isnan(without.p_equivalence)


def test_the_numbers_of_a_sequential_study_are_those_of_its_look():
    """Three seeds decided; what came later changes the mean of the row, and no number of the test."""
    early = [row("a", [0.9, 0.91, 0.92]), row("b", [0.6, 0.612, 0.619])]
    late = [row("a", [0.9, 0.91, 0.92, 0.5, 0.6]), row("b", [0.6, 0.612, 0.619, 0.9, 0.7])]
    first, then = (record_of(sequential(rows), "b") for rows in (early, late))
    assert then.look == records.LookRecord(3, then.look.level, then.p, (0, 1, 2)) and then.look.level < 0.05
    assert (then.verdict, then.assumes_normality) == ("worse", True) and then.seeds == (0, 1, 2, 3, 4)
    for name in ("difference", "difference_ci", "simultaneous_ci", "p", "look", "assumes_normality", "paired"):
        assert getattr(then, name) == getattr(first, name), name
    assert then.mean != first.mean


def test_diverged_and_missing_runs_are_counted():
    lost = tuple(diverged("b", seed) for seed in (3, 4, 5))
    record = record_of(compare([row("a", CALM), row("b", [0.99, 0.991, 0.992], diverged=lost)]), "b")
    assert (record.verdict, record.excluded, record.diverged) == (None, "higher where it trained", 3)
    table = [[3, 3], [0, 5]]
    assert record.diverged_p == pytest.approx(stats.fisher_exact(table).pvalue) and record.missing == 0
    assert (record_of(study(), "-augment").missing, record_of(study(), "-shortcut").missing) == (3, 0)


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
