"""The order of variants and effects in tables, figures and the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # otherwise `--help` would import NumPy
    from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
    from ablation.statistics.factorial import Effect

DECLARED, EFFECT = ORDERS = ("declared", "effect")


def ordered(comparison: Comparison, order: str) -> Comparison:
    """Sort variants and effects: DECLARED leaves them as they are, EFFECT puts the most harmful difference first.

    The baseline stays first. Variants without a difference come last; without any difference, the best mean comes
    first. Effects stay with others of their kind.
    """
    if order == DECLARED:
        return comparison
    return replace(comparison, variants=_variants(comparison), effects=_effects(comparison))


def _variants(comparison: Comparison) -> tuple[ComparedVariant, ...]:
    first, others = [], []
    for variant in comparison.variants:
        (first if variant.label == comparison.baseline else others).append(variant)
    with_difference, rest = [], []
    for variant in others:
        (with_difference if _has_difference(variant) else rest).append(variant)
    with_difference.sort(key=lambda variant: _benefit(comparison, _difference(variant)))
    if not with_difference and comparison.baseline is None:
        rest = _best_first(comparison, rest)
    return (*first, *with_difference, *rest)


def _has_difference(variant: ComparedVariant) -> bool:
    return isfinite(_difference(variant))


def _difference(variant: ComparedVariant) -> float:
    return float("nan") if variant.result is None else variant.result.difference


def _benefit(comparison: Comparison, difference: float) -> float:
    """The difference, positive if the variant is better."""
    return difference if comparison.metric.higher else -difference


def _best_first(comparison: Comparison, variants: Sequence[ComparedVariant]) -> list[ComparedVariant]:
    with_runs = [variant for variant in variants if variant.arm.n]
    without_runs = [variant for variant in variants if not variant.arm.n]
    with_runs.sort(key=lambda variant: variant.arm.mean, reverse=comparison.metric.higher)
    return [*with_runs, *without_runs]


def _effects(comparison: Comparison) -> tuple[Effect, ...]:
    by_kind: dict[str, list[Effect]] = {}
    for effect in comparison.effects:
        by_kind.setdefault(effect.kind, []).append(effect)
    sorted_effects: list[Effect] = []
    for effects in by_kind.values():
        sorted_effects += sorted(effects, key=lambda effect: _sort_key(comparison, effect))
    return tuple(sorted_effects)


def _sort_key(comparison: Comparison, effect: Effect) -> tuple[bool, float]:
    """Unknown effects last."""
    is_known = isfinite(effect.difference)
    return not is_known, _benefit(comparison, effect.difference) if is_known else 0.0
