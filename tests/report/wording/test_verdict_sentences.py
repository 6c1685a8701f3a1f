"""Verdicts as sentences."""

import re
from dataclasses import replace

import pytest
from support.comparisons import compare, row, study

from ablation.report.wording import verdict_sentences as sentences
from ablation.statistics.intervals import Interval

CLEAR = [row("resnet34", [0.9, 0.91, 0.92]), row("plain34", [0.4, 0.42, 0.415])]


def test_a_verdict_says_how_large_how_sure_and_over_how_many_seeds():
    comparison = compare(CLEAR)
    result = comparison.variants[1].result
    (sentence,) = sentences.verdict_sentences(comparison)
    low, high = result.interval
    assert sentence == (
        f"plain34 is worse: {result.difference:.3f} test accuracy (95 % CI {low:.3f} to {high:.3f}, "
        f"p = {result.p_holm:.1g} after Holm, n = 3)."
    )


def test_the_form_of_a_verdict():
    comparison = compare(CLEAR)
    result = replace(comparison.variants[1].result, difference=-0.498, interval=Interval(-0.672, -0.323), p_holm=0.002)
    comparison = replace(comparison, variants=(comparison.variants[0], replace(comparison.variants[1], result=result)))
    assert list(sentences.verdict_sentences(comparison)) == [
        "plain34 is worse: -0.498 test accuracy (95 % CI -0.672 to -0.323, p = 0.002 after Holm, n = 3)."
    ]
    sequential = replace(comparison, max_seeds=30)
    assert list(sentences.verdict_sentences(sequential)) == [
        "plain34 is worse: -0.498 test accuracy (95 % CI -0.672 to -0.323, n = 3)."
    ]


def test_the_form_of_an_inconclusive_variant():
    comparison = compare([row("baseline", [0.9, 0.8, 0.7]), row("-nesterov", [0.8, 0.7, 0.75])])
    result = replace(comparison.variants[1].result, difference=-0.068, interval=Interval(-0.173, 0.037))
    comparison = replace(comparison, variants=(comparison.variants[0], replace(comparison.variants[1], result=result)))
    assert list(sentences.inconclusive_sentences(comparison)) == [
        "No difference shown for -nesterov: -0.068 (95 % CI -0.173 to +0.037)."
    ]


def test_the_clearest_verdicts_come_first():
    found = list(sentences.verdict_sentences(study()))
    assert [sentence.partition(":")[0] for sentence in found] == [
        "-shortcut is worse",
        "-epochs (with a different training budget) is worse",
        "-width.half is equivalent",
    ]
    assert "within the margin of 0.02, n = 5)." in found[-1]


def test_what_else_changes_and_another_reference_are_said():
    comparison = compare([*CLEAR, row("-c", [0.1, 0.11, 0.12], co_changes=("train.learning_rate=0.01",))])
    variants = (*comparison.variants[:2], replace(comparison.variants[2], reference="plain34"))
    first, _ = sentences.verdict_sentences(replace(comparison, variants=variants))
    assert first.startswith("-c (compared with plain34, with train.learning_rate=0.01) is worse: ")


def test_unequal_numbers_of_seeds_are_both_said():
    comparison = compare([row("a", [0.9, 0.91, 0.92, 0.905]), row("b", [0.4, 0.42, 0.415])])
    assert next(iter(sentences.verdict_sentences(comparison))).endswith("n = 3 and 4).")


@pytest.mark.parametrize(("count", "shown"), [(12, 12), (13, 7), (180, 7)])
def test_of_many_verdicts_the_largest_differences_are_said(count, shown):
    rows = [row(f"arm{i}", [0.4 + i / 1000, 0.401 + i / 1000, 0.402 + i / 1000]) for i in range(count)]
    found = list(sentences.verdict_sentences(compare([row("a", [0.9, 0.901, 0.902]), *rows])))
    assert len(found) == shown and found[0].startswith("arm0 is worse")
    if count == 13:
        assert found[-1] == "7 more variants are worse: arm6, arm7, arm8, arm9, arm10, arm11 and 1 more."


def test_what_a_verdict_is_missing():
    found = list(sentences.undecided_sentences(study()))
    assert found == [
        "Too few seeds for a verdict: -augment has 2. A variant and its reference each need 3, for example seed=0,1,2.",
        "No verdict on -dropout: no run of -dropout has completed.",
    ]
    assert list(sentences.missing_runs_sentences(study())) == [
        "Planned runs are missing: -norm has 3 of 5, -augment has 2 of 5, -data has 3 of 5 and -dropout has 0 of 5."
    ]


def test_a_variant_that_waits_for_seeds():
    comparison = compare(CLEAR)
    waiting = replace(comparison.variants[1].result, verdict="not yet decided")
    variants = (comparison.variants[0], replace(comparison.variants[1], result=waiting))
    assert list(sentences.undecided_sentences(replace(comparison, variants=variants))) == [
        "Not yet decided: plain34. Run the study's command again to add seeds."
    ]


def test_a_baseline_without_runs_and_a_lone_one():
    comparison = compare([row("baseline", []), row("-a", [0.5, 0.6, 0.7]), row("-b", [])])
    variants = tuple(replace(variant, result=None) for variant in comparison.variants)
    assert list(sentences.undecided_sentences(replace(comparison, variants=variants))) == [
        "No verdict on -a and -b: no run of baseline and -b has completed."
    ]
    assert list(sentences.undecided_sentences(compare([CLEAR[0]]))) == ["There is nothing to compare resnet34 with."]


def test_no_sentence_says_more_than_the_table():
    text = " ".join([*sentences.verdict_sentences(study()), *sentences.inconclusive_sentences(study())])
    assert not re.search(r"significant|proves|causes", text)
