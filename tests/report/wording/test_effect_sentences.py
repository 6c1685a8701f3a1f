"""The effects of a factorial, as sentences."""

import re
from dataclasses import replace

from support.comparisons import diverged, factorial, row

from ablation.report.wording import findings
from ablation.report.wording.effect_sentences import effect_sentences
from ablation.statistics.estimate import Estimate


def test_main_effects_then_interactions():
    comparison = factorial()
    main = next(effect for effect in comparison.effects if effect.verdict == "worse")
    low, high = main.interval
    worse, inconclusive, interaction = effect_sentences(comparison)
    assert worse == (
        f"Removing shortcut is worse, averaged over all other components: -0.200 test accuracy "
        f"(95 % CI {low:.3f} to {high:.3f}, p = {main.p_holm:.1g} after Holm)."
    )
    norm = next(effect for effect in comparison.effects if effect.verdict == "inconclusive")
    shown = f"+0.0003 (95 % CI {norm.interval.low:.3f} to +{norm.interval.high:.3f})"
    assert inconclusive.startswith(f"No main effect shown for norm: {shown}, averaged over all other components. ")
    needed = r"\. 3 seeds detect a difference of 0\.\d{3} \(80 % power\); \d+ to \d+ would detect half of it\.$"
    assert re.search(needed, inconclusive)
    assert interaction.startswith(
        "Interaction of shortcut and norm: removing both changes test accuracy by 0.000 beyond the sum of the two (95 %"
    )
    assert interaction.endswith("not corrected).")


def test_effects_without_a_verdict_are_not_sentences_each():
    effects = tuple(replace(effect, verdict="too few seeds") for effect in factorial().effects)
    found = list(effect_sentences(replace(factorial(), effects=effects)))
    assert found[0].startswith("Interaction") and len(found) == 1  # every cell has three


def with_cells(*cells):
    """The factorial, with other cells and without a verdict on its effects."""
    by_label = {cell.label: cell for cell in cells}
    comparison = factorial()
    variants = []
    for one in comparison.variants:
        cell = by_label.get(one.label)
        variants.append(one if cell is None else replace(cell, reference=one.reference, result=None))
    effects = tuple(replace(effect, verdict="too few seeds") for effect in comparison.effects)
    return replace(comparison, variants=tuple(variants), effects=effects)


def test_cells_without_enough_runs_are_named_with_their_diverged_runs():
    lost = tuple(diverged("-norm", seed) for seed in range(3))
    no_run = with_cells(replace(row("-norm", [], diverged=lost), divergence_p=0.1), row("-shortcut", []))
    assert list(effect_sentences(no_run))[:2] == [
        "No verdict on main effects: all 3 runs of -norm diverged (baseline: 0 of 3; Fisher's exact test: p = 0.100).",
        "No verdict on main effects: no run of -shortcut has completed.",
    ]
    few = with_cells(row("-norm", [0.9, 0.8], diverged=lost[:1]), row("baseline", [0.9, 0.8], planned_seeds=3))
    assert next(iter(effect_sentences(few))) == (
        "Too few seeds for a verdict on main effects: baseline has 2 and -norm has 2 (1 of 3 diverged). Each cell "
        "needs 3 completed runs."
    )
    assert not [text for text in findings.sentences(no_run) if text.startswith("No verdict on -")]


def test_an_inconclusive_effect_says_how_many_seeds_it_needs_for_what_was_chosen_before():
    for comparison, detect, wanted in (
        (factorial(margin=0.05), None, "0.05"),
        (factorial(detect=0.04), None, "0.04"),
        (factorial(margin=0.05, detect=0.04), 0.03, "0.03"),
    ):
        (sentence,) = (each for each in effect_sentences(comparison, detect) if each.startswith("No main effect"))
        assert re.search(rf"[\d ]+(to \d+ )?seeds would detect {wanted}\.$", sentence), sentence


def judged_otherwise(verdict: str, **changes):
    """The factorial, with this verdict on the effect of norm."""
    comparison = factorial()
    effects = []
    for effect in comparison.effects:
        is_norm = effect.kind == "main effect" and effect.components == ("norm",)
        effects.append(replace(effect, verdict=verdict, **changes) if is_norm else effect)
    return replace(comparison, effects=tuple(effects))


def test_an_interval_that_excludes_0_beside_an_inconclusive_effect_has_its_reason():
    comparison = judged_otherwise("inconclusive", estimate=Estimate(0.007, 0.003, 20), p_holm=0.061)
    (sentence,) = (each for each in effect_sentences(comparison) if each.startswith("No main effect"))
    assert ": +0.007 (95 % CI +0.001 to +0.013 for this effect alone, but p = 0.061 after Holm)" in sentence


def test_diverged_and_missing_cells_leave_an_effect_without_a_verdict():
    diverged = list(
        effect_sentences(judged_otherwise("only where trained", estimate=Estimate(0.007, 0.003, 20), p_holm=0.02))
    )
    assert diverged[1] == (
        "No verdict on norm: removing it changes test accuracy by +0.007 where runs trained (95 % CI +0.001 to "
        "+0.013, p = 0.020 after Holm), but runs of these cells diverged."
    )
    missing = list(effect_sentences(judged_otherwise("incomplete")))
    assert missing[1] == "No verdict on main effects: they average over all cells, and at least one is incomplete."


def test_a_comparison_without_effects_has_no_such_sentence():
    assert list(effect_sentences(replace(factorial(), effects=()))) == []
