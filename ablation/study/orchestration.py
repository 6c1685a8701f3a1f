"""Carry out a study: compose its cells, plan them and check them, and only then run them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ablation.comparison.comparability.programs import TRUST
from ablation.errors import AblateError
from ablation.run.locator import RunLocator
from ablation.run.place import RunLocation
from ablation.runtime import console
from ablation.runtime.signals import CODES
from ablation.study import plan, terminal
from ablation.study.cells import Composer
from ablation.study.compilation.compiler import compile_cells
from ablation.study.plan import Plan
from ablation.study.preflight import hours_limit
from ablation.study.preflight.cost import count_networks, measure_steps, say_hours
from ablation.study.preflight.guard import guard_cells
from ablation.study.program.preflight import guard_programs
from ablation.study.spec import Study
from ablation.sweep.status import PlannedRun


def compile_plan(study: Study, composer: Composer, command: Sequence[str] = ()) -> Plan:
    """Compose the cells of a study and plan it. Raises AblateError if the study is invalid.

    command: the words after `ablate` that run it.
    """
    return plan.make(study, compile_cells(study, composer, RunLocator()), command)


def begin(study_plan: Plan, cores: int) -> list[PlannedRun]:
    """Check a study, freeze its plan and return its runs: no run twice, and the first seed of every cell first.

    Raises AblateError if a cell is not an ablation or cannot be trained.
    """
    terminal.head(study_plan)
    _guard(study_plan, cores)
    _limit_hours(study_plan, cores)
    study_plan.save()
    all_seeds = {cell.name: len(study_plan.study.seeds) for cell in study_plan.cells.design}
    return _runs(study_plan, all_seeds)


def _guard(study_plan: Plan, cores: int) -> None:
    """Run the preflight check. Raises AblateError."""
    if study_plan.study.program is None:
        guard_cells(study_plan, cores)
    else:
        guard_programs(study_plan)


def _measure(study_plan: Plan, cores: int) -> None:
    """Time a step of each cell. Raises AblateError for a program, whose steps only it knows."""
    if study_plan.study.program is not None:
        raise AblateError(
            f"--measure times the steps of our own training. Received --measure, and command: in the study "
            f"{study_plan.study.name}. Allowed: ablate-plan without it, which shows how long brief runs take. Leave "
            "--measure out"
        )
    measure_steps(study_plan, cores)


def _limit_hours(study_plan: Plan, cores: int) -> None:
    """Raise AblateError if the study would take longer than its max_hours, for which our own cells are measured."""
    if study_plan.study.max_hours is None:
        return
    if study_plan.study.program is None:
        measure_steps(study_plan, cores, missing_only=True)
    hours_limit.refuse_if_longer(study_plan)


def _runs(study_plan: Plan, counts: Mapping[str, int]) -> list[PlannedRun]:
    """The runs of each cell's first seeds: no run twice, ordered by seed. counts: the number of seeds by cell."""
    runs: dict[RunLocation, PlannedRun] = {}
    for index, seed in enumerate(study_plan.study.seeds):
        for cell in study_plan.cells.design:
            where = cell.runs[index]
            if index < counts.get(cell.name, 0) and where not in runs:
                overrides = (*cell.overrides, f"seed={seed}")
                runs[where] = PlannedRun(replace(cell.config, seed=seed), overrides, where)
    return list(runs.values())


def rounds(study_plan: Plan) -> Iterator[list[PlannedRun]]:
    """The rounds of a sequential study: the runs that the next look needs, including the earlier runs of their cells.

    Ends when every comparison is decided, or when a round has brought no new result.
    """
    from ablation.study import interim_analysis  # SciPy

    previous: dict[str, int] = {}
    while True:
        counts = interim_analysis.wanted(study_plan)
        if not counts or counts == previous:
            return
        yield _runs(study_plan, counts)
        previous = counts


def recorded(study_plan: Plan, run: Callable[[list[PlannedRun]], int]) -> Callable[[list[PlannedRun]], int]:
    """A function like `run`, after which the plan knows the runs that have ended, also if it was interrupted."""

    def run_and_record(runs: list[PlannedRun]) -> int:
        try:
            return run(runs)
        finally:
            study_plan.record_ended()

    return run_and_record


def run_rounds(rounds: Iterable[list[PlannedRun]], run: Callable[[list[PlannedRun]], int]) -> int:
    """Run round after round until a signal stops one. Return the exit code of the signal, otherwise the highest one."""
    worst = 0
    for runs in rounds:
        code = run(runs)
        if code in CODES.values():
            return code
        worst = max(worst, code)
    return worst


def describe(study_plan: Plan, cores: int, at_once: int, listed: bool, measure: bool, detect: str | None) -> None:
    """Show what a study will run and what it can detect; check it and freeze its plan.

    at_once: the number of parallel runs. listed: only show, without checking or writing anything. measure: time a step
    of each cell. detect: a difference to detect, as typed. Raises AblateError if a cell is not an ablation, cannot be
    trained or cannot be measured, or if `detect` cannot be parsed.
    """
    terminal.head(study_plan)
    terminal.listing(study_plan)
    terminal.fraction(study_plan)
    if study_plan.study.program is not None:
        console.paragraph(TRUST)
    from ablation.study import power_report  # SciPy: imported once the cells are shown

    if detect is not None:
        difference = power_report.parse_difference(detect)
        if not difference.in_sds:
            study_plan.frozen = replace(study_plan.frozen, detect=difference.value)
    if not listed:
        if study_plan.study.program is None:
            count_networks(study_plan, cores)
        _guard(study_plan, cores)
        if measure:
            _measure(study_plan, cores)
        _limit_hours(study_plan, cores)
        study_plan.save()
        say_hours(study_plan, at_once)
    for paragraph in power_report.paragraphs(study_plan, detect):
        console.paragraph(paragraph)
    if not listed:
        console.say(f"Plan {study_plan.hash[:8]} written: {study_plan.place}")
