"""The verdict cell, and the assumption that verdicts make."""

from dataclasses import replace

import pytest
from support.comparisons import compare, factorial, row, study

from ablation.report.wording import verdict_text
from ablation.report.wording.verdict_text import assumption_sentence


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("baseline", "baseline"),
        ("-shortcut", "worse"),
        ("-norm", "inconclusive"),
        ("-width.half", "equivalent"),
        ("-augment", "too few seeds"),
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


def test_labels_may_list_what_was_removed():
    removed = row("-norm -shortcut", [0.5], removed=("norm", "shortcut"))
    assert verdict_text.labels_name_removals([row("a", [0.5]), removed])
    assert not verdict_text.labels_name_removals([replace(removed, label="small")])
