"""The vocabulary of study files: designs, groups and defaults. The dataclasses come from `rundir.declared_study`."""

from ablation.rundir.declared_study import EFFECTS, FIXED, SEQUENTIAL, TESTS, Component, Removal, Study

__all__ = [
    "DEFAULT_MAX_SEEDS",
    "DEFAULT_SEEDS",
    "DESIGNS",
    "EFFECTS",
    "FIXED",
    "GROUPS",
    "SEQUENTIAL",
    "TESTS",
    "Component",
    "Removal",
    "Study",
    "key",
    "value",
]

DESIGNS = ("leave_one_out", "add_one_in", "cumulative", "factorial", "fractional", "list")
GROUPS = ("model", "data", "train")  # a component may change only these
DEFAULT_SEEDS, DEFAULT_MAX_SEEDS = 5, 30  # of a fixed study; of a sequential study


def key(override: str) -> str:
    """The key of an override, before the equals sign."""
    return override.partition("=")[0]


def value(override: str) -> str:
    """The value of an override, after the equals sign."""
    return override.partition("=")[2]
