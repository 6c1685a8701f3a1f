"""The effects of a factorial design, as a second grid."""

from dataclasses import replace

from support.comparisons import factorial, study
from support.tables import cells, markdown, terminal_text

from ablation.report.tables import effects, latex
from ablation.report.tables.build import build_table
from ablation.statistics.estimate import Estimate


def test_the_effects_of_a_factorial_are_a_second_table():
    comparison = factorial()
    table = cells(comparison)
    start = [row[0] for row in table].index("Effect")
    assert table[start] == ["Effect", "Of", "Difference", "p", "p, Holm", "Verdict"]
    rows = {(row[0], row[1]): row[2:] for row in table[start + 2 :]}
    assert len(rows) == 7  # two main effects, one interaction, two gaps, two shares
    main = next(each for each in comparison.effects if each.components == ("shortcut",) and each.kind == "main effect")
    half = (main.interval[1] - main.interval[0]) / 2
    assert rows["main effect", "shortcut"][0] == f"-0.200 ± {half:.3f}"
    assert rows["main effect", "shortcut"][2:] == [f"{main.p_holm:.1g}", "worse"]
    assert rows["main effect", "norm"][3] == "inconclusive"
    assert rows["interaction", "shortcut × norm"][0].startswith("0.000 ±")
    assert rows["interaction", "shortcut × norm"][2:] == ["–", ""]
    assert rows["leave-one-out minus add-one-in", "shortcut"][2:] == ["–", ""]


def test_of_a_single_effect_no_p_is_corrected():
    (grid, *_) = (effects.effects_grid(factorial(comparisons=count)) for count in (1, 2))
    assert grid is not None and [column.title for column in grid.columns][3:] == ["p", "Verdict"]


def test_every_target_has_the_effects():
    text = latex.latex(build_table(factorial()))
    assert text.count(r"\toprule") == 2 and r"\label{tab:ablation-cells-effects}" in text
    assert r"main effect & shortcut & \textbf{\boldmath $-$0.200 $\pm$ " in text and "shortcut $\\times$ norm" in text
    assert "interaction" in terminal_text(factorial()) and "Effects on test accuracy" in terminal_text(factorial())


def test_other_studies_have_no_effects():
    assert effects.effects_grid(study()) is None and "Effect" not in markdown(study())
    assert latex.latex(build_table(study())).count(r"\toprule") == 1


def test_the_caption_explains_each_kind_of_effect_once():
    caption = effects.effects_grid(factorial()).caption
    for meaning in effects.MEANINGS.values():
        assert caption.count(meaning) == 1
    assert caption.endswith("Only main effects are judged, with Holm's correction over 2 comparisons.")


def test_an_interval_that_excludes_0_beside_an_inconclusive_effect_has_a_note():
    comparison = factorial()
    apart = []
    for effect in comparison.effects:
        is_norm = effect.kind == "main effect" and effect.verdict == "inconclusive"
        apart.append(replace(effect, estimate=Estimate(0.007, 0.003, 20)) if is_norm else effect)
    note = (
        "Inconclusive, although the interval excludes 0: norm. The interval is for one effect alone; the verdict is "
        "corrected for 2."
    )
    assert effects.effects_grid(comparison).notes == ()
    apart = replace(comparison, effects=tuple(apart))
    assert effects.effects_grid(apart).notes == (note,) and f"- {note}" in markdown(apart).splitlines()
