"""The statistical test in words."""

from dataclasses import replace

from support.comparisons import TEST, compare, factorial, row, sequential
from support.finished_studies import CALM, lower

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.methods.statistical_test import is_guarded, statistical_sentences
from ablation.statistics.sequential import WAITING
from ablation.statistics.verdict import TOO_FEW


def said(comparison: Comparison) -> str:
    return " ".join(statistical_sentences(comparison))


def test_a_single_comparison_is_not_corrected():
    text = said(compare([row("a", CALM), row("b", lower(0.1))]))
    assert text == (
        "Each variant was compared with the baseline by Welch's t-test over seeds, two-sided at the 5 % level. Each "
        "standard deviation was taken to be at least one image (1/360)."
    )


def test_several_comparisons_are_corrected_and_their_intervals_are_not():
    text = said(compare([row("a", CALM), row("b", lower(0.1)), row("c", CALM)], paired=True))
    assert "by paired t-test over seeds, two-sided at the 5 % level, with Holm's correction over 2 comparisons." in text
    assert "The 95 % CI of each difference is for one comparison alone." in text


def test_few_seeds_assume_normal_noise():
    assert "a permutation test cannot reach p = 0.05." in said(compare([row("a", [0.9] * 3), row("b", [0.5] * 3)]))


def test_a_sequential_study_has_looks():
    text = said(sequential([row("a", CALM), row("b", lower(0.1))]))
    assert "with interim looks from 3 to at most 6 seeds; the level holds over all looks" in text


def test_a_difference_from_several_references_is_said():
    chain = compare([row("a", CALM), row("b", lower(0.1)), row("c", CALM)])
    chain = replace(chain, variants=(*chain.variants[:2], replace(chain.variants[2], reference="b")))
    assert "compared with the variant that the table names by" in said(chain)


def test_fewer_degrees_of_freedom_are_said():
    calm = [0.8, 0.8003, 0.7997, 0.8001, 0.7999]  # beside c, which varies more
    unequal = compare([row("a", CALM), row("b", calm), row("c", [0.7, 0.72, 0.68, 0.71, 0.69])])
    assert is_guarded(unequal) and "its test has the degrees of freedom that the usual variance gives." in said(unequal)
    equal = compare([row("a", CALM), row("b", lower(0.1))])
    assert not is_guarded(equal) and "degrees of freedom" not in said(equal)


def test_without_a_verdict_no_test_is_claimed():
    assert said(Comparison(TEST, (row("a", CALM),))) == "No difference was tested."
    assert said(compare([row("a", [0.9]), row("b", [0.8])])).startswith("No difference has a verdict")
    few = factorial()
    few = replace(few, effects=tuple(replace(effect, verdict=TOO_FEW) for effect in few.effects))
    assert said(few).startswith("No effect has a verdict")


def test_a_factorial_tests_main_effects():
    text = said(factorial())
    assert "Main effects, which average over all other components, were tested as contrasts" in text
    assert "with Holm's correction over 2 comparisons." in text and "single variants were not judged." in text


def test_an_undecided_sequential_study_does_not_claim_a_decision():
    made = sequential([row("a", CALM), row("b", CALM)])
    (second,) = made.variants[1:]
    assert second.result is not None and second.result.verdict == WAITING
    text = said(made)
    assert "Seeds are added until every comparison is decided" in text and "Not yet decided: b." in text
