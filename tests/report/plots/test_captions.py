"""What captions say: they claim no more than the figure shows, and leave nothing unexplained."""

import math
from dataclasses import replace

import numpy as np
import pytest
from support.comparisons import facts
from support.curves import comparison, difference, diverged, of_runs, overlay, run, several, variant
from support.fake_runs import history

from ablation.comparison.analysis import time_to_threshold
from ablation.comparison.analysis.comparison import Comparability, ComparedVariant, Comparison, Difference
from ablation.report.plots.axis import Scale
from ablation.report.plots.captions import difference_notes, overlay_notes
from ablation.report.plots.plot_data import Line, Panel, Series

BLOCKED = Comparability((Difference("data.digest", "1", "2"),))


def overlay_caption(made: Comparison, curve: str | None = None, x_axis: str = "epoch") -> str:
    return " ".join(overlay(made, curve, x_axis).notes)


def difference_caption(made: Comparison) -> str:
    return " ".join(difference(made).notes)


@pytest.mark.parametrize("seeds", [3, 5])
def test_the_band_is_the_ci_of_the_mean_however_many_seeds_there_are(seeds):
    caption = overlay_caption(comparison(variant("a", seeds), variant("b", seeds)))
    assert f"Line: mean over {seeds} seeds. Band: 95 % CI of the mean (Student's t)." in caption


def test_of_a_single_epoch_points_and_bars_are_explained():
    made = comparison(variant("a", 3, epochs=1), variant("b", 3, epochs=1))
    assert "Point: mean over 3 seeds. Bar: 95 % CI of the mean (Student's t)." in overlay_caption(made)


def test_below_three_seeds_there_is_no_band():
    """As there is no verdict: the interval of two seeds is endless."""
    assert "Band" not in overlay_caption(several(2, seeds=2)) and "Band" not in difference_caption(several(2, seeds=2))
    caption = overlay_caption(comparison(variant("a", 2), variant("b", 4)))
    assert "Line: mean over 2 to 4 seeds. Band: 95 % CI of the mean (Student's t), of 3 seeds or more." in caption


def test_seeds_are_counted_from_the_fewest_to_the_most():
    assert "mean over 3 to 5 seeds." in overlay_caption(comparison(variant("a", 3), variant("b", 5)))


def test_of_one_seed_no_mean_or_band_is_claimed():
    assert overlay_caption(several(2, seeds=1)) == "One seed each."
    assert overlay_caption(comparison(variant("a", 1), baseline=False)) == "One seed."


def test_epochs_that_are_left_out_are_mentioned():
    rows = history(5)
    rows[2] = {**rows[2], "val_loss": math.nan}
    made = comparison(of_runs("a", run(seed=0), run(seed=1, rows=rows)), baseline=False)
    assert "Epochs without a finite value are left out." in overlay_caption(made, "val_loss")
    assert "left out" not in overlay_caption(made, "loss")


def test_what_is_not_comparable_is_explained_and_never_subtracted():
    made = comparison(variant("a"), variant("b", comparability=BLOCKED), variant("c", accuracy=0.7))
    assert "‡ Not comparable" in overlay_caption(made)
    assert "Excluded, not comparable: b." in difference_caption(made)
    comparable = comparison(variant("a"), variant("c", accuracy=0.7))
    for caption in (overlay_caption(comparable), difference_caption(comparable)):
        assert "omparable" not in caption


def test_crosses_and_dashes_are_explained_where_there_are_some():
    made = comparison(variant("a", diverged=(diverged("a", 7, history(3)),)), variant("b"))
    assert "Cross: a run that diverged; no mean includes it." in overlay_caption(made)
    dashed = overlay_caption(time_to_threshold.reach(made, "0.7", "epoch"))
    assert "Dashed: the threshold of 0.7." in dashed
    plain = overlay_caption(several(2))
    assert "Cross" not in plain and "Dashed" not in plain


def test_runs_without_a_place_on_the_axis_are_counted():
    unplaced = variant("b")
    unplaced = replace(unplaced, runs=tuple(replace(one, facts=facts()) for one in unplaced.runs))
    made = comparison(variant("a"), unplaced)
    assert "no value on this axis: 3 runs." in overlay_caption(made, x_axis="step")
    assert "no place" not in overlay_caption(made)


