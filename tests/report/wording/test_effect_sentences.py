"""The effects of a factorial, as sentences."""

from dataclasses import replace

from support.comparisons import factorial

from ablation.report.wording.effect_sentences import effect_sentences


def test_main_effects_then_interactions():
    comparison = factorial()
    main = next(effect for effect in comparison.effects if effect.verdict == "worse")
    low, high = main.interval
    worse, inconclusive, interaction = effect_sentences(comparison)
    assert worse == (
        f"Removing shortcut is worse, averaged over all other components: -0.200 test accuracy "
        f"(95 % CI {low:.3f} to {high:.3f}, p = {main.p_holm:.1g} after Holm)."
    )
    assert inconclusive == "No main effect shown for norm, averaged over all other components."
    assert interaction.startswith(
        "Interaction of shortcut and norm: removing both changes test accuracy by 0.000 beyond the sum of the two (95 %"
    )
    assert interaction.endswith("not corrected).")


def test_too_few_seeds_are_said_once():
    effects = tuple(replace(effect, verdict="too few seeds") for effect in factorial().effects)
    found = list(effect_sentences(replace(factorial(), effects=effects)))
    assert found[0] == "Too few seeds for a verdict on main effects." and len(found) == 2


def test_a_comparison_without_effects_has_no_such_sentence():
    assert list(effect_sentences(replace(factorial(), effects=()))) == []
