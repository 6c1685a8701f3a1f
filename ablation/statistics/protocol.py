"""How a study is judged, fixed before there is data."""

from collections.abc import Mapping
from typing import Any

LEVEL = 0.05  # two-sided, over all of a study's comparisons together (Holm 1979)
POWER = 0.8
MIN_SEEDS = 3  # seeds below which no verdict is given
TEST = {"statistic": "Welch's t over seeds, two-sided", "level": LEVEL, "correction": "Holm", "min_seeds": MIN_SEEDS}
WELCH, CORRECTION = "welch", "holm"  # the same, as one word each
SEQUENTIAL = "a look at each number of seeds from 3, the level spent as seeds come in (Lan and DeMets, near Pocock)"
STOPPING = ("fixed", "sequential")  # when a study stops adding seeds: at those that it names, or once it is decided
METRIC = "test accuracy of the last weights; without a test split validation accuracy of the last epoch"


def sequential(study: Mapping[str, Any]) -> bool:
    """Does a study, as its plan has it, add seeds until its comparisons are decided?"""
    return study.get("stopping") == STOPPING[1]


def pairs(frozen: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The comparisons of a plan, (cell, what it is compared to), each once: of equal cells the first stands for all."""
    first = {cell["name"]: cell["same_as"] or cell["name"] for cell in frozen["cells"]}
    found = dict.fromkeys((first[one], first[other]) for one, other in frozen["comparisons"])
    return [(one, other) for one, other in found if one != other]
