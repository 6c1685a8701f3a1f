"""The test that the plan fixed, and what a command may choose otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.comparisons import run
from support.plans import LABELS, past, plan

from ablation.comparison.analysis import requested_test as choice
from ablation.comparison.analysis.baseline import Lineup, named_lineup, planned_lineup
from ablation.comparison.analysis.variants import Variant
from ablation.errors import AblateError
from ablation.rundir.study_plan import StudyPlan

VARIANTS = [Variant(label, tuple(run(seed=seed) for seed in range(3))) for label in ("baseline", *LABELS)]


def lineup(frozen: StudyPlan | None, request: choice.Request, variants=VARIANTS) -> Lineup:
    """As `compare` chooses it."""
    if frozen is not None and request.baseline is None:
        return planned_lineup(variants, frozen)
    return named_lineup(variants, request.baseline)


def requested(frozen: StudyPlan | None, variants=VARIANTS, **words) -> choice.TestSpec:
    request = choice.Request(**words)
    return choice.requested_test(frozen, lineup(frozen, request, variants), request)


# ---------------------------------------------------------------- with a plan


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"baseline": "baseline"},
        {"metric": "test_accuracy"},
        {"select": "last"},
        {"margin": 0.02},
        {"baseline": "baseline", "metric": "test_accuracy", "select": "last", "margin": 0.02},
    ],
)
def test_typing_what_the_plan_says_is_not_exploratory(words):
    test = requested(plan(margin=0.02), **words)
    assert test == requested(plan(margin=0.02)) and test.exploratory == ()
    assert (test.is_planned, test.comparisons, test.margin, test.metric.key) == (True, 3, 0.02, "test_accuracy")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ({"baseline": "-a"}, "--baseline -a is not that of the plan"),
        ({"metric": "val_loss"}, "--metric val_loss is not that of the plan"),
        ({"metric": "val_accuracy", "select": "best_val"}, "--select best_val is not that of the plan"),
        ({"margin": 0.03}, "--margin 0.03 is not that of the plan, which has 0.02"),
        ({"margin": 0.02000001}, "--margin 0.02000001 is not that of the plan, which has 0.02"),
    ],
)
def test_another_choice_than_the_plan_s_is_exploratory_with_the_reason(words, reason):
    test = requested(plan(margin=0.02), **words)
    assert reason in test.exploratory and test.comparisons == 3


def test_each_other_choice_has_its_own_reason():
    words = {"baseline": "-a", "metric": "val_accuracy", "select": "best_val", "margin": 0.03}
    assert requested(plan(), **words).exploratory == (
        "--baseline -a is not that of the plan",
        "--metric val_accuracy is not that of the plan",
        "--select best_val is not that of the plan",
        "--margin 0.03 is not that of the plan, which has none",
    )


@given(
    kept=st.sets(st.sampled_from(range(1, 4))),
    baseline=st.none() | st.integers(0, 3),
    metric=st.sampled_from([None, "val_loss", "test_accuracy"]),
    margin=st.none() | st.floats(0.001, 0.9),
    earlier=st.sampled_from([(), ("-a", "-b"), ("-a", "-x", "-y", "-z")]),
    design=st.sampled_from(["leave_one_out", "factorial"]),
)
def test_nothing_that_is_typed_or_left_out_lowers_the_number_of_comparisons(
    kept, baseline, metric, margin, earlier, design
):
    """Nor does a plan with fewer components than an earlier one of that name: -x, -y and -z were compared then."""
    frozen = plan(history=(past(*earlier),) if earlier else (), design=design)
    variants = [variant for i, variant in enumerate(VARIANTS) if i == 0 or i in kept or i == baseline]
    name = None if baseline is None else VARIANTS[baseline].label
    test = requested(frozen, variants, baseline=name, metric=metric, margin=margin)
    assert test.comparisons >= frozen.comparisons_with_history() >= 3
    assert test.comparisons >= len(lineup(frozen, choice.Request(baseline=name), variants).reference_of)


def test_comparisons_of_earlier_plans_are_counted():
    compared_before = plan(history=(past("-a", "-x", "-y"),), seeds=(0,))
    assert compared_before.comparisons_with_history() == requested(compared_before).comparisons == 5


def test_a_factorial_study_judges_effects_unless_another_baseline_is_named():
    assert not requested(plan(design="factorial")).each_judged
    assert not requested(plan(design="factorial"), baseline="baseline").each_judged
    named = requested(plan(design="factorial"), baseline="-a")
    assert named.each_judged and not named.is_planned and named.exploratory


def test_a_sequential_study_stops_by_the_metric_of_its_plan_only():
    frozen = plan(stopping="sequential", seeds=tuple(range(12)))
    planned = requested(frozen)
    assert (planned.max_seeds, planned.decides_stopping) == (12, True)
    for words in ({"metric": "val_loss"}, {"metric": "val_accuracy", "select": "best_val"}):
        other = requested(frozen, **words)
        assert (other.max_seeds, other.decides_stopping) == (12, False) and other.exploratory
    assert requested(plan()).max_seeds is None


# ---------------------------------------------------------------- without a plan


def test_without_a_plan_all_variants_are_counted_and_exploratory():
    test = requested(None, baseline="-b")
    assert test.exploratory == ("no study planned this comparison",) and not test.is_planned
    assert (test.comparisons, test.margin, test.max_seeds) == (3, None, None)


def test_without_a_baseline_nothing_is_compared():
    assert requested(None).exploratory == ("no study planned this comparison",) and requested(None).comparisons == 0


# ---------------------------------------------------------------- the margin


@pytest.mark.parametrize("margin", [1.0, 5.0])
@pytest.mark.parametrize("frozen", [None, plan()])
def test_a_margin_that_no_two_accuracies_exceed_is_refused(frozen, margin):
    with pytest.raises(AblateError) as refusal:
        requested(frozen, baseline="baseline", margin=margin)
    assert str(refusal.value) == (
        f"The equivalence margin must be smaller than the range of the metric. Received --margin {margin:g}, and test "
        "accuracy is between 0 and 1. Allowed: above 0 and below 1. Type for example --margin 0.01"
    )


def test_a_loss_has_no_largest_margin():
    assert requested(None, baseline="baseline", metric="val_loss", margin=5.0).margin == 5.0


def test_the_margin_of_a_plan_is_in_accuracy():
    assert requested(plan(margin=0.02), metric="val_accuracy").margin == 0.02
    assert requested(plan(margin=0.02), metric="val_loss").margin is None
    assert requested(plan(margin=0.02), metric="val_loss", margin=0.3).margin == 0.3
