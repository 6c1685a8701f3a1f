"""The caption of the table, and the notes on the whole."""

from dataclasses import replace

import pytest
from support.comparisons import TEST, compare, factorial, row, run, study

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.tables import caption
from ablation.report.tables.build import build_table


def caption_of(comparison: Comparison) -> str:
    return build_table(comparison).variants.caption


def test_the_caption_says_what_is_measured_and_judged():
    assert caption_of(study()) == (
        "Test accuracy of the last weights, on 360 images. Mean ± half the width of its 95 % CI over seeds (Student's "
        "t), n = 2 to 5; higher is better. Difference from baseline ± half the width of its 95 % CI; verdict by "
        "Welch's t-test over seeds, two-sided at 5 %, Holm's correction over 7 comparisons. Equivalent: within a "
        "margin of 0.02 (TOST)."
    )


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([[0.5], [0.6]], "One seed each, n = 1; higher is better."),
        ([[0.5, 0.6, 0.7], [0.6, 0.7, 0.8]], "over seeds (Student's t), n = 3; higher is better."),
        ([[], []], "No completed run."),
    ],
)
def test_the_caption_says_how_many_seeds_there_are(values, sentence):
    assert sentence in caption_of(Comparison(TEST, tuple(map(row, "ab", values))))


def test_the_caption_says_that_less_is_better():
    comparison = compare([row("a", [0.9] * 3), row("b", [0.8] * 3)])
    assert "lower is better" in caption_of(replace(comparison, metric=replace(TEST, higher=False)))


def test_the_caption_says_what_differences_are_from():
    chain = compare([row("a", [0.9, 0.8, 0.7]), row("b", [0.5, 0.6, 0.7]), row("c", [0.1, 0.2, 0.3])])
    assert "Difference from a ± half" in caption_of(replace(chain, variants=chain.variants[:2]))
    chain = replace(chain, variants=(*chain.variants[:2], replace(chain.variants[2], reference="b")))
    assert "Difference from the variant that each row names ± half" in caption_of(chain)


def test_the_caption_of_a_sequential_study_names_its_looks():
    comparison = replace(compare([row("a", [0.9, 0.8, 0.7]), row("b", [0.5, 0.6, 0.7])]), max_seeds=30)
    assert "over 1 comparison and over interim looks, up to 30 seeds." in caption_of(comparison)


def test_of_a_factorial_no_variant_is_judged_and_none_is_equivalent():
    """Nor where one of its variants is not comparable, so that its effects are not judged either."""
    comparison = factorial(margin=0.1)
    for judged in (comparison, replace(comparison, effects=())):
        text = caption_of(judged)
        assert "single variants are not judged" in text and "verdict by" not in text and "Equivalent" not in text


def test_the_caption_describes_other_metrics():
    runs = tuple(run("a", seed, 0.9, best_val_accuracy=0.95) for seed in range(3))
    comparison = Comparison(TEST, (replace(row("a", [0.9] * 3), runs=runs), row("b", [0.8, 0.8, 0.8])))
    assert "Val best: validation accuracy of the best epoch; Train loss: training loss" in caption_of(comparison)


def test_notes_on_the_whole_table():
    notes = caption.general_notes(study())
    assert notes == [
        "(budget): this variant deliberately has a different training budget.",
        "Excluded: torn (failed).",
    ]
    assumed = caption.general_notes(compare([row("a", [0.9, 0.91, 0.92]), row("b", [0.5, 0.51, 0.52])]))
    assert assumed == [
        "With 3 seeds this assumes normally distributed noise; a permutation test cannot reach p = 0.05."
    ]


def test_variants_on_different_data_are_noted_where_nothing_is_compared():
    other = replace(row("b", [0.8] * 3), runs=(run("b", digest="e" * 64),))
    assert "The variants were not all trained on the same data." in caption.general_notes(
        Comparison(TEST, (row("a", [0.9] * 3), other))
    )
