"""The verdict cell, and the assumption that verdicts make."""

from dataclasses import replace

import pytest
from support.comparisons import TEST, compare, diverged, factorial, row, sequential, study

from ablation.comparison.analysis.comparison import Comparison
from ablation.comparison.reading.run import Diverged
from ablation.report.wording import verdict_text
from ablation.report.wording.verdict_text import assumption_sentence, exploratory_sentence


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("baseline", "baseline"),
        ("-shortcut", "worse"),
        ("-norm", "inconclusive"),
        ("-width.half", "equivalent"),
        ("-augment", "incomplete"),
        ("-data", "not comparable"),
        ("-dropout", "no completed run"),
    ],
)
def test_a_verdict_or_why_there_is_none(label, text):
    comparison = study()
    assert verdict_text.verdict_text(comparison, comparison.variant(label)) == text


def test_a_reference_without_runs_is_named_as_the_reason():
    comparison = compare([row("baseline", []), row("-a", [0.5, 0.6, 0.7])])
    variant = replace(comparison.variants[1], result=None)
    assert verdict_text.verdict_text(comparison, variant) == "no completed run to compare with"


def lost(label: str, *seeds: int) -> tuple[Diverged, ...]:
    return tuple(diverged(label, seed) for seed in seeds)


HIGH, LOW = [0.99, 0.992, 0.991], [0.9, 0.902, 0.901, 0.9, 0.903, 0.902]


@pytest.mark.parametrize(
    ("base", "arm", "text", "detail"),
    [
        (row("a", LOW), row("b", HIGH, diverged=lost("b", 3)), "higher where it trained", "(1 of 4 diverged)"),
        (
            row("a", HIGH, diverged=lost("a", 3)),
            row("b", LOW),
            "lower where the reference trained",
            "(a: 1 of 4 diverged)",
        ),
        (
            row("a", HIGH, diverged=lost("a", 3)),
            row("b", LOW, diverged=lost("b", 6, 7)),
            "lower where both trained",
            "(2 of 8 diverged; a: 1 of 4)",
        ),
        (row("a", HIGH), row("b", LOW, diverged=lost("b", 6)), "worse", ""),
        (row("a", LOW, diverged=lost("a", 6)), row("b", HIGH), "better", ""),
    ],
)
def test_a_verdict_that_diverged_runs_could_contradict_is_withdrawn(base, arm, text, detail):
    """A side is never favoured where its runs diverged; what speaks against it holds all the more."""
    comparison = compare([base, arm])
    variant = comparison.variants[1]
    found = (verdict_text.verdict_text(comparison, variant), verdict_text.verdict_detail(comparison, variant))
    assert found == (text, detail)


def test_equivalence_takes_runs_that_trained_on_both_sides():
    for base, arm in (((3,), ()), ((), (3,))):
        rows = [row("a", HIGH, diverged=lost("a", *base)), row("b", HIGH, diverged=lost("b", *arm))]
        comparison = compare(rows, margin=0.02)
        assert verdict_text.verdict_text(comparison, comparison.variants[1]).startswith("equivalent where ")


def test_a_difference_within_the_margin_keeps_its_verdict_and_says_so():
    comparison = compare([row("a", LOW), row("b", [value - 0.01 for value in LOW])], margin=0.02)
    variant = comparison.variants[1]
    assert verdict_text.verdict_text(comparison, variant) == "worse"
    assert verdict_text.verdict_detail(comparison, variant) == "(by less than the margin)"
    assert verdict_text.verdict_detail(comparison, comparison.variants[0]) == ""


@pytest.mark.parametrize(
    ("label", "detail"),
    [
        ("-augment", "(3 of 5 runs missing)"),
        ("-data", "(2 of 5 runs missing)"),
        ("-dropout", ""),  # no completed run
        ("-norm", ""),  # three runs and two that diverged
        ("baseline", ""),
    ],
)
def test_a_row_says_which_runs_are_missing(label, detail):
    assert verdict_text.verdict_detail(study(), study().variant(label)) == detail


def test_runs_that_are_missing_from_the_reference_are_said_where_there_is_no_verdict():
    comparison = compare(
        [row("a", HIGH, planned_seeds=5), row("b", LOW, planned_seeds=6), row("c", [], planned_seeds=6)]
    )
    details = [verdict_text.verdict_detail(comparison, variant) for variant in comparison.variants]
    assert details == ["(2 of 5 runs missing)", "(a: 2 of 5 runs missing)", ""]
    assert verdict_text.verdict_text(comparison, comparison.variants[1]) == "incomplete"


def test_there_are_verdicts_only_where_a_test_decided_something():
    assert verdict_text.has_verdicts(study()) and not verdict_text.has_verdicts(factorial())
    assert not verdict_text.has_verdicts(compare([row("a", HIGH[:2]), row("b", HIGH[:2])]))
    assert not verdict_text.has_verdicts(compare([row("a", HIGH), row("b", HIGH, planned_seeds=5)]))


def test_what_is_not_compared_has_no_verdict():
    comparison = replace(study(), baseline=None)
    assert verdict_text.verdict_text(comparison, replace(comparison.variants[1], result=None, reference=None)) == ""
    variants = factorial().variants
    assert [verdict_text.verdict_text(factorial(), variant) for variant in variants] == ["baseline", "", "", ""]


def test_the_assumption_is_a_sentence():
    clear = compare([row("a", [0.9, 0.91, 0.92]), row("b", [0.5, 0.51, 0.52])])
    assert assumption_sentence(clear) == (
        "With 3 seeds this assumes normally distributed noise; a permutation test cannot reach p = 0.05."
    )


