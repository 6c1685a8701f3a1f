"""How many seeds would detect a difference that was chosen before."""

from dataclasses import replace

import pytest
from support.comparisons import compare, row
from support.finished_studies import CALM

from ablation.report.wording.needed_seeds import (
    Needed,
    needed_seeds,
    needed_seeds_of_several,
    needed_seeds_sentence,
    seed_range,
)
from ablation.statistics import power
from ablation.statistics.estimate import Estimate
from ablation.statistics.power import SeedRange

FLAT = compare([row("baseline", CALM), row("-a", [0.902, 0.9, 0.899, 0.897, 0.9])])
ESTIMATE = Estimate(0.001, 0.002, 8)


@pytest.mark.parametrize(
    ("seeds", "text"),
    [((14, 14), "14"), ((9, 61), "9 to 61"), ((9, None), "9 to more than 10,000"), ((None, None), "more than 10,000")],
)
def test_a_range_is_one_number_where_both_ends_agree(seeds, text):
    assert seed_range(SeedRange(*seeds)) == text


def test_more_comparisons_need_more_seeds():
    one = needed_seeds(replace(FLAT, margin=0.005), ESTIMATE, 5)
    eight = needed_seeds(replace(FLAT, margin=0.005, comparisons=8), ESTIMATE, 5)
    assert one.planned and one.difference == 0.005 and one.seeds == power.seeds_to_detect(0.005, ESTIMATE, 5, 0.05)
    assert eight.seeds == power.seeds_to_detect(0.005, ESTIMATE, 5, 0.05 / 8) and eight.seeds.most > one.seeds.most


def test_without_a_chosen_difference_it_is_half_of_what_the_seeds_detect():
    needed = needed_seeds(FLAT, ESTIMATE, 5)
    assert not needed.planned and needed.difference == power.detectable_difference(ESTIMATE, 0.05) / 2
    assert needed.seeds.fewest <= 20 <= needed.seeds.most  # half the difference takes about four times the seeds


def test_an_unknown_standard_error_needs_an_unknown_number():
    assert needed_seeds(FLAT, Estimate(0.0), 5) is None and needed_seeds(FLAT, Estimate(0.0, 0.0, 8), 5, 0.1) is None
    assert "unknown" in needed_seeds_sentence(FLAT, Estimate(0.0), 5) and "unknown" in needed_seeds_of_several(
        FLAT, [None]
    )


def test_several_needs_are_one_range():
    needs = [Needed(0.05, SeedRange(9, 61), True), None, Needed(0.05, SeedRange(5, None), True)]
    assert needed_seeds_of_several(FLAT, needs) == "5 to more than 10,000 seeds would detect 0.05."
    assert needed_seeds_of_several(FLAT, needs[:2]) == "9 to 61 seeds would detect 0.05."
    detected = [Needed(difference, SeedRange(9, 61), False) for difference in (0.02, 0.01)]
    assert needed_seeds_of_several(FLAT, detected) == ("Their seeds detect differences of 0.020 to 0.040 (80 % power).")
