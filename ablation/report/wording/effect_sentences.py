"""The effects of a factorial design, as sentences."""

from collections.abc import Iterable
from math import isnan

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.wording.metric_format import metric_format
from ablation.report.wording.needed_seeds import needed_seeds_sentence
from ablation.report.wording.number_format import excludes_zero, p_value
from ablation.report.wording.undecided_sentences import cells_without_effects
from ablation.report.wording.verdict_text import corrected_p
from ablation.statistics.factorial import INTERACTION, MAIN, Effect
from ablation.statistics.verdict import BETTER, INCOMPLETE, INCONCLUSIVE, TOO_FEW, WHERE_TRAINED, WORSE
from ablation.text import list_with_more

SHOWN = 3  # interactions that get a sentence: those with the smallest p


def effect_sentences(comparison: Comparison, detect: float | None = None) -> Iterable[str]:
    """Say what removing each component changes, averaged over all other components, and which components interact.

    detect: as in `findings.sentences`.
    """
    main_effects = [effect for effect in comparison.effects if effect.kind == MAIN]
    for verdict in (WORSE, BETTER):
        for effect in sorted(main_effects, key=lambda effect: -abs(effect.difference)):
            if effect.verdict == verdict:
                yield _main_effect_sentence(comparison, effect)
    for effect in main_effects:
        if effect.verdict == INCONCLUSIVE:
            yield _inconclusive_sentence(comparison, effect, detect)
        elif effect.verdict == WHERE_TRAINED:
            yield _where_trained_sentence(comparison, effect)
    verdicts = {effect.verdict for effect in main_effects}
    if TOO_FEW in verdicts or INCOMPLETE in verdicts:
        yield from cells_without_effects(comparison)
    if INCOMPLETE in verdicts:
        yield "No verdict on main effects: they average over all cells, and at least one is incomplete."
    yield from _interaction_sentences(comparison)


def _inconclusive_sentence(comparison: Comparison, effect: Effect, detect: float | None) -> str:
    seeds = min(variant.arm.n for variant in comparison.variants)
    evidence = metric_format(comparison).confidence_interval(effect.interval)
    if excludes_zero(effect.interval):
        evidence += f" for this effect alone, but {corrected_p(comparison, effect.p_holm)}"
    return (
        f"No main effect shown for {effect.components[0]}: {metric_format(comparison).difference(effect.difference)} "
        f"({evidence}), averaged over all other components. "
        f"{needed_seeds_sentence(comparison, effect.estimate, seeds, detect)}"
    )


def _where_trained_sentence(comparison: Comparison, effect: Effect) -> str:
    size = metric_format(comparison).difference(effect.difference)
    interval = metric_format(comparison).confidence_interval(effect.interval)
    return (
        f"No verdict on {effect.components[0]}: removing it changes {comparison.metric.name} by {size} where runs "
        f"trained ({interval}, {corrected_p(comparison, effect.p_holm)}), but runs of these cells diverged."
    )


def _main_effect_sentence(comparison: Comparison, effect: Effect) -> str:
    evidence = [metric_format(comparison).confidence_interval(effect.interval), corrected_p(comparison, effect.p_holm)]
    size = metric_format(comparison).difference(effect.difference)
    return (
        f"Removing {' and '.join(effect.components)} is {effect.verdict}, averaged over all other components: {size} "
        f"{comparison.metric.name} ({', '.join(filter(None, evidence))})."
    )


def _interaction_sentences(comparison: Comparison) -> Iterable[str]:
    interactions = [effect for effect in comparison.effects if effect.kind == INTERACTION and not isnan(effect.p)]
    for effect in sorted(interactions, key=lambda effect: effect.p)[:SHOWN]:
        size = metric_format(comparison).difference(effect.difference)
        interval = metric_format(comparison).confidence_interval(effect.interval)
        names_of_both = list_with_more(effect.components)
        yield (
            f"Interaction of {names_of_both}: removing both changes {comparison.metric.name} by {size} "
            f"beyond the sum of the two ({interval}, p = {p_value(effect.p)}, not corrected)."
        )
