"""The caption of the table, and the notes on the whole."""

from dataclasses import replace
from pathlib import Path

import pytest
from support.comparisons import TEST, compare, factorial, row, run, sequential, study
from support.finished_studies import CALM, lower

from ablation.comparison.analysis.comparison import Comparison, NumberStyle
from ablation.report.tables import caption
from ablation.report.tables.build import build_table
from ablation.statistics.intervals import Interval


def caption_of(comparison: Comparison) -> str:
    return build_table(comparison).variants.caption


def test_the_caption_says_what_is_measured_and_judged():
    assert caption_of(study()) == (
        "Test accuracy of the last weights, on 360 images. Baseline network baseline (335k parameters), 1 epoch. Mean "
        "± half the width of its 95 % CI over seeds (Student's t), n = 2 to 5; higher is better. Difference from "
        "baseline ± half the width of its 95 % CI; verdict by "
        "Welch's t-test over seeds, two-sided at 5 %, Holm's correction over 7 comparisons. Equivalent: within a "
        "margin of 0.02 (two one-sided tests, TOST). Diverged: p of Fisher's exact test, not corrected. p: not "
        "corrected; p, Holm: with the more cautious degrees of freedom of the verdict. Paired by seed: the mean "
        "difference between runs of equal seed. r: correlation of the two over seeds."
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
    text = caption_of(comparison)
    assert "Difference from a at the look that decided, or at the last one, ± half the width of its repeated" in text
    assert "two-sided at 5 % over all interim looks, up to 30 seeds." in text
    assert "up to 30 seeds, Holm's correction over 2 comparisons." in caption_of(replace(comparison, comparisons=2))


def test_a_single_comparison_has_no_correction():
    two = compare([row("a", [0.9, 0.8, 0.7]), row("b", [0.5, 0.6, 0.7])])
    assert "two-sided at 5 %. " in caption_of(two) and "Holm's correction" not in caption_of(two)


@pytest.mark.parametrize("changes", [{}, {"margin": 0.02}, {"study": "parts"}])
def test_a_single_seed_has_neither_an_interval_nor_a_test(changes):
    text = caption_of(compare([row("a", [0.9]), row("b", [0.8])], **changes))
    assert text.endswith("One seed each, n = 1; higher is better. Difference from a.")
    incomplete = compare([row("a", [0.9, 0.8, 0.7]), row("b", [0.5, 0.6, 0.7], planned_seeds=5)], **changes)
    assert "verdict" not in caption_of(incomplete) and "Equivalent" not in caption_of(incomplete)


def test_what_no_plan_fixed_is_called_exploratory_first():
    reasons = ("no study planned this comparison", "--margin 0.02 is not that of the plan, which has none")
    text = caption_of(replace(study(), exploratory=reasons))
    assert text.startswith(f"Exploratory: {'; '.join(reasons)}. Test accuracy of the last weights")
    assert "xploratory" not in caption_of(study())


def test_columns_are_explained_where_they_need_it():
    """The verdict is more cautious than p only beside variants that vary more."""
    equal = compare([row("a", CALM), row("b", lower(0.1))])
    assert "p: not corrected" not in caption_of(equal) and "Diverged" not in caption_of(equal)
    calm = [0.8, 0.8003, 0.7997, 0.8001, 0.7999]  # beside c, which varies more
    unequal = compare([row("a", CALM), row("b", calm), row("c", [0.7, 0.72, 0.68, 0.71, 0.69])])
    assert "p: not corrected; p, Holm: with the more cautious degrees of freedom of the verdict." in caption_of(unequal)
    paired = compare([row("a", CALM), row("b", lower(0.1))], paired=True)
    assert "verdict by paired t-test over seeds" in caption_of(paired) and "Paired by seed:" not in caption_of(paired)
    assert "Look: its seeds and its nominal level." in caption_of(sequential([row("a", CALM), row("b", lower(0.1))]))


def test_of_a_factorial_no_variant_is_judged_and_none_is_equivalent():
    """Nor where one of its variants is not comparable, so that its effects are not judged either."""
    comparison = factorial(margin=0.1)
    for judged in (comparison, replace(comparison, effects=())):
        text = caption_of(judged)
        assert "single variants are not judged" in text and "verdict by" not in text and "Equivalent" not in text


def test_the_caption_describes_other_metrics():
    runs = tuple(run("a", seed, 0.9, best_val_accuracy=0.95) for seed in range(3))
    comparison = Comparison(TEST, (replace(row("a", [0.9] * 3), runs=runs), row("b", [0.8, 0.8, 0.8])))
    assert "Val best: validation accuracy of the best epoch. Train loss: training loss" in caption_of(comparison)


def test_notes_on_the_whole_table():
    notes = caption.general_notes(study())
    assert notes == [
        "With 5 seeds this assumes normally distributed noise; a permutation test cannot reach p = 0.05 after Holm's "
        "correction over 7 comparisons.",
        "(budget): this variant deliberately has a different training budget.",
        "Excluded: torn (failed).",
    ]
    assumed = caption.general_notes(compare([row("a", [0.9, 0.91, 0.92]), row("b", [0.5, 0.51, 0.52])]))
    assert assumed == [
        "With 3 seeds this assumes normally distributed noise; a permutation test cannot reach p = 0.05."
    ]


def test_changes_of_the_plan_are_the_first_notes():
    sentences = ("The plan was changed at 2026-01-02 03:04 UTC, after 8 runs had ended: seeds: 3 -> 5.",)
    assert caption.general_notes(replace(study(), disclosures=sentences))[0] == sentences[0]


def test_an_interval_that_excludes_0_beside_inconclusive_has_a_note():
    comparison = compare([row("a", CALM), row("b", CALM[::-1]), row("c", CALM)])
    variants = [comparison.variants[0]]
    for variant in comparison.variants[1:]:
        variants.append(replace(variant, result=replace(variant.result, interval=Interval(0.001, 0.005))))
    apart = replace(comparison, variants=tuple(variants))
    corrected = (
        "Inconclusive, although the interval excludes 0: b and c. The interval is for one comparison alone; the "
        "verdict is corrected for 2."
    )
    assert caption.general_notes(apart) == [corrected] and caption.general_notes(comparison) == []


def test_variants_on_different_data_are_noted_where_nothing_is_compared():
    other = replace(row("b", [0.8] * 3), runs=(run("b", digest="e" * 64),))
    assert "The variants were not all trained on the same data." in caption.general_notes(
        Comparison(TEST, (row("a", [0.9] * 3), other))
    )


def test_a_paired_difference_over_fewer_seeds_than_n_is_noted():
    """Where the two sides lost different seeds."""

    def without(label: str, seed: int):
        complete = row(label, CALM)
        values = {key: value for key, value in complete.arm.values.items() if key != seed}
        return replace(complete, arm=replace(complete.arm, values=values))

    rows = [without("a", 0), without("b", 1), without("c", 2), without("d", 0)]
    note = "of b and c: over the 3 seeds that both sides have."
    paired, welch = (caption.general_notes(compare(rows, paired=paired)) for paired in (True, False))
    assert f"Difference {note}" in paired and f"Paired difference {note}" in welch
    assert not any("both sides" in text for text in caption.general_notes(compare([row("a", CALM), row("b", CALM)])))
    assert not any("both sides" in text for text in caption.general_notes(sequential(rows[:2])))


def test_excluded_runs_are_listed_by_their_numbers():
    excluded = tuple((Path(f"outputs/run_{seed}"), "failed") for seed in (10, 9, 100))
    notes = caption.general_notes(replace(study(), excluded=excluded))
    assert notes[-1] == "Excluded: run_9 (failed), run_10 (failed) and run_100 (failed)."


def test_in_percent_the_caption_says_what_pp_is():
    accuracy = replace(TEST, largest=1.0)
    comparison = compare([row("a", CALM), row("b", lower(0.1))], margin=0.02, metric=accuracy)
    text = caption_of(replace(comparison, numbers=NumberStyle(percent=True)))
    assert "Difference from a in percentage points (pp) ± half the width" in text
    assert "Equivalent: within a margin of 2 pp (two" in text and "pp" not in caption_of(comparison)


def test_the_caption_names_what_was_trained():
    text = caption_of(compare([row("baseline", CALM), row("b", CALM)]))
    assert "on 360 images. Baseline network baseline (335k parameters), 1 epoch. Mean ±" in text
