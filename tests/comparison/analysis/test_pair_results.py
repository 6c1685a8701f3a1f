"""The result of each pair of variants, by the test that was planned."""

import json
from dataclasses import replace
from math import isnan

import pytest
from scipy import stats
from support.comparisons import TEST, compared, diverged, run
from support.fake_runs import config, history, write
from support.finished_studies import CALM, finish, lower
from support.plans import plan

from ablation.comparison.analysis import requested_test
from ablation.comparison.analysis.pair_results import VariantPair, pair_results
from ablation.comparison.analysis.variants import Variant
from ablation.report.tables import export
from ablation.report.tables.build import build_table
from ablation.report.wording import findings
from ablation.report.wording.verdict_text import verdict_detail, verdict_text
from ablation.statistics.arm import Arm
from ablation.statistics.sequential import WAITING
from ablation.statistics.verdict import INCOMPLETE, INCONCLUSIVE, TOO_FEW, WHERE_TRAINED, WORSE

TEN = [0.9 + 0.002 * (i % 5) for i in range(10)]


def variant(label: str, values: dict[int, float], lost: tuple[int, ...] = (), planned: int | None = None) -> Variant:
    runs = tuple(run(label, seed, value) for seed, value in values.items())
    return Variant(label, runs, tuple(diverged(label, seed) for seed in lost), planned_seeds=planned)


def pair(label: str, arm: Variant, reference: Variant) -> VariantPair:
    arms = [Arm(label, {one.seed: one.test_accuracy for one in each.runs}) for each in (arm, reference)]
    return VariantPair(arm, reference, *arms)


def simple_pair(label: str, values, reference=CALM, **lost) -> VariantPair:
    arm = variant(label, dict(enumerate(values)), lost.get("lost", ()), lost.get("planned"))
    return pair(label, arm, variant("baseline", dict(enumerate(reference)), lost.get("reference_lost", ())))


def spec(comparisons: int = 1, **changes) -> requested_test.TestSpec:
    return requested_test.TestSpec(TEST, "last", comparisons, **{"margin": None, "is_planned": True, **changes})


# ---------------------------------------------------------------- a pair


def test_a_pair_without_all_its_runs_is_incomplete_whichever_side_lacks_them():
    full, short = variant("a", {0: 0.9, 1: 0.8}, planned=2), variant("b", {0: 0.9}, planned=2)
    assert not pair("a", full, full).is_incomplete
    assert pair("b", short, full).is_incomplete and pair("a", full, short).is_incomplete
    assert not pair("c", variant("c", {0: 0.9}, lost=(1,), planned=2), full).is_incomplete  # diverged is an outcome


def test_a_seed_is_lost_where_a_run_of_either_side_diverged():
    lost = simple_pair("-a", CALM[:3], lost=(3, 4), reference_lost=(4, 7))
    assert lost.lost_seeds == {3, 4, 7}
    assert lost.divergence_p() == pytest.approx(stats.fisher_exact([[2, 3], [2, 5]]).pvalue)
    assert isnan(simple_pair("-a", CALM).divergence_p())


# ---------------------------------------------------------------- fixed studies


def test_the_plan_says_which_comparisons_are_paired():
    pairs = [simple_pair("-a", lower(0.02)), simple_pair("-b", lower(0.02))]
    a, b = pair_results(pairs, plan(paired=("-a",)), spec(2))
    assert a.pair.paired and not b.pair.paired
    assert not any(result.pair.paired for result in pair_results(pairs, None, spec(2, is_planned=False)))
    assert not any(
        result.pair.paired for result in pair_results(pairs, plan(paired=("-a",)), spec(2, is_planned=False))
    )


def test_paired_by_seed_is_the_paired_t_test():
    values = [value - 0.001 * (i % 3) for i, value in enumerate(TEN)]
    (result,) = pair_results([simple_pair("-a", values, TEN)], plan(paired=("-a",)), spec())
    assert result.p == result.p_holm == pytest.approx(stats.ttest_rel(values, TEN).pvalue)


def test_holm_counts_what_was_planned_not_what_is_there():
    (one,) = pair_results([simple_pair("-a", lower(0.003))], plan(), spec(1))
    (twelve,) = pair_results([simple_pair("-a", lower(0.003))], plan(), spec(12))
    assert (one.verdict, twelve.verdict) == (WORSE, INCONCLUSIVE)
    assert twelve.p_holm > one.p_holm and twelve.p == one.p


def test_an_incomplete_pair_keeps_its_numbers_without_a_verdict():
    pairs = [simple_pair("-a", lower(0.3), planned=7), simple_pair("-b", lower(0.3))]
    a, b = pair_results(pairs, plan(), spec(2))
    assert (a.verdict, b.verdict) == (INCOMPLETE, WORSE) and a.p == b.p


def test_of_a_factorial_study_no_cell_is_judged():
    (result,) = pair_results([simple_pair("-a", lower(0.3))], plan(design="factorial"), spec(each_judged=False))
    assert result.verdict == "" and isnan(result.p_holm) and not result.assumes_normality
    assert isnan(result.simultaneous.low) and result.p < 0.01


# ---------------------------------------------------------------- sequential studies

SEQUENTIAL = plan(paired=("-a", "-b"), stopping="sequential", seeds=tuple(range(6)))


