"""The effects of a factorial design, as sentences."""

from collections.abc import Iterable
from math import isnan

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.wording.number_format import confidence_interval, number, p_value
from ablation.report.wording.warnings import names
from ablation.statistics.factorial import INTERACTION, MAIN, Effect
from ablation.statistics.verdict import BETTER, INCONCLUSIVE, TOO_FEW, WORSE
from ablation.text import list_with_more

SHOWN = 3  # interactions that get a sentence: those with the smallest p


def effect_sentences(comparison: Comparison) -> Iterable[str]:
    """Say what removing each component changes, averaged over all other components, and which components interact."""
    main_effects = [effect for effect in comparison.effects if effect.kind == MAIN]
    for verdict in (WORSE, BETTER):
        for effect in sorted(main_effects, key=lambda effect: -abs(effect.difference)):
            if effect.verdict == verdict:
                yield _main_effect_sentence(comparison, effect)
    inconclusive = [effect.components[0] for effect in main_effects if effect.verdict == INCONCLUSIVE]
    if inconclusive:
        yield f"No main effect shown for {names(inconclusive)}, averaged over all other components."
    if any(effect.verdict == TOO_FEW for effect in main_effects):
        yield "Too few seeds for a verdict on main effects."
    yield from _interaction_sentences(comparison)


def _main_effect_sentence(comparison: Comparison, effect: Effect) -> str:
    evidence = [confidence_interval(effect.interval, comparison.decimals), f"p = {p_value(effect.p_holm)} after Holm"]
    size = number(effect.difference, comparison.decimals, sign=True)
    return (
        f"Removing {' and '.join(effect.components)} is {effect.verdict}, averaged over all other components: {size} "
        f"{comparison.metric.name} ({', '.join(filter(None, evidence))})."
    )


def _interaction_sentences(comparison: Comparison) -> Iterable[str]:
    interactions = [effect for effect in comparison.effects if effect.kind == INTERACTION and not isnan(effect.p)]
    for effect in sorted(interactions, key=lambda effect: effect.p)[:SHOWN]:
        size = number(effect.difference, comparison.decimals, sign=True)
        interval = confidence_interval(effect.interval, comparison.decimals)
        names_of_both = list_with_more(effect.components)
        yield (
            f"Interaction of {names_of_both}: removing both changes {comparison.metric.name} by {size} "
            f"beyond the sum of the two ({interval}, p = {p_value(effect.p)}, not corrected)."
        )
