"""The words in which a study is declared. The declared study itself is what its plan on disk holds."""

from ablation.rundir.declared_study import FIXED, SEQUENTIAL, Component, Removal, Study

__all__ = [
    "DEFAULT_MAX_SEEDS",
    "DEFAULT_SEEDS",
    "DESIGNS",
    "FIXED",
    "GROUPS",
    "SEQUENTIAL",
    "Component",
    "Removal",
    "Study",
    "key",
    "value",
]

DESIGNS = ("leave_one_out", "add_one_in", "cumulative", "factorial", "fractional", "list")
GROUPS = ("model", "data", "train")  # what a component may change; everything else is the command's
DEFAULT_SEEDS, DEFAULT_MAX_SEEDS = 5, 30  # of a study, and at most of a sequential one


def key(override: str) -> str:
    """What stands before the equals sign."""
    return override.partition("=")[0]


def value(override: str) -> str:
    """What stands behind the equals sign."""
    return override.partition("=")[2]
