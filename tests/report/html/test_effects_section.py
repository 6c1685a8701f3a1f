"""The page's section on the effects of a factorial design."""

from dataclasses import replace

from support import comparisons
from support.curves import several
from support.page import report, shown

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.html.effects_section import EffectsSection, effects_section
from ablation.report.plots.build import plot_data
from ablation.report.tables.build import build_table


def bare() -> Comparison:
    """A factorial comparison without learning curves."""
    made = comparisons.factorial()
    return replace(made, variants=tuple(replace(row, runs=()) for row in made.variants))


def section(made: Comparison) -> EffectsSection | None:
    return effects_section(build_table(made), plot_data(made))


def test_effects_are_a_forest_an_interaction_plot_and_a_table():
    found = section(bare())
    plots = plot_data(bare())
    assert found is not None and found.bars is not None and plots.effects is not None and plots.interaction is not None
    assert [bar.group for bar in found.bars.bars] == ["Main effects", "Main effects", "Interactions"]
    assert found.note == " ".join(plots.effects.notes)
    assert found.interaction_note == " ".join(plots.interaction.notes) and found.y_label == "Test accuracy"
    assert len(found.charts) == 1 and found.grid == build_table(bare()).effects


def test_the_page_shows_them_before_the_differences_which_nobody_judges():
    text = shown(report(bare()))
    for part in (
        "Main effects shortcut",
        "Interactions shortcut × norm",
        "Interaction plot Test accuracy",
        "All effects",
    ):
        assert part in text, part
    assert text.index("Main effects shortcut") < text.index("Differences Test accuracy of the variant")
    assert "with norm" in text and "without norm" in text


def test_effects_that_are_unknown_have_a_table_alone():
    unknown = replace(bare(), factorial=None, effects=tuple(e for e in bare().effects if e.kind == "Shapley share"))
    found = section(unknown)
    assert found is not None and found.bars is None and found.charts == ()
    assert "All effects" in shown(report(unknown))


def test_other_designs_have_no_such_section():
    assert section(several(2)) is None and "All effects" not in shown(report(several(2)))
