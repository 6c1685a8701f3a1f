"""The words in which a study is declared. The declared study itself is what its plan on disk holds."""

from ablation.rundir.declared_study import FIXED, SEQUENTIAL, Component, Removal, Study

__all__ = [
    "DESIGNS",
    "FIXED",
    "GROUPS",
    "MOST",
    "SEEDS",
    "SEQUENTIAL",
    "Component",
    "Removal",
    "Study",
    "key",
    "value",
]

DESIGNS = ("leave_one_out", "add_one_in", "cumulative", "factorial", "fractional", "list")
GROUPS = ("model", "data", "train")  # what a component may change; everything else is the command's
SEEDS, MOST = 5, 30  # where nothing is said: seeds of a study, and the most of a sequential one


def key(word: str) -> str:
    """What stands before the equals sign."""
    return word.partition("=")[0]


def value(word: str) -> str:
    """What stands behind it."""
    return word.partition("=")[2]
