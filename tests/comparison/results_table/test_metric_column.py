"""What is known of a metric from its name and its values."""

import random

import numpy as np
import pytest
from support.results_tables import experiment, judged, rows, write

from ablation.comparison.results_table.metric_column import value_step
from ablation.errors import AblateError


def metric(tmp_path, table, **options):
    return experiment(write(tmp_path / "a.csv", table), **options).runs.runs[0].metric


def scaled(factor, name="test_acc", **further):
    return [{**row, name: round(factor * row[name], 6)} for row in rows(metric=name, **further)]


def test_a_direction_that_no_name_says_is_asked_for(tmp_path):
    table = scaled(1, "quality")
    with pytest.raises(AblateError, match="which direction is better. Received --metric quality. .* --better higher"):
        metric(tmp_path, table)
    assert metric(tmp_path, table, better="lower").higher is False
    assert metric(tmp_path, scaled(1), better="lower").higher is False  # typed, whatever the name


def test_a_lower_loss_is_better(tmp_path):
    table = scaled(1, "val_loss")
    comparison = judged(write(tmp_path / "a.csv", table))
    assert [variant.result.verdict for variant in comparison.variants[1:]] == ["inconclusive", "better"]
    assert comparison.metric.largest is None and comparison.metric.step is None


def test_shares_are_known_by_name_and_range(tmp_path):
    assert metric(tmp_path, scaled(1)).is_share
    assert not metric(tmp_path, scaled(100)).is_share
    assert not metric(tmp_path, scaled(1, "reward")).is_share


def test_percents_mixed_with_fractions_are_refused(tmp_path):
    table = scaled(100)
    table[4]["test_acc"] = 0.934
    with pytest.raises(AblateError, match="mixed with fractions. Received 0.934 .* row 6, .* --unit percent"):
        metric(tmp_path, table)
    assert not metric(tmp_path, table, unit="percent").is_share
    with pytest.raises(AblateError, match="A fraction is at most 1. Received 93.1"):
        metric(tmp_path, table, unit="fraction")
    table[4]["test_acc"] = 1.0  # a network that guesses among 100 classes
    assert metric(tmp_path, table)


@pytest.mark.parametrize(
    ("name", "values", "is_refused"),
    [
        ("test_acc", {"full": (0.93, 0.94, 0.92), "-norm": (35.8, 36, 36.1)}, True),  # a variant in another unit
        ("test_acc", {"full": (0.93, 0.94, 41.0), "-norm": (0.9, 0.91, 0.92)}, True),
        ("wer", {"full": (0.052, 0.054, 0.05), "-norm": (5.2, 5.4, 5.5)}, True),
        ("test_error", {"full": (0.052, 0.054, 0.05), "-norm": (5.2, 5.4, 5.5)}, True),
        ("wer", {"full": (0.9, 0.95, 0.97), "-norm": (1.05, 1.1, 0.99)}, False),  # more errors than words
        ("return", {"full": (0.149, 9.1, 15.0), "-norm": (10.0, 12.0, 9.0)}, False),
        ("mean_squared_error", {"full": (0.05, 0.06, 0.04), "-norm": (5.1, 5.2, 5.0)}, False),
        ("psnr", {"full": (0.5, 20.0, 31.0), "-norm": (10.0, 12.0, 9.0)}, False),
    ],
)
def test_only_shares_and_error_rates_have_two_units(tmp_path, name, values, is_refused):
    table = rows(values, metric=name)
    if is_refused:
        with pytest.raises(AblateError, match="mixed with fractions"):
            metric(tmp_path, table, metric=name)
    else:
        assert metric(tmp_path, table, metric=name)


@pytest.mark.parametrize(("images", "dtype"), [(360, float), (359, float), (1797, np.float32), (7919, float)])
def test_the_number_of_test_examples_is_seen_in_accuracies(images, dtype):
    generator = random.Random(0)
    values = [float(dtype(generator.randrange(images // 2, images) / images)) for _ in range(12)]
    step = value_step(values)
    assert (step.resolution, step.decimals) == (pytest.approx(1 / images), len(str(images - 1)))
    assert step.reason == f"because its values are multiples of 1/{images:,}"


def test_rounded_values_have_the_step_of_their_rounding():
    step = value_step([0.93, 0.9, 0.91])
    assert (step.resolution, step.decimals) == (pytest.approx(0.01 / 12**0.5), 2)
    step = value_step([float(np.float32(value)) for value in (0.9312, 0.5)])
    assert (step.resolution, step.decimals) == (pytest.approx(1e-4), 4)
    assert value_step([93.1, 90.0], scale=100).resolution == pytest.approx(0.1 / 12**0.5)
    assert value_step([1.0, 0.0]).decimals == 2


def test_continuous_values_have_no_step():
    generator = random.Random(1)
    assert value_step([generator.random() for _ in range(12)]) is None
    assert value_step([1 / 3, 2 / 3]) is None  # too few values to exclude chance


def test_equal_rounded_values_do_not_give_an_infinite_t(tmp_path):
    table = rows({"full": (0.93,) * 3, "-norm": (0.9,) * 3})
    comparison = judged(write(tmp_path / "a.csv", table))
    assert comparison.variants[1].result.p > 0
    assert any("all runs of full and -norm have the same value" in warning for warning in comparison.warnings)
