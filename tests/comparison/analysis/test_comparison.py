"""What a comparison says of itself: its decimals, its variants, and whether effects are judged in their place."""

from dataclasses import replace

import pytest
from support.comparisons import TEST, compare, factorial, row

from ablation.comparison.analysis.comparison import Comparison

PLAIN = compare([row("a", [0.9, 0.91, 0.92]), row("b", [0.5, 0.51, 0.52])])


@pytest.mark.parametrize(("images", "decimals"), [(10, 3), (1000, 3), (1001, 4), (10_000, 4), (50_000, 5)])
def test_one_image_is_seen_in_the_decimals(images, decimals):
    assert replace(PLAIN, metric=replace(TEST, images=images)).decimals == decimals


@pytest.mark.parametrize(("scale", "decimals"), [(1, 3), (10, 2), (1e3, 0), (1e-9, 6)])
def test_without_images_an_interval_has_two_digits(scale, decimals):
    """Half an interval of three values a hundredth apart is 0.025."""
    rows = [row("a", [scale * value for value in (0.9, 0.91, 0.92)])]
    assert Comparison(replace(TEST, images=None), tuple(rows)).decimals == decimals


def test_without_a_spread_there_are_three_decimals():
    assert Comparison(replace(TEST, images=None), (row("a", [0.9]), row("b", [0.5, 0.5]))).decimals == 3


def test_variants_are_found_by_their_label():
    assert PLAIN.variant("b") is PLAIN.variants[1]
    with pytest.raises(KeyError):
        PLAIN.variant("c")


def test_effects_stand_in_place_of_verdicts_also_where_they_could_not_be_tested():
    assert factorial().effects_only and replace(factorial(), effects=()).effects_only
    assert replace(PLAIN, effects=factorial().effects).effects_only
    assert not PLAIN.effects_only and not Comparison(TEST, (row("a", [0.9]),)).effects_only
