"""Refuse a study whose cells are no ablation."""

from collections.abc import Sequence
from typing import Any

from ablation.errors import AblateError
from ablation.runtime import console
from ablation.study import plan
from ablation.study.cells import Cell
from ablation.study.plan import Plan
from ablation.study.preflight import checks, probe
from ablation.study.preflight.probe import Task, run_tasks
from ablation.study.spec import Component

MOST = 64  # cells of a factorial that are all tried


def guard_cells(made: Plan, cores: int) -> None:
    """Raise AblateError, naming every cell that is no ablation or cannot be trained. What was found sound is kept."""
    tried = _tried(made)
    key = {cell.name: plan.config_key(cell.config, cell.runs[0].identity) for cell in tried}
    base = made.cells.baseline
    unknown = [cell for cell in tried if f"{key[base.name]} {key[cell.name]}" not in made.checked]
    if not unknown:
        return
    seen: dict[str, dict[str, Any]] = {}
    tasks = [Task("taste", cell.name, cell.config) for cell in {c.name: c for c in [base, *unknown]}.values()]
    run_tasks(tasks, cores, "trying each cell before any training", lambda task, told: seen.update({task.key: told}))
    wrong = [
        paragraph for cell in unknown if (paragraph := checks.untrainable_message(made.study, cell, seen[cell.name]))
    ]
    wrong = wrong or _judged(made, [cell for cell in unknown if cell in made.cells.alone], seen, cores)
    if wrong:
        raise AblateError("\n".join(wrong) + "\nNothing was started.")
    told = ("network", "steps", "per_epoch", "taken")
    sound = {f"{key[base.name]} {key[c.name]}": {k: seen[c.name][k] for k in told} for c in unknown}
    made.checked |= sound
    console.say(f"{len(tried)} cells tried: each can be trained, and each removal is one")


def _tried(made: Plan) -> list[Cell]:
    """The baseline, each removal alone, and cells that remove more: all, or of a large factorial the barest."""
    cells = [made.cells.baseline, *made.cells.alone]
    others = [cell for cell in made.cells.design if cell.same_as is None]
    if made.study.design in ("factorial", "fractional") and len(others) > MOST:
        others = [max(others, key=lambda cell: sum(map(bool, cell.levels)))]
    return list({cell.overrides: cell for cell in [*cells, *others]}.values())


def _judged(made: Plan, alone: Sequence[Cell], seen: dict[str, dict[str, Any]], cores: int) -> list[str]:
    """What is wrong with removals that can be trained."""
    base, taken = seen[made.cells.baseline.name], probe.STEPS
    idle = [cell for cell in alone if checks.same(base, seen[cell.name])]
    later = [cell for cell in idle if checks.acts_late(base, seen[cell.name])]
    if later:
        found: dict[str, dict[str, Any]] = {}
        tasks = [Task("later", cell.name, cell.config) for cell in [made.cells.baseline, *later]]
        words = "trying for longer what may act late"
        run_tasks(tasks, cores, words, lambda task, told: found.update({task.key: told}))
        start = found[made.cells.baseline.name]
        acting = [c for c in later if "error" in found[c.name] or not checks.same(start, found[c.name])]
        idle, taken = [cell for cell in idle if cell not in acting], probe.LATER
    wrong = [checks.no_op_message(made.study, _component(made, cell), cell, taken) for cell in idle]
    rest = [cell for cell in alone if cell not in idle]
    more = [
        checks.extra_change_message(made.study, _component(made, cell), cell, base, seen[cell.name]) for cell in rest
    ]
    return [*wrong, *filter(None, more)]


def _component(made: Plan, cell: Cell) -> Component:
    return next(c for c, level in zip(made.study.components, cell.levels, strict=True) if level)
