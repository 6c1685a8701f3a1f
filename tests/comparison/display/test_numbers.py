import pytest
from support.comparisons import TEST, compare, row, study

from ablation.comparison.analysis.comparison import Metric, NumberStyle
from ablation.comparison.display.numbers import with_numbers
from ablation.errors import AblateError

ACCURACY = Metric("test accuracy", "test_accuracy", TEST.caption, images=360, largest=1.0)


def test_an_accuracy_may_be_in_percent_and_its_numbers_stay_fractions():
    comparison = compare([row("a", [0.9] * 3), row("b", [0.8] * 3)], metric=ACCURACY)
    in_percent = with_numbers(comparison, NumberStyle(percent=True, decimals=1))
    assert in_percent.numbers.percent and in_percent.variants == comparison.variants
    assert (comparison.decimals, in_percent.decimals) == (3, 3)  # of fractions
    assert with_numbers(comparison, NumberStyle(decimals=1)).decimals == 1


def test_a_loss_is_never_in_percent():
    loss = Metric("test loss", "test_loss", "Test loss.", higher=False)
    comparison = compare([row("a", [0.9] * 3), row("b", [0.8] * 3)], metric=loss)
    with pytest.raises(AblateError, match="Received --percent with the metric test_loss. Allowed: --percent with an"):
        with_numbers(comparison, NumberStyle(percent=True))
    assert with_numbers(comparison, NumberStyle(decimals=2)).decimals == 2
    assert with_numbers(study(), NumberStyle()) == study()
