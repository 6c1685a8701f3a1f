"""A study from its words to the runs that are left to do: composed, planned, guarded, and only then begun."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ablation.run.locator import RunLocator
from ablation.runtime import console
from ablation.runtime.signals import CODES
from ablation.study import compilation, plan, terminal
from ablation.study.cells import Composer
from ablation.study.plan import Plan
from ablation.study.preflight.cost import count_networks, measure_steps, say_hours
from ablation.study.preflight.guard import guard_cells
from ablation.study.spec import Study
from ablation.sweep import status


def compile_plan(study: Study, composer: Composer) -> Plan:
    """Compose a study and plan it. Raises AblateError for one that is wrong."""
    return plan.make(study, compilation.compile_cells(study, composer, RunLocator()))


def begin(made: Plan, cores: int) -> list[status.PlannedRun]:
    """Guard a study and freeze its plan. Returns its runs, each once, the first seed of every cell first.

    Raises AblateError where a cell is no ablation or cannot be trained.
    """
    terminal.head(made)
    guard_cells(made, cores)
    made.save()
    return _runs(made, {cell.name: len(made.study.seeds) for cell in made.cells.design})


def _runs(made: Plan, wanted: Mapping[str, int]) -> list[status.PlannedRun]:
    """The first seeds of each cell, as many as are wanted; each run once, the first seed of every cell first."""
    found: dict[Any, status.PlannedRun] = {}
    for i, seed in enumerate(made.study.seeds):
        for cell in made.cells.design:
            if i < wanted.get(cell.name, 0):
                words = (*cell.overrides, f"seed={seed}")
                found.setdefault(cell.runs[i], status.PlannedRun(replace(cell.config, seed=seed), words, cell.runs[i]))
    return list(found.values())


def rounds(made: Plan) -> Iterator[list[status.PlannedRun]]:
    """The runs of a study that goes on until it is decided: after each round those that the next look needs, and all
    before it of the same cells. Ends where all is decided, or the last round brought no new result.
    """
    from ablation.study import interim_analysis

    before: dict[str, int] = {}
    while (wanted := interim_analysis.wanted(made)) and wanted != before:
        yield _runs(made, wanted)
        before = wanted


def run_rounds(batches: Iterable[list[status.PlannedRun]], run: Callable[[list[status.PlannedRun]], int]) -> int:
    """Run batch after batch until a signal stops one. Returns the signal's code, else the worst of all."""
    worst = 0
    for batch in batches:
        code = run(batch)
        if code in CODES.values():
            return code
        worst = max(worst, code)
    return worst


def describe(made: Plan, cores: int, at_once: int, listed: bool, measure: bool, detect: str | None) -> None:
    """Show what a study will run and what it can tell; guard it and freeze its plan. Raises AblateError.

    listed: the cells and no more. measure: time a step of each. detect: a difference to detect, as typed.
    """
    terminal.head(made)
    terminal.listing(made)
    terminal.fraction(made)
    if not listed:
        count_networks(made, cores)
        guard_cells(made, cores)
        if measure:
            measure_steps(made, cores)
        made.save()
        say_hours(made, at_once)
    from ablation.study import power_report  # SciPy, which the cells are not kept waiting for

    for paragraph in power_report.paragraphs(made, detect):
        console.paragraph(paragraph)
    if not listed:
        console.say(f"Plan {made.hash[:8]} written: {made.place}")
