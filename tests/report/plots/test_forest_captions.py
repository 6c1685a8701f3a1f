"""What the forest's caption says: which interval is which, and why a verdict may look at odds with one."""

from dataclasses import replace
from typing import Any

import pytest
from support.curves import comparison, forest, several, variant

from ablation.comparison.analysis.comparison import Comparability, Comparison, Difference
from ablation.report.plots.axis import Scale
from ablation.report.plots.forest_captions import dot_notes, forest_notes
from ablation.statistics.intervals import Interval
from ablation.statistics.verdict import INCOMPLETE, TOO_FEW, WHERE_TRAINED

BLOCKED = Comparability((Difference("data.digest", "1", "2"),))


def caption(made: Comparison) -> str:
    return " ".join(forest(made).notes)


def with_result(made: Comparison, label: str, **changes: Any) -> Comparison:
    """The comparison with changes of the result of one variant."""
    variants = []
    for one in made.variants:
        if one.label == label:
            assert one.result is not None
            one = replace(one, result=replace(one.result, **changes))
        variants.append(one)
    return replace(made, variants=tuple(variants))


def all_paired(made: Comparison) -> Comparison:
    for one in made.variants:
        if one.result is not None:
            made = with_result(made, one.label, pair=replace(one.result.pair, paired=True))
    return made


def three() -> Comparison:
    return comparison(variant("a", 5, 0.8), variant("b", 5, 0.3), variant("c", 5, 0.801))


def test_thick_and_thin_are_told_apart():
    text = caption(three())
    assert "Thick bar: 95 % CI for all 2 comparisons together (Bonferroni)." in text
    assert "Thin line: 95 % CI of this difference alone." in text and "epeated" not in text


def test_repeated_intervals_are_called_so():
    text = caption(replace(three(), max_seeds=9))
    assert "Thick bar: repeated 95 % CI for all 2 comparisons together (Bonferroni)." in text
    assert "Thin line: repeated 95 % CI of this difference alone. Repeated: valid at all interim looks" in text
    assert "with Holm's correction for 2 comparisons and interim looks." in text


def test_one_comparison_has_one_bar():
    text = caption(comparison(variant("a", 5), variant("b", 5, 0.3)))
    assert text.startswith(
        "Bar: 95 % CI. Dots: each run minus the mean of its reference. Verdicts: Welch's t-test over"
    )
    assert "Thin" not in text and "Bonferroni" not in text and "Holm" not in text


def test_effects_are_tested_instead_of_differences():
    unjudged = replace(three(), variants=tuple(replace(one, result=None) for one in three().variants))
    made = three()
    for label in ("b", "c"):
        made = with_result(made, label, verdict="")
    text = caption(made)
    assert text.startswith("Bar: 95 % CI of this difference alone. Dots: ")
    assert "Individual differences are not tested; only effects" in text
    assert "Holm" not in text and forest_notes(unjudged, (), Scale(0, 1), 0)


def test_the_test_is_named_as_it_is():
    made = three()
    made = all_paired(made)
    assert "Verdicts: paired t-test over seeds, with Holm's correction for 2 comparisons." in caption(made)


def test_an_equivalent_variant_has_the_90_percent_interval():
    made = comparison(variant("a", 5, 0.8), variant("b", 5, 0.3), variant("same", 5, 0.8005), margin=0.1)
    text = caption(made)
    assert "For same, the thick bar is the 90 % CI, which lies within the margin (TOST)." in text
    assert "Green band: the equivalence margin, 0.1 to either side." in text
    alone = caption(comparison(variant("a", 5, 0.8), variant("same", 5, 0.8005), margin=0.1))
    assert alone.startswith("For same, the bar is the 90 % CI")
    assert "90 %" not in caption(three())


