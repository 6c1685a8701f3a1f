import numpy as np
import pytest

from ablation.report.plots.axis import Scale, cost_text, cost_ticks, x_ticks


def test_percent_is_linear_and_goes_on_outside():
    np.testing.assert_allclose(Scale(2.0, 4.0).percent(np.array([1.0, 2.0, 3.0, 4.0])), [-50, 0, 50, 100])
    assert Scale(0.0, 3.0).percent_of(1.0) == 33.33


def test_percent_of_a_log_axis_counts_decades():
    scale = Scale(0.01, 1, log=True)
    np.testing.assert_allclose(scale.percent(np.array([0.01, 0.1, 1])), [0, 50, 100])
    assert np.isfinite(scale.percent(np.array([0.0, -1.0]))).all()  # far below, not undefined


def test_ticks_are_round_and_on_the_axis():
    assert Scale(0.01, 1, log=True).ticks() == pytest.approx([0.01, 0.1, 1])
    ticks = Scale(0.13, 0.94).ticks(5)
    assert ticks == pytest.approx([0.2, 0.4, 0.6, 0.8])


@pytest.mark.parametrize(
    ("key", "high", "texts"),
    [
        ("epoch", 4.0, ["0", "1", "2", "3", "4"]),
        ("images", 2e6, ["0", "500k", "1M"]),
        ("seconds", 1.0, ["0", "0.2", "0.4"]),
    ],
)
def test_x_ticks_count_epochs_in_whole_numbers_and_images_in_thousands(key, high, texts):
    ticks = x_ticks(Scale(0.0, high), key)
    assert [tick.text for tick in ticks][: len(texts)] == texts
    assert all(0 <= tick.value <= high for tick in ticks)


def test_a_single_epoch_has_one_whole_tick():
    assert [tick.text for tick in x_ticks(Scale(0.5, 1.5), "epoch")] == ["1"]


def test_costs_are_written_short():
    assert [cost_text(value) for value in (0.25, 250, 20_000, 1_500_000)] == ["0.25", "250", "20k", "1.5M"]
    linear = cost_ticks(Scale(100, 500), 5)
    assert [tick.text for tick in linear] == ["100", "200", "300", "400", "500"]


@pytest.mark.parametrize(("low", "high"), [(90, 1100), (2e5, 3e7), (1, 1e9)])
def test_a_log_axis_of_costs_has_a_few_ticks(low, high):
    ticks = cost_ticks(Scale(low, high, log=True), 4)
    assert 1 < len(ticks) <= 4 and all(low <= tick.value <= high for tick in ticks)
