"""Verdicts as sentences."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.comparisons import TEST, compare, diverged, row, sequential, study
from support.finished_studies import CALM

from ablation.comparison.analysis.comparison import Comparison
from ablation.comparison.reading.run import Diverged
from ablation.report.tables.caption import general_notes
from ablation.report.wording import verdict_sentences as sentences
from ablation.report.wording.number_format import excludes_zero
from ablation.statistics import power
from ablation.statistics.estimate import Estimate
from ablation.statistics.intervals import Interval
from ablation.statistics.verdict import Look

CLEAR = [row("resnet34", [0.9, 0.91, 0.92]), row("plain34", [0.4, 0.42, 0.415])]


def test_a_verdict_says_how_large_how_sure_and_over_how_many_seeds():
    comparison = compare(CLEAR)
    result = comparison.variants[1].result
    (sentence,) = sentences.verdict_sentences(comparison)
    low, high = result.interval
    assert sentence == (
        f"plain34 is worse: {result.difference:.3f} test accuracy (95 % CI {low:.3f} to {high:.3f}, "
        f"p = {result.p_holm:.1g}, n = 3)."
    )


def with_result(comparison: Comparison, label: str, **changes) -> Comparison:
    """The comparison, with another result of this variant."""
    variants = []
    for variant in comparison.variants:
        is_it = variant.label == label
        variants.append(replace(variant, result=replace(variant.result, **changes)) if is_it else variant)
    return replace(comparison, variants=tuple(variants))


def test_the_form_of_a_verdict():
    changed = {"estimate": Estimate(-0.498, 0.05, 4), "interval": Interval(-0.672, -0.323), "p_holm": 0.002}
    comparison = compare(CLEAR, comparisons=2)
    assert list(sentences.verdict_sentences(with_result(comparison, "plain34", **changed))) == [
        "plain34 is worse: -0.498 test accuracy (95 % CI -0.672 to -0.323, p = 0.002 after Holm, n = 3)."
    ]
    paired = with_result(compare(CLEAR, paired=True, comparisons=2), "plain34", **changed)
    assert list(sentences.verdict_sentences(paired)) == [
        "plain34 is worse: -0.498 test accuracy (95 % CI -0.672 to -0.323, p = 0.002 after Holm, n = 3, paired by "
        "seed)."
    ]


def test_a_single_comparison_has_no_holm():
    changed = {"estimate": Estimate(-0.498, 0.05, 4), "interval": Interval(-0.672, -0.323), "p_holm": 0.002}
    assert list(sentences.verdict_sentences(with_result(compare(CLEAR), "plain34", **changed))) == [
        "plain34 is worse: -0.498 test accuracy (95 % CI -0.672 to -0.323, p = 0.002, n = 3)."
    ]
    flat = with_result(compare(FLAT), "-a", interval=Interval(0.001, 0.005), p_holm=0.061)
    (sentence,) = sentences.inconclusive_sentences(flat)
    assert "for this comparison alone, but p = 0.061, n = 5)" in sentence


def test_where_only_a_later_step_of_holm_decides_the_sentence_says_so():
    comparison = compare(CLEAR, comparisons=2)
    (sentence,) = sentences.verdict_sentences(with_result(comparison, "plain34", by_later_step=True, p_holm=0.04))
    assert "p = 0.040 after Holm, below the level only in a later step of Holm's procedure, n = 3)." in sentence


# Calm at the first look already, later than that, or never.
LOOKS = [
    row("baseline", [0.9, 0.91, 0.92, 0.905, 0.915, 0.912]),
    row("-rate", [0.6, 0.612, 0.619, 0.607, 0.613, 0.611]),
    row("-decay", [0.895, 0.91, 0.921, 0.9, 0.91, 0.91]),
]


def test_a_verdict_at_an_interim_look_says_which_and_its_level():
    comparison = sequential(LOOKS)
    result = comparison.variant("-rate").result
    assert (result.look.n, comparison.variant("-rate").arm.n) == (3, 6)
    low, high = result.interval
    (sentence,) = sentences.verdict_sentences(comparison)
    assert sentence == (
        f"-rate is worse: {result.difference:.3f} test accuracy (repeated 95 % CI {low:.3f} to {high:.3f}, "
        f"p = {result.look.p:.1g} at the look with n = 3, nominal level {result.look.level:.3f}, paired by seed)."
    )


def test_the_form_of_an_inconclusive_variant():
    comparison = compare([row("baseline", [0.9, 0.8, 0.7]), row("-nesterov", [0.8, 0.7, 0.75])], margin=0.05)
    estimate = replace(comparison.variants[1].result.estimate, value=-0.068)
    comparison = with_result(comparison, "-nesterov", estimate=estimate, interval=Interval(-0.173, 0.037))
    few, many = power.seeds_to_detect(0.05, estimate, 3, 0.05)
    assert list(sentences.inconclusive_sentences(comparison)) == [
        "No difference shown for -nesterov: -0.068 (95 % CI -0.173 to +0.037, n = 3). "
        f"{few} to {many:,} seeds would detect 0.05."
    ]


def test_the_clearest_verdicts_come_first():
    found = list(sentences.verdict_sentences(study()))
    assert [sentence.partition(":")[0] for sentence in found] == [
        "-shortcut is worse",
        "-epochs (with a different training budget) is worse",
        "-width.half is equivalent",
    ]


# ---------------------------------------------------------------- equivalence


def test_equivalence_names_tost_the_margin_the_difference_and_the_90_percent_interval():
    comparison = compare([row("resnet34", CALM), row("same", [value + 0.0005 for value in CALM])], margin=0.01)
    result = comparison.variants[1].result
    low, high = result.estimate.interval(0.9)
    (sentence,) = sentences.verdict_sentences(comparison)
    assert sentence == (
        f"same is equivalent: +0.0005 test accuracy (TOST with the margin 0.01: 90 % CI {low:.3f} to +{high:.3f}, "
        f"p = {result.p_equivalence:.1g}, n = 5)."
    )


def test_a_clear_difference_is_never_called_equivalent():
    """However large the margin: 45 points worse are worse, and by less than a margin of 90."""
    comparison = compare([row("resnet34", [0.95, 0.96, 0.955]), row("plain34", [0.5, 0.51, 0.49])], margin=0.9)
    (sentence,) = sentences.verdict_sentences(comparison)
    low, high = comparison.variants[1].result.equivalence_interval
    assert sentence.startswith("plain34 is worse, but by less than the margin of 0.9: -0.455 test accuracy (95 % CI ")
    p = comparison.variants[1].result.p_equivalence
    assert sentence.endswith(f", n = 3; TOST with the margin 0.9: 90 % CI {low:.3f} to {high:.3f}, p = {p:.1g}).")
    tight = compare([row("resnet34", [0.95, 0.96, 0.955]), row("plain34", [0.5, 0.51, 0.49])], margin=0.3)
    assert next(iter(sentences.verdict_sentences(tight))).startswith("plain34 is worse: -0.455 test accuracy (95 % CI ")


# ---------------------------------------------------------------- diverged runs


def lost(label: str, *seeds: int) -> tuple[Diverged, ...]:
    return tuple(diverged(label, seed) for seed in seeds)


HIGH, LOW = [0.99, 0.992, 0.991], [0.9, 0.902, 0.901, 0.9, 0.903, 0.902]


def test_what_is_better_only_where_it_trained_is_not_better():
    comparison = compare([row("resnet34", LOW), row("plain34", HIGH, diverged=lost("plain34", 3, 4, 5))])
    variant = comparison.variants[1]
    low, high = variant.result.interval
    (sentence,) = sentences.verdict_sentences(comparison)
    assert variant.divergence_p == pytest.approx(2 / 11)  # 6 choose 3 of 12 choose 3, both tails
    assert sentence == (
        f"plain34 is higher where it trained (3 of 6 diverged): +{variant.result.difference:.3f} test accuracy (95 % "
        f"CI +{low:.3f} to +{high:.3f}, p = {variant.result.p_holm:.1g}, n = 3 and 6). This is no verdict, because "
        "diverged runs have no value (3 of 6 and 0 of 6: p = 0.182, Fisher's exact test)."
    )


def test_nothing_is_worse_than_a_baseline_with_diverged_runs():
    comparison = compare([row("resnet34", HIGH, diverged=lost("resnet34", 3, 4, 5)), row("plain34", LOW)])
    (sentence,) = sentences.verdict_sentences(comparison)
    assert sentence.startswith("plain34 is lower where the reference trained (resnet34: 3 of 6 diverged): -0.0")
    assert "n = 6 and 3). This is no verdict" in sentence and "(0 of 6 and 3 of 6: p = 0.182" in sentence


def test_where_runs_of_both_diverged_both_shares_are_said():
    base = row("resnet34", HIGH, diverged=lost("resnet34", 3))
    comparison = compare([base, row("plain34", LOW[:3], diverged=lost("plain34", 3, 4, 5))])
    (sentence,) = sentences.verdict_sentences(comparison)
    assert sentence.startswith("plain34 is lower where both trained (3 of 6 diverged; resnet34: 1 of 4): -0.0")
    same = compare([base, row("same", HIGH, diverged=lost("same", 3))], margin=0.02)
    (sentence,) = sentences.verdict_sentences(same)
    assert sentence.startswith("same is equivalent where both trained (1 of 4 diverged; resnet34: 1 of 4): 0.000 ")


def test_equivalent_where_it_trained_names_tost_as_equivalent_does():
    rows = [row("resnet34", CALM), row("same", [value + 0.0005 for value in CALM], diverged=lost("same", 5))]
    comparison = compare([*rows, row("other", [0.5, 0.6, 0.7])], margin=0.01)
    result = comparison.variants[1].result
    low, high = result.equivalence_interval
    (sentence,) = sentences.verdict_sentences(comparison)
    assert sentence.startswith(
        "same is equivalent where it trained (1 of 6 diverged): +0.0005 test accuracy (TOST with the margin 0.01: 90 % "
        f"CI {low:.3f} to +{high:.3f}, p = {result.p_equivalence:.1g} after Holm, n = 5). This is no verdict, because"
    )
    paired = compare([rows[0], replace(rows[1], diverged=lost("same", 5))], margin=0.01, paired=True)
    (sentence,) = sentences.verdict_sentences(paired)
    assert ", n = 5, paired by seed). This is no verdict" in sentence


def test_of_a_loss_lower_is_what_diverged_runs_withdraw():
    loss = replace(TEST, name="test loss", key="test_loss", higher=False, images=None, largest=None)
    better = compare([row("resnet34", HIGH * 2), row("plain34", LOW[:3], diverged=lost("plain34", 3))], metric=loss)
    assert next(iter(sentences.verdict_sentences(better))).startswith("plain34 is lower where it trained (1 of 4 ")
    worse = compare([row("resnet34", LOW), row("plain34", HIGH, diverged=lost("plain34", 3))], metric=loss)
    assert next(iter(sentences.verdict_sentences(worse))).startswith("plain34 is worse: +0.0")


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


# ---------------------------------------------------------------- inconclusive


FLAT = [row("baseline", CALM), row("-a", [0.902, 0.9, 0.899, 0.897, 0.9])]


@pytest.mark.parametrize(
    ("chosen", "detect", "wanted"),
    [
        ({"margin": 0.004}, None, "0.004"),
        ({"margin": 0.004, "detect": 0.003}, None, "0.004"),
        ({"detect": 0.003}, None, "0.003"),
        ({"margin": 0.004, "detect": 0.003}, 0.002, "0.002"),
    ],
)
def test_the_seeds_that_an_inconclusive_variant_needs_are_for_what_was_chosen_before(chosen, detect, wanted):
    """What is typed now goes first, then the margin, then what the study was planned to detect."""
    comparison = replace(compare(FLAT), **chosen)
    (sentence,) = sentences.inconclusive_sentences(comparison, detect)
    few, many = power.seeds_to_detect(float(wanted), comparison.variants[1].result.estimate, 5, 0.05)
    assert sentence.endswith(f". {few} to {many} seeds would detect {wanted}.")


def test_without_a_chosen_difference_the_seeds_say_what_they_detect():
    comparison = compare(FLAT)
    estimate = comparison.variants[1].result.estimate
    detected = power.detectable_difference(estimate, 0.05)
    few, many = power.seeds_to_detect(detected / 2, estimate, 5, 0.05)
    (sentence,) = sentences.inconclusive_sentences(comparison)
    assert sentence.endswith(
        f" 5 seeds detect a difference of {detected:.3f} (80 % power); {few} to {many} would detect half of it."
    )


@settings(max_examples=20)
@given(observed=st.floats(-1, 1), chosen=st.sampled_from([{}, {"margin": 0.01}, {"detect": 0.02}]))
def test_the_needed_seeds_never_depend_on_the_observed_difference(observed, chosen):
    def needed(comparison: Comparison) -> str:
        (sentence,) = sentences.inconclusive_sentences(comparison)
        return sentence.partition("). ")[2]

    comparison = replace(compare(FLAT), **chosen)
    moved = replace(comparison.variants[1].result.estimate, value=observed)
    assert needed(with_result(comparison, "-a", estimate=moved)) == needed(comparison) != ""


@pytest.mark.parametrize(
    ("chosen", "end"),
    [
        ({"margin": 0.0004}, r"\. [\d,]+ to (more than )?[\d,]+ seeds would detect 0\.0004\."),
        ({}, r"\. Their seeds detect differences of 0\.\d{3} to 0\.\d{3} \(80 % power\)\."),
    ],
)
def test_of_many_inconclusive_variants_the_rest_have_their_seeds_too(chosen, end):
    rows = [row(f"-{i}", [0.9 + (value - 0.9) * (1 + i / 5) for value in FLAT[1].arm.array]) for i in range(14)]
    found = list(sentences.inconclusive_sentences(compare([FLAT[0], *rows], **chosen)))
    assert len(found) == 7 and found[-1].startswith("No difference shown for 8 more variants: ")
    assert re.search(f"{end}$", found[-1]), found[-1]


def test_runs_that_never_vary_have_no_needed_seeds():
    constant = replace(compare([row("a", [0.5] * 3), row("b", [0.5] * 3)]), margin=0.1)
    unknown = with_result(constant, "b", estimate=Estimate(0.0), interval=Interval(float("nan"), float("nan")))
    (sentence,) = sentences.inconclusive_sentences(unknown)
    assert sentence == (
        "No difference shown for b: 0.000 (n = 3). How many seeds would detect a difference is unknown, because the "
        "runs do not vary."
    )


def random_comparison(chance: np.random.Generator) -> Comparison:
    """Differences of 1 to 3 SD over few seeds, so that intervals often exclude 0 beside an inconclusive verdict."""
    is_sequential, sizes = chance.random() < 0.4, chance.integers(3, 6, 6)
    rows = []
    for i in range(1 + chance.integers(1, 5)):
        n = 6 if is_sequential else int(sizes[i]) + (6 if i == 0 and chance.random() < 0.5 else 0)
        values = 0.8 + 0.02 * chance.standard_normal(n) + (i > 0) * 0.02 * chance.uniform(1, 3)
        rows.append(row(f"v{i}", values.tolist()))
    return sequential(rows) if is_sequential else compare(rows, paired=bool(chance.random() < 0.3))


def test_an_interval_that_excludes_0_beside_inconclusive_always_has_its_reason():
    """In the sentence and in a note of the table; and no other variant has such a reason."""
    chance, contradicting = np.random.default_rng(7), {True: 0, False: 0}
    for _ in range(60):
        comparison = random_comparison(chance)
        said = {sentence.partition(":")[0]: sentence for sentence in sentences.inconclusive_sentences(comparison)}
        explained = [note for note in general_notes(comparison) if "although the interval excludes 0" in note]
        named = re.findall(r"v\d", " ".join(explained))
        for variant in comparison.variants:
            if variant.result is None or variant.result.verdict != "inconclusive":
                assert variant.label not in named
                continue
            contradicts = excludes_zero(variant.result.interval)
            sentence = said[f"No difference shown for {variant.label}"]
            assert (" for this comparison alone, but p = " in sentence) == contradicts, sentence
            assert (variant.label in named) == contradicts, explained
            contradicting[comparison.max_seeds is None] += contradicts
    assert min(contradicting.values()) >= 5


def test_the_reason_names_what_the_verdict_compared():
    result = {"interval": Interval(0.001, 0.005), "p_holm": 0.061}
    flat = with_result(compare(FLAT), "-a", **result)
    (sentence,) = sentences.inconclusive_sentences(replace(flat, comparisons=12))
    reason = "(95 % CI +0.001 to +0.005 for this comparison alone, but p = 0.061 after Holm over 12 comparisons, n = 5)"
    assert reason in sentence
    (sentence,) = sentences.inconclusive_sentences(with_result(flat, "-a", look=Look(5, 0.009, 0.012)))
    assert (
        "(repeated 95 % CI +0.001 to +0.005 for this comparison alone, but p = 0.012, above the nominal level 0.009 of "
        "this look, n = 5)"
    ) in sentence


def test_no_sentence_says_more_than_the_table():
    text = " ".join([*sentences.verdict_sentences(study()), *sentences.inconclusive_sentences(study())])
    assert not re.search(r"significant|proves|causes", text)