def test_a_later_step_of_holm_is_named():
    assert "later step" not in caption(three())
    text = caption(with_result(three(), "b", by_later_step=True))
    assert "For b, the thick bar contains 0: only a later step of Holm's procedure" in text
    assert "later step" not in caption(with_result(three(), "b", by_later_step=True, verdict=INCOMPLETE))


def test_a_thin_line_that_excludes_zero_beside_inconclusive_is_explained():
    assert "excludes 0" not in caption(three())
    text = caption(with_result(three(), "c", interval=Interval(0.0001, 0.002)))
    assert "For c, the thin line excludes 0, but it is of this difference alone: the verdict accounts for all 2" in text


@pytest.mark.parametrize(
    ("verdict", "sentence"),
    [
        (WHERE_TRAINED, "Where it trained: diverged runs have no value"),
        (INCOMPLETE, "Incomplete: runs are missing, so there is no verdict."),
        (TOO_FEW, "Too few seeds: only the thin line is drawn."),
    ],
)
def test_a_text_without_a_verdict_is_explained(verdict, sentence):
    assert sentence in caption(with_result(three(), "b", verdict=verdict))
    assert sentence not in caption(three())


@pytest.mark.parametrize("seeds", [3, 5])
def test_a_forest_says_where_a_verdict_assumes_normal_noise(seeds):
    """Of three seeds on each side permutations reach no p below 0.1, of five 2 / 252."""
    text = caption(comparison(variant("a", seeds), variant("down", seeds, 0.3)))
    assert ("With 3 seeds this assumes normally distributed noise" in text) == (seeds == 3)


def test_notes_count_what_is_not_drawn():
    made = comparison(variant("a"), variant("b", 3, 0.7), variant("c", comparability=BLOCKED), margin=0.5)
    rows = forest(made).rows
    low, high = rows[0].thick
    notes = forest_notes(made, rows, Scale(low, high), 1200)
    assert "Arrow" not in " ".join(notes)
    assert {
        "Green band: the equivalence margin, 0.5 to either side.",
        "Only the 1 largest of 1,200 differences are shown.",
        "Not shown, because not comparable: 1 variant.",
    } <= set(notes)
    arrow = "Arrow: the interval continues beyond the axis, to the value beside it."
    for scale in (Scale(low + 1e-9, high), Scale(low, high - 1e-9)):
        assert arrow in forest_notes(made, rows, scale, 1)


def test_many_names_are_not_all_listed():
    made = several(9, 3)
    for one in made.variants[1:]:
        made = with_result(made, one.label, by_later_step=True, verdict="worse")
    assert "For arm1, arm2, arm3, arm4 and 4 more, the thick bar contains 0" in caption(made)


REASON = "no study planned this comparison"
CHANGED = "The plan was changed at 2026-01-02 03:04 UTC, after 8 runs had ended: seeds: 3 -> 5."


def test_a_forest_begins_with_why_it_is_exploratory_and_what_changed():
    plot = forest(replace(three(), exploratory=(REASON,), disclosures=(CHANGED, "a\x1bb")))
    assert plot.disclosures == (f"Exploratory: {REASON}.", CHANGED, "a\ufffdb")
    assert forest(three()).disclosures == ()


def test_dots_are_said_to_be_runs_or_pairs():
    made = three()
    assert "Dots: each run minus the mean of its reference." in caption(made)
    assert "Dots: the difference of each pair of runs of equal seed." in caption(all_paired(made))
    pair = made.variants[1].result.pair
    mixed = caption(with_result(made, "b", pair=replace(pair, paired=True)))
    assert "Dots: each run minus the mean of its reference; for b, the difference of each pair of runs of" in mixed
    assert "Dots" not in caption(several(3, 1))


def test_dots_beyond_the_axis_are_counted():
    row = forest(three()).rows[0]
    far = replace(row, dots=(-9.0, *row.dots))
    assert dot_notes([far], Scale(-1, 1))[1:] == ["Beyond the axis: 1 dot."]
    assert dot_notes([row], Scale(-1, 1))[1:] == []
