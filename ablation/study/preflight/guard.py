"""The preflight check: refuse a study if a cell is not an ablation or cannot be trained, before any run starts."""

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Sequence

from ablation.config.schema import Config
from ablation.errors import AblateError
from ablation.runtime import console
from ablation.study.cells import Cell
from ablation.study.compilation.cell_composer import Choice, choices
from ablation.study.plan import Plan, config_key
from ablation.study.preflight import checks, probe, smoke
from ablation.study.preflight.probe import Done, Failure, Task
from ablation.study.preflight.smoke import SmokeTest

MOST_CELLS = 64  # the largest factorial design of which all cells are checked


def guard_cells(plan: Plan, cores: int) -> None:
    """Check all cells that have not passed the check before, and record in the plan that they pass.

    Raises AblateError, naming every cell that is not an ablation or cannot be trained.
    """
    cells = _to_check(plan)
    unchecked = [cell for cell in cells if _key(plan, cell) not in plan.checked]
    if not unchecked:
        _say_notes(plan, cells)
        return
    text = f"Preflight check: training each cell for {smoke.STEPS} steps"
    results = _run(smoke.smoke_test, [plan.cells.baseline, *unchecked], cores, text)
    problems = [checks.untrainable_message(plan.study, cell, results[cell.name]) for cell in unchecked]
    _refuse(problems)
    tests = _trained(results)
    alone = [cell for cell in unchecked if cell in plan.cells.alone]
    _refuse(_unsound(plan, alone, tests, cores))
    baseline = tests[plan.cells.baseline.name]
    for cell in unchecked:
        note = checks.note(cell, baseline, tests[cell.name]) if cell in alone else ""
        plan.checked[_key(plan, cell)] = _summary(tests[cell.name]) | {"note": note}
    console.say(f"Preflight check: all {len(cells)} cells train, and every removal has an effect")
    _say_notes(plan, cells)


def _say_notes(plan: Plan, cells: Iterable[Cell]) -> None:
    """Print what the check noted on each cell."""
    for cell in cells:
        note = plan.checked.get(_key(plan, cell), {}).get("note")
        if note:
            console.paragraph(f"Note: {note}.")


def _refuse(problems: Iterable[str | None]) -> None:
    """Raise AblateError with all problems, if there are any."""
    paragraphs = [problem for problem in problems if problem is not None]
    if paragraphs:
        raise AblateError("\n".join(paragraphs) + "\nNothing was started.")


def _key(plan: Plan, cell: Cell) -> str:
    """The key of a cell's result in the plan: a digest of the baseline, and one of the cell."""
    baseline = plan.cells.baseline
    baseline_key = config_key(baseline.trained, baseline.runs[0].fingerprint)
    return f"{baseline_key} {config_key(cell.trained, cell.runs[0].fingerprint)}"


def _summary(test: SmokeTest) -> dict[str, object]:
    """The part of a smoke test that is stored in the plan."""
    return {
        "network": dataclasses.asdict(test.network),
        "steps": test.steps,
        "per_epoch": test.per_epoch,
        "taken": test.taken,
    }


def _to_check(plan: Plan) -> list[Cell]:
    """The baseline, each removal alone, and all cells of the design (if it is too large, the one that removes most)."""
    cells = plan.cells.distinct
    if plan.study.design in ("factorial", "fractional") and len(cells) > MOST_CELLS:
        cells = [max(cells, key=_removed_components)]
    by_overrides = {cell.overrides: cell for cell in [plan.cells.baseline, *plan.cells.alone, *cells]}
    return list(by_overrides.values())


def _removed_components(cell: Cell) -> int:
    return len(cell.removed)


def _run(
    test: Callable[[Config], SmokeTest], cells: Iterable[Cell], cores: int, text: str
) -> dict[str, SmokeTest | Failure]:
    """Run a smoke test of each cell. Return the results by the names of the cells."""
    tasks = {cell.name: Task(test, cell.name, cell.trained) for cell in cells}
    results: dict[str, SmokeTest | Failure] = {}

    def store(done: Done[SmokeTest]) -> None:
        results[done.task.key] = done.result

    probe.run_tasks(probe.results(list(tasks.values()), cores), len(tasks), text, store)
    return results


def _trained(results: dict[str, SmokeTest | Failure]) -> dict[str, SmokeTest]:
    """The smoke tests that did not fail."""
    return {name: result for name, result in results.items() if isinstance(result, SmokeTest)}


def _unsound(plan: Plan, alone: Sequence[Cell], tests: dict[str, SmokeTest], cores: int) -> list[str]:
    """The error paragraphs for cells that train but are not ablations. alone: cells with a single removal."""
    baseline, taken = tests[plan.cells.baseline.name], smoke.STEPS
    idle = [cell for cell in alone if checks.same(baseline, tests[cell.name])]
    late = [cell for cell in idle if checks.may_act_late(baseline, tests[cell.name])]
    if late:
        acting = _acting_late(plan, late, cores)
        idle, taken = [cell for cell in idle if cell not in acting], smoke.LATE_STEPS
    problems: list[str] = []
    for cell in alone:
        choice = _only_choice(plan, cell)
        if cell in idle:
            problems.append(checks.no_op_message(plan.study, choice, cell, taken))
        elif extra := checks.extra_change_message(plan.study, choice, cell, baseline, tests[cell.name]):
            problems.append(extra)
    return problems + _equal_removals(plan, [cell for cell in alone if cell not in idle], tests)


def _equal_removals(plan: Plan, alone: Sequence[Cell], tests: dict[str, SmokeTest]) -> list[str]:
    """The error paragraphs for removals of different components that give the same network and training."""
    problems = []
    for first, second in itertools.combinations(alone, 2):
        before, after = tests[first.name], tests[second.name]
        choices_of_both = _only_choice(plan, first), _only_choice(plan, second)
        is_same = checks.same(before, after) and not checks.may_act_late(before, after)
        if is_same and choices_of_both[0].component != choices_of_both[1].component:
            problems.append(checks.equal_removals_message(plan.study, *choices_of_both))
    return problems


def _acting_late(plan: Plan, cells: Sequence[Cell], cores: int) -> list[Cell]:
    """The cells whose removal has an effect after more steps."""
    text = "Preflight check: training longer, because a removal may take effect late"
    results = _run(smoke.long_smoke_test, [plan.cells.baseline, *cells], cores, text)
    tests = _trained(results)
    baseline = tests.get(plan.cells.baseline.name)
    acting = []
    for cell in cells:
        test = tests.get(cell.name)
        if test is None or baseline is None or not checks.same(baseline, test):
            acting.append(cell)
    return acting


def _only_choice(plan: Plan, cell: Cell) -> Choice:
    (choice,) = choices(plan.study, cell.levels)
    return choice
