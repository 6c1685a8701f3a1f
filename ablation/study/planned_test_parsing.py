"""Parse `test` and `margin` of a study file: how its comparisons are tested."""

from typing import Any

from ablation.rundir.declared_study import AUTO, LARGEST_MARGIN
from ablation.study.component_parsing import StudySource, shown
from ablation.study.spec import EFFECTS, TESTS


def parse_test(source: StudySource, declared: Any, design: str) -> str:
    """The test of each comparison. Raises AblateError for an unknown one, or for one that the design does not use."""
    if declared is None:
        return AUTO
    if not isinstance(declared, str) or declared not in TESTS:
        raise source.error("its test is not allowed", declared, "auto, welch or paired", "test: auto")
    if declared == "paired" and design in EFFECTS:
        raise source.error(
            f"test: paired compares two cells seed by seed, but design: {design} tests effects over all cells",
            f"test: paired, design: {design}",
            "test: auto, or a design that compares cells",
            "design: leave_one_out",
        )
    return declared


def parse_margin(source: StudySource, declared: Any, design: str, largest: float = LARGEST_MARGIN) -> float | None:
    """The equivalence margin, in the metric's unit.

    largest: exclusive; infinite for the metric of a program. Raises AblateError for another value, and for designs that
    test effects.
    """
    if declared is None:
        return None
    is_number = type(declared) in (int, float)
    if not is_number or not 0 < declared < largest:
        raise source.error(
            f"its margin is not allowed{_reason(declared) if is_number else ''}",
            shown(declared),
            "null, or a number between 0 and 1" if largest == LARGEST_MARGIN else "null, or a number above 0",
            "margin: 0.01",
        )
    if design in EFFECTS:
        raise source.error(
            f"a margin is for the equivalence of two cells, but design: {design} tests effects over all cells",
            f"margin: {declared}, design: {design}",
            "no margin, or a design that compares cells",
            "design: leave_one_out",
        )
    return float(declared)


def _reason(margin: float) -> str:
    """Why a number is out of range."""
    if margin >= LARGEST_MARGIN:
        return ", because accuracies lie between 0 and 1, and every two would be equivalent"
    return ", because a margin is above 0"
