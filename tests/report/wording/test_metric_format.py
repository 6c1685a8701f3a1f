"""Values and differences of the metric as fractions, or in percent and percentage points."""

from dataclasses import replace
from math import inf, nan

import pytest
from support.comparisons import TEST, compare, row
from support.finished_studies import CALM, lower

from ablation.comparison.analysis.comparison import Comparison, NumberStyle
from ablation.report.wording.metric_format import MetricFormat, metric_format, share_format
from ablation.statistics.intervals import UNKNOWN, Interval

FRACTION, PERCENT = MetricFormat(3), MetricFormat(1, 100, "%", "pp")
ENDS = Interval(-0.672, -0.322)


@pytest.mark.parametrize(
    ("written", "texts"),
    [
        (FRACTION, ["0.647", "-0.498", "0.498", "0.02", "95 % CI -0.672 to -0.322", "[-0.672, -0.322]", "± 0.175"]),
        (
            PERCENT,
            ["64.7 %", "-49.8 pp", "49.8 pp", "2 pp", "95 % CI -67.2 to -32.2 pp", "[-67.2, -32.2] pp", "± 17.5"],
        ),
    ],
)
def test_values_differences_and_intervals(written, texts):
    assert [
        written.value(0.6474),
        written.difference(-0.498),
        written.difference(0.498, sign=False),
        written.chosen(0.02),
        written.confidence_interval(ENDS),
        written.bracketed(ENDS),
        written.plus_minus(ENDS),
    ] == texts


def test_cells_have_no_unit_but_their_headings_have():
    assert (PERCENT.cell(0.9722), PERCENT.cell(0.001, sign=True)) == ("97.2", "+0.1")
    assert PERCENT.heading("Test accuracy") == "Test accuracy (%)"
    assert PERCENT.difference_heading("Difference") == "Difference (pp)"
    assert FRACTION.heading("Test accuracy") == "Test accuracy" and FRACTION.difference_heading("D") == "D"


def test_what_is_unknown_has_no_unit():
    assert PERCENT.value(nan) == "–" and PERCENT.difference(inf) == "–"
    assert PERCENT.confidence_interval(UNKNOWN) == PERCENT.bracketed(UNKNOWN) == PERCENT.plus_minus(UNKNOWN) == ""


def comparison(percent: bool, decimals: int | None = None, **metric) -> Comparison:
    made = compare([row("a", CALM), row("b", lower(0.1))], metric=replace(TEST, **metric))
    return replace(made, numbers=NumberStyle(percent, decimals))


def test_percent_has_two_decimals_fewer():
    assert metric_format(comparison(percent=True, largest=1.0)) == PERCENT
    many = comparison(percent=True, largest=1.0, images=10_000)
    assert metric_format(many).decimals == 2 and metric_format(comparison(percent=False)).decimals == 3


@pytest.mark.parametrize("percent", [False, True])
@pytest.mark.parametrize("decimals", [0, 1, 4])
def test_chosen_decimals_are_those_of_the_written_number(percent, decimals):
    written = metric_format(comparison(percent, decimals, largest=1.0))
    assert written.decimals == decimals and (written.factor == 100) == percent


def test_a_loss_stays_as_it_is_beside_an_accuracy_in_percent():
    loss = comparison(percent=True, largest=None, images=None)
    assert metric_format(loss).factor == 1 and share_format(loss).factor == 100