@pytest.mark.parametrize(("seeds", "banded"), [(3, True), (1, False)])
def test_the_band_of_a_difference_is_explained_where_there_is_one(seeds, banded):
    caption = difference_caption(comparison(variant("a", seeds), variant("b", 3, 0.7)))
    assert ("Band: pointwise Welch 95 % CI at each epoch" in caption) == banded


X, Y = Scale(1, 6), Scale(0, 1)
BAND = {"x": np.arange(2.0), "mean": np.ones(2), "low": np.zeros(2), "high": np.full(2, 2.0)}


def panel(*series: Series, **changes) -> Panel:
    return Panel("Loss", series, X, Y, **changes)


def test_overlay_notes_are_of_what_the_panels_have():
    """A panel may lack what a variant has: a band is mentioned where one is drawn, a run counts where its line is."""
    seeds = (Line(np.arange(2.0), np.ones(2)),) * 3
    variants = [variant("a", 3)]
    bare, whole = Series(0, "a", seeds=seeds), Series(0, "a", seeds=seeds, **BAND)
    assert overlay_notes(variants, [panel(replace(whole, low=whole.mean, high=whole.mean))]) == [
        "Line: mean over 3 seeds."
    ]
    assert len(overlay_notes(variants, [panel(whole)])) == 2
    assert overlay_notes(variants, [panel(bare)])[1:] == ["No mean, because the seeds share no range of this axis: a."]
    few = replace(whole, seeds=seeds[:1], has_gaps=True)
    assert overlay_notes(variants, [panel(whole), panel(few)])[2:] == [
        "Not drawn, because they recorded no value on this axis: 2 runs.",
        "Epochs without a finite value are left out.",
    ]
    assert overlay_notes(variants, [panel(whole, threshold=0.25)])[2:] == ["Dashed: the threshold of 0.25."]


@pytest.mark.parametrize(("x_key", "point"), [("epoch", "epoch"), ("seconds", "point")])
def test_difference_notes_name_the_points_of_the_axis_and_what_is_left_out(x_key, point):
    shown, gone = Series(1, "b", **BAND), Series(2, "c")
    notes = difference_notes([2, 5], [panel(shown, gone)], x_key, [f"v{i}" for i in range(6)])
    assert notes == [
        "Line: the variant's mean minus its reference's, 2 to 5 seeds.",
        f"Band: pointwise Welch 95 % CI at each {point}, not a simultaneous band, of 3 seeds or more.",
        "Excluded, not comparable: v0, v1, v2, v3 and 2 more.",
        "No range of this axis shared with the reference: c.",
    ]
    assert difference_notes([1, 1], [panel(Series(1, "b", x=BAND["x"]))], x_key, []) == [
        "Line: the variant's mean minus its reference's, one seed each."
    ]


def paired(variant: ComparedVariant) -> ComparedVariant:
    assert variant.result is not None
    return replace(variant, result=replace(variant.result, pair=replace(variant.result.pair, paired=True)))


def test_bands_beside_paired_verdicts_are_said_not_to_be_paired():
    made = comparison(variant("a"), variant("b", accuracy=0.7), variant("c", accuracy=0.6))
    first, second, third = made.variants
    for caption in (overlay_caption(made), difference_caption(made)):
        assert "paired" not in caption
    all_paired = replace(made, variants=(first, paired(second), paired(third)))
    for caption in (overlay_caption(all_paired), difference_caption(all_paired)):
        assert "The verdicts are paired by seed; the bands are not." in caption
    one_paired = replace(made, variants=(first, paired(second), third))
    for caption in (overlay_caption(one_paired), difference_caption(one_paired)):
        assert "The verdicts on b are paired by seed; the bands are not." in caption


def test_without_a_band_no_pairing_is_mentioned():
    made = several(2, seeds=2)
    first, second = made.variants
    made = replace(made, variants=(first, paired(second)))
    assert "paired" not in overlay_caption(made) and "paired" not in difference_caption(made)


def test_curves_of_an_exploratory_comparison_begin_with_the_reason():
    made = replace(several(2), exploratory=("--metric a\x1bb is not that of the plan",))
    for caption in (overlay_caption(made), difference_caption(made)):
        assert caption.startswith("Exploratory: --metric a\ufffdb is not that of the plan. Line: ")
    for caption in (overlay_caption(several(2)), difference_caption(several(2))):
        assert "Exploratory" not in caption
    described = replace(several(2, baseline=False), exploratory=made.exploratory)  # nothing is compared
    assert "Exploratory" not in overlay_caption(described)
