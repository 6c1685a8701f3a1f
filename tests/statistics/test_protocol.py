"""How a study is judged: a plan freezes what the judge then does."""

from ablation.statistics import protocol, sequential, verdict
from ablation.statistics.arm import Arm
from ablation.statistics.pair import Pair

FAR = [0.1, 0.11, 0.12, 0.13]


def verdict_of(seeds: int) -> str:
    """Of two arms that are far apart."""
    low = Arm("low", dict(enumerate(FAR[:seeds])))
    high = Arm("high", dict(enumerate(value + 0.5 for value in FAR[:seeds])))
    return verdict.judge([Pair(low, high)])[0].verdict


def test_what_a_plan_freezes_is_what_the_judge_uses():
    assert (protocol.TEST["level"], protocol.TEST["min_seeds"]) == (protocol.LEVEL, protocol.MIN_SEEDS)
    assert verdict.Family([], 0).level == protocol.LEVEL
    assert [verdict_of(protocol.MIN_SEEDS - 1), verdict_of(protocol.MIN_SEEDS)] == [verdict.TOO_FEW, verdict.WORSE]


def test_the_words_for_machines_and_for_people_name_the_same_test():
    assert protocol.TEST["statistic"].lower().startswith(protocol.WELCH)
    assert protocol.PAIRED in protocol.TEST["statistic"]
    assert protocol.TEST["correction"].lower() == protocol.CORRECTION


def test_the_first_look_is_at_the_fewest_seeds_that_have_a_verdict():
    assert sequential.looks(10)[0] == protocol.MIN_SEEDS
    assert f"from {protocol.MIN_SEEDS}," in protocol.SEQUENTIAL