def looked(*pairs: VariantPair, **changes) -> list:
    return pair_results(pairs, SEQUENTIAL, spec(len(pairs), max_seeds=6, decides_stopping=True, **changes))


def test_a_missing_run_stops_all_later_looks():
    """The fourth seed is missing, so that five runs have one look, at the first three."""
    gap = {seed: CALM[0] + 0.0001 * seed for seed in (0, 1, 2, 4, 5)}
    base = variant("baseline", {seed: 0.9 + 0.001 * (seed % 2) for seed in range(6)})
    (result,) = looked(pair("-a", variant("-a", gap), base))
    assert (result.look.n, result.pair.seeds, result.verdict) == (3, [0, 1, 2], WAITING)


def test_a_diverged_seed_is_skipped_on_both_sides():
    """A look at n means n complete pairs of runs."""
    arm = variant("-a", {seed: 0.6 + 0.001 * seed for seed in (0, 2, 3)}, lost=(1,))
    base = variant("baseline", dict(enumerate(CALM)))
    (result,) = looked(pair("-a", arm, base))
    assert (result.look.n, result.pair.seeds, result.verdict) == (3, [0, 2, 3], WORSE)
    (higher,) = looked(pair("-a", variant("-a", {0: 0.99, 2: 0.991, 3: 0.992}, lost=(1,)), base))
    assert (higher.verdict, higher.look.n) == (WHERE_TRAINED, 3)


def test_a_comparison_without_three_pairs_has_too_few_seeds():
    (result,) = looked(simple_pair("-a", CALM[:2]))
    assert result.verdict == TOO_FEW and result.look is None


def test_another_metric_never_waits_for_seeds():
    flat = simple_pair("-a", CALM[::-1])
    assert [result.verdict for result in looked(flat)] == [WAITING]
    (result,) = pair_results([flat], SEQUENTIAL, spec(max_seeds=6, decides_stopping=False))
    assert result.verdict == INCONCLUSIVE


# ---------------------------------------------------------------- from runs on disk


@pytest.mark.parametrize(
    ("recorded", "status"),
    [("failed", "failed"), ("interrupted", "interrupted"), ("running", "interrupted")],  # no process runs it any more
)
def test_a_run_without_a_result_leaves_its_row_incomplete(tmp_path, recorded, status):
    for seed, value in enumerate(CALM):
        write(tmp_path, config("resnet34", seed=seed), history(accuracy=value))
        state = {"status": recorded} if seed == 4 else {}
        write(tmp_path, config("plain34", seed=seed), history(accuracy=value - 0.3), **state)
    made = compared(tmp_path, baseline="resnet34")
    plain = made.variant("plain34")
    assert (verdict_text(made, plain), verdict_detail(made, plain)) == ("incomplete", f"(1 {status})")
    assert any(text.startswith(f"Incomplete: plain34 (1 {status}); ") for text in findings.sentences(made))
    reverse = compared(tmp_path, baseline="plain34")
    resnet = reverse.variant("resnet34")
    found = (verdict_text(reverse, resnet), verdict_detail(reverse, resnet))
    assert found == ("incomplete", f"(plain34: 1 {status})")
    assert f"Incomplete: plain34 (1 {status})" in " ".join(findings.sentences(compared(tmp_path)))


def test_of_a_plan_failed_and_missing_runs_are_counted_together(quick, tmp_path):
    plan_of_three = finish(quick, tmp_path, {"baseline": CALM, "-shortcut": lower(0.3)[:3], "-init": CALM})
    cell = next(cell for cell in plan_of_three.cells.design if cell.name == "-shortcut")
    lost = {"fingerprint": cell.runs[3].fingerprint, "status": "failed"}
    write(tmp_path, replace(cell.config, seed=plan_of_three.study.seeds[3]), history(), **lost)
    made = compared(tmp_path)
    shortcut = made.variant("-shortcut")
    found = (verdict_text(made, shortcut), verdict_detail(made, shortcut))
    assert found == ("incomplete", "(2 of 5 runs missing: 1 failed)")


def test_a_variant_that_trains_only_sometimes_is_never_better(tmp_path):
    """Three of six runs diverged, and the others are 8 points higher."""
    for seed in range(6):
        write(tmp_path, config("resnet34", seed=seed), history(accuracy=0.9 + 0.002 * (seed % 3)))
        state = {"status": "diverged"} if seed > 2 else {}
        write(tmp_path, config("plain34", seed=seed), history(accuracy=0.98 + 0.002 * (seed % 3)), **state)
    made = compared(tmp_path, baseline="resnet34")
    (sentence,) = (text for text in findings.sentences(made) if text.startswith("plain34"))
    assert sentence.startswith("plain34 is higher where it trained (3 of 6 diverged): +0.080 test accuracy")
    assert "(3 of 6 and 0 of 6: p = 0.182, Fisher's exact test)" in sentence
    record = json.loads(export.json(build_table(made)))["variants"][1]
    assert (record["verdict"], record["excluded"]) == (None, "higher where it trained")
    reverse = compared(tmp_path, baseline="plain34")
    (sentence,) = (text for text in findings.sentences(reverse) if text.startswith("resnet34"))
    assert sentence.startswith("resnet34 is lower where the reference trained (plain34: 3 of 6 diverged): -0.080")
