"""The order of rows: as declared, or by effect."""

from dataclasses import replace

from support.comparisons import TEST, compare, factorial, row
from support.finished_studies import CALM, lower

from ablation.comparison.analysis.comparison import Comparison
from ablation.comparison.display.row_order import DECLARED, EFFECT, ordered


def labels(comparison: Comparison) -> list[str]:
    return [variant.label for variant in comparison.variants]


ROWS = [
    row("base", CALM),
    row("small", lower(0.01)),
    row("none", []),
    row("gain", lower(-0.02)),
    row("large", lower(0.1)),
]


def test_the_most_harmful_difference_comes_first_behind_the_baseline():
    comparison = compare(ROWS)
    assert ordered(comparison, DECLARED) is comparison
    assert labels(ordered(comparison, EFFECT)) == ["base", "large", "small", "gain", "none"]
    less = compare(ROWS, metric=replace(TEST, higher=False))
    assert labels(ordered(less, EFFECT)) == ["base", "gain", "small", "large", "none"]


def test_without_a_baseline_the_best_mean_comes_first():
    alone = Comparison(TEST, tuple(ROWS))
    assert labels(ordered(alone, EFFECT)) == ["gain", "base", "small", "large", "none"]
    less = replace(alone, metric=replace(TEST, higher=False))
    assert labels(ordered(less, EFFECT)) == ["large", "small", "base", "gain", "none"]


def test_effects_are_sorted_within_their_kinds():
    comparison = factorial("a", "b")
    reversed_effects = replace(comparison, effects=comparison.effects[::-1])
    kinds = list(dict.fromkeys(effect.kind for effect in reversed_effects.effects))
    found = ordered(reversed_effects, EFFECT).effects
    assert list(dict.fromkeys(effect.kind for effect in found)) == kinds
    for kind in kinds:
        differences = [effect.difference for effect in found if effect.kind == kind]
        assert differences == sorted(differences)
