"""Effects as a forest plot: each row is an effect's numbers, and the caption says what they are."""

from dataclasses import replace
from math import isnan

from support import comparisons

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.plots import forest as plots_forest
from ablation.report.plots.factorial.effects import effects
from ablation.report.plots.forest_data import ALONE, BONFERRONI, ForestPlot
from ablation.statistics.factorial import MAIN
from ablation.statistics.verdict import INCONCLUSIVE, TOO_FEW, WHERE_TRAINED


def plot(made: Comparison) -> ForestPlot:
    found = effects(made)
    assert found is not None
    return found


def changed(made: Comparison, **changes) -> Comparison:
    """The comparison with changes of its first main effect."""
    first, *others = made.effects
    return replace(made, effects=(replace(first, **changes), *others))


def test_main_effects_and_interactions_are_rows_of_their_groups():
    made = comparisons.factorial()
    rows = plot(made).rows
    assert [(row.group, row.name) for row in rows] == [
        ("Main effects", "shortcut"),
        ("Main effects", "norm"),
        ("Interactions", "shortcut × norm"),
    ]
    for row in rows:
        effect = made.effects[row.place]
        assert (row.difference, row.thin, row.verdict) == (effect.difference, effect.interval, effect.verdict)
    assert plot(made).label("") == "Effect on test accuracy"


def test_the_thick_bar_is_for_all_main_effects_together():
    made = comparisons.factorial()
    main, _, interaction = plot(made).rows
    assert main.thick == made.effects[0].estimate.interval(1 - 0.05 / 2) and main.kind == BONFERRONI
    assert main.thick.low < main.thin.low and isnan(interaction.thick.low) and interaction.kind == ALONE
    assert plot(made).remark(interaction) == "alone" and plot(made).remark(main) == ""
    (single, *_) = plot(comparisons.factorial(comparisons=1)).rows
    assert isnan(single.thick.low) and single.kind == ALONE


def test_the_caption_explains_effects_intervals_and_verdicts():
    text = " ".join(plot(comparisons.factorial()).notes)
    for part in (
        "Main effect: what a removal changes, averaged over all other components; interaction: what removing both",
        "Thick bar: 95 % CI for all 2 main effects together (Bonferroni). Thin line: 95 % CI of this effect alone.",
        "of main effects only, with Holm's correction for 2 comparisons.",
    ):
        assert part in text
    single = " ".join(plot(comparisons.factorial(comparisons=1)).notes)
    assert "Line: 95 % CI of this effect alone." in single and "Holm" not in single and "Thick" not in single


def test_verdicts_that_look_odd_are_explained():
    made = comparisons.factorial()
    assert "excludes 0" not in " ".join(plot(made).notes)
    text = " ".join(plot(changed(made, verdict=INCONCLUSIVE)).notes)
    assert "For shortcut, the thin line excludes 0, but it is of this effect alone" in text
    text = " ".join(plot(changed(made, p_holm=made.effects[0].p)).notes)
    assert "later step" not in text
    few = plot(changed(made, verdict=TOO_FEW))
    assert isnan(few.rows[0].thick.low) and "Too few seeds: only the thin line is drawn." in few.notes
    lost = plot(changed(made, verdict=WHERE_TRAINED))
    assert lost.rows[0].verdict == "lower where it trained"


def test_of_very_many_effects_the_largest_are_shown(monkeypatch):
    monkeypatch.setattr(plots_forest, "MAX_ROWS", 2)
    found = plot(comparisons.factorial())
    assert len(found.rows) == 2 and "Only the 2 largest of 3 effects are shown." in found.notes


def test_without_effects_there_is_no_plot():
    made = comparisons.factorial()
    assert effects(replace(made, effects=())) is None
    others = tuple(effect for effect in made.effects if effect.kind not in (MAIN, "interaction"))
    assert others and effects(replace(made, effects=others)) is None


def test_a_disclosure_stands_before_the_effects():
    assert plot(replace(comparisons.factorial(), disclosures=("The plan was changed.",))).disclosures == (
        "The plan was changed.",
    )


def test_later_steps_of_holm_are_named():
    made = comparisons.factorial()
    effect = made.effects[0]
    wide = replace(effect.estimate, standard_error=abs(effect.difference) / 2.6)
    text = " ".join(plot(changed(made, estimate=wide, p_holm=0.04)).notes)
    p = replace(effect, estimate=wide).p
    assert p < 0.05 < 2 * p
    assert "For shortcut, the thick bar contains 0: only a later step of Holm's procedure" in text