def test_an_inconclusive_variant_assumes_nothing():
    comparison = compare([row("a", [0.9, 0.91, 0.92]), row("b", [0.9, 0.92, 0.91])])
    result = comparison.variants[1].result
    assert (result.verdict, result.assumes_normality) == ("inconclusive", True) and assumption_sentence(
        comparison
    ) == ""


def test_an_assumption_follows_the_test_that_was_made():
    """Ten paired seeds have 1024 combinations of signs, and five against five runs 252 permutations."""
    ten = [0.9 + i / 1000 for i in range(10)]
    paired = [row("a", ten), row("b", [value - 0.1 - i / 5000 for i, value in enumerate(ten)])]
    assert assumption_sentence(compare(paired, paired=True)) == ""
    five = [row("a", ten[:5]), row("b", [value - 0.1 - i / 5000 for i, value in enumerate(ten[:5])])]
    assert assumption_sentence(compare(five)) == ""
    assert assumption_sentence(compare(five, paired=True)).startswith("With 5 seeds this assumes")


def test_the_assumption_of_an_interim_look_is_kept():
    rows = [row("a", [0.9, 0.91, 0.92, 0.905, 0.915]), row("b", [0.6, 0.612, 0.619, 0.607, 0.613])]
    comparison = sequential(rows)
    assert comparison.variants[1].result.look.n == 3
    assert assumption_sentence(comparison) == (
        "With 3 seeds this assumes normally distributed noise; a permutation test cannot reach the nominal level of "
        "the look."
    )


def test_with_enough_seeds_nothing_is_assumed():
    comparison = compare([row("a", [0.9 + i / 1000 for i in range(6)]), row("b", [0.5 + i / 1000 for i in range(6)])])
    assert comparison.variants[1].result.verdict == "worse" and assumption_sentence(comparison) == ""


def test_the_assumption_names_its_variants_where_others_do_not_make_it():
    rows = [row("a", [0.9 + i / 1000 for i in range(8)]), row("b", [0.5 + i / 1000 for i in range(8)])]
    comparison = compare([*rows, row("c", [0.5, 0.501, 0.502]), row("d", [0.4, 0.401])])
    variants = [
        replace(each, result=each.result and replace(each.result, assumes_normality=each.label == "c"))
        for each in comparison.variants
    ]
    assert assumption_sentence(replace(comparison, variants=tuple(variants))) == (
        "With 3 seeds the verdict on c assumes normally distributed noise; a permutation test cannot reach p = 0.05 "
        "after Holm's correction over 3 comparisons."
    )


def test_only_what_is_compared_is_called_exploratory():
    reason = ("no study planned this comparison",)
    compared = compare([row("a", HIGH), row("b", LOW)], exploratory=reason)
    assert exploratory_sentence(compared) == ["Exploratory: no study planned this comparison."]
    assert exploratory_sentence(replace(compared, exploratory=())) == []
    assert exploratory_sentence(Comparison(TEST, (row("a", HIGH),), exploratory=reason)) == []


def test_labels_may_list_what_was_removed():
    removed = row("-norm -shortcut", [0.5], removed=("norm", "shortcut"))
    assert verdict_text.labels_name_removals([row("a", [0.5]), removed])
    assert not verdict_text.labels_name_removals([replace(removed, label="small")])


def test_in_a_sequential_study_an_equivalent_variant_assumes_nothing_of_a_look():
    """TOST is at the last look, not at its nominal level."""
    same = [0.9, 0.91, 0.92, 0.905, 0.915, 0.912]
    rows = [row("a", same), row("same", [value + 0.0001 * (-1) ** i for i, value in enumerate(same)])]
    alone = sequential(rows, margin=0.01)
    assert alone.variants[1].result.verdict == "equivalent" and alone.variants[1].result.assumes_normality
    assert assumption_sentence(alone) == ""
    beside = sequential([*rows, row("b", [value - 0.3 - 0.001 * i for i, value in enumerate(same)])], margin=0.01)
    assert beside.variants[2].result.verdict == "worse"
    assert assumption_sentence(beside).startswith("With 3 seeds this assumes normally distributed noise")


def test_a_row_without_completed_runs_says_how_many_diverged():
    dead = [row("a", HIGH), row("b", [], diverged=lost("b", 0, 1, 2))]
    comparison = compare(dead)
    assert verdict_text.verdict_text(comparison, comparison.variants[1]) == "no completed run"
    assert verdict_text.verdict_detail(comparison, comparison.variants[1]) == "(3 of 3 diverged)"
    reversed_comparison = compare([replace(dead[1], label="b"), row("a", HIGH)])
    variant = replace(reversed_comparison.variants[1], result=None)
    assert verdict_text.verdict_text(reversed_comparison, variant) == "no completed run to compare with"
    assert verdict_text.verdict_detail(reversed_comparison, variant) == "(b: 3 of 3 diverged)"


def test_too_few_seeds_of_the_reference_are_said_in_the_row():
    comparison = compare([row("a", HIGH[:2], diverged=lost("a", 2)), row("b", HIGH), row("c", HIGH[:2])])
    details = [verdict_text.verdict_detail(comparison, variant) for variant in comparison.variants]
    assert details == ["", "(a has 2)", "(a has 2)"]
    own = compare([row("a", HIGH), row("b", HIGH[:2])])
    assert verdict_text.verdict_detail(own, own.variants[1]) == ""
    shifted = row("b", HIGH)
    shifted = replace(shifted, arm=replace(shifted.arm, values={seed + 1: 0.9 for seed in range(3)}))
    apart = compare([row("a", HIGH), shifted], paired=True)
    assert verdict_text.verdict_detail(apart, apart.variants[1]) == "(2 seeds in common)"
