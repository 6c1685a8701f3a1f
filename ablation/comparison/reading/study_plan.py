"""The frozen plan of a study, found beside its runs. One that no study writes is as if it were not there."""

from collections.abc import Sequence
from itertools import combinations_with_replacement
from typing import Any

from ablation.comparison.reading.load import Loaded
from ablation.errors import AblateError, unknown
from ablation.rundir import layout, study_plan
from ablation.statistics import protocol

MOST, MOST_SEEDS = 64, 1000  # parts of a factorial; looks at a study that adds seeds
STUDY = {"name": str, "question": str, "typed": list, "seeds": list, "components": list}
CELL = {"name": str, "levels": dict, "removed": list, "with": list, "budget": bool, "differs": dict, "runs": dict}


def find(loaded: Loaded, name: str | None = None) -> tuple[dict[str, Any] | None, list[str]]:
    """The plan beside the runs, or copies of them, that has most of them, and the names of other studies there.

    Of equal ones the first by its place. name: of the study to take. Raises AblateError where no run is of it.
    """
    here = {run.fingerprint for run in (*loaded.runs, *loaded.diverged)}
    read = (study_plan.read_plan(place) for root in loaded.roots for place in study_plan.plan_paths(root))
    having = [plan for plan in read if plan and _sound(plan) and here & identities(plan)]
    names = list(dict.fromkeys(plan["study"]["name"] for plan in having))
    if name is not None and not names:
        raise AblateError(
            f"No run here is of a study. Received --study {name}. Allowed: a study whose plan lies beside the runs, in "
            f"{layout.STUDIES}. Leave --study out, and name what to judge against: --baseline NAME"
        )
    if name is not None and name not in names:
        raise unknown("study", name, names, "--study")
    meant = [plan for plan in having if name in (None, plan["study"]["name"])]
    found = max(meant, key=lambda plan: len(here & identities(plan)), default=None)
    return found, [other for other in names if found and other != found["study"]["name"]]


def identities(plan: dict[str, Any]) -> set[str]:
    """Of all its runs."""
    return {identity for cell in plan["cells"] for identity in cell["runs"].values()}


def _sound(plan: dict[str, Any]) -> bool:
    """Has everything that is read of it its type, and are its cells those that it names?"""
    try:
        study, cells, pairs, fraction = (plan[name] for name in ("study", "cells", "comparisons", "fraction"))
        removals = [(part["name"], removal["name"]) for part in study["components"] for removal in part["removals"]]
        names, sizes = [cell["name"] for cell in cells], [len(part["removals"]) for part in study["components"]]
        return (
            _typed(study, STUDY)
            and all(isinstance(word, str) for word in study["typed"])
            and (not protocol.sequential(study) or len(study["seeds"]) <= MOST_SEEDS)
            and all(isinstance(one, str) and isinstance(other, str | None) for one, other in removals)
            and type(plan["test"]["comparisons"]) is int
            and bool(cells)
            and all(_cell(cell, names, sizes) for cell in cells)
            and len(set(names)) == len(names)
            and all(one in names and other in names for one, other in pairs)
            and (fraction is None or type(fraction["resolution"]) is int)
            and (bool(pairs) or _crossed([list(cell["levels"].values()) for cell in cells], sizes))
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return False


def _cell(cell: dict[str, Any], names: Sequence[str], sizes: Sequence[int]) -> bool:
    levels = list(cell["levels"].values())
    return (
        _typed(cell, CELL)
        and (cell["same_as"] is None or cell["same_as"] in names)
        and all(isinstance(text, str) for text in (*cell["removed"], *cell["with"], *cell["runs"].values()))
        and all(len(pair) == 2 for pair in cell["differs"].values())
        and all(type(level) is int and 0 <= level <= size for level, size in zip(levels, sizes, strict=True))
    )


def _crossed(levels: Sequence[Sequence[int]], sizes: Sequence[int]) -> bool:
    """Has every level of a part each of another part beside it, as effects over all cells take for granted?"""
    if len(sizes) > MOST:
        return False
    columns = list(zip(*levels, strict=True))
    return all(
        len(set(zip(columns[i], columns[j], strict=True))) == (sizes[i] + 1) * (sizes[j] + 1 if i < j else 1)
        for i, j in combinations_with_replacement(range(len(sizes)), 2)
    )


def _typed(told: dict[str, Any], types: dict[str, type]) -> bool:
    return all(isinstance(told[name], of) for name, of in types.items())
