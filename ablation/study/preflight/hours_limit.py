"""The limit `max_hours` of a study: what its runs take together, and which of them may still start."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ablation.config.program.spec import ProgramConfig
from ablation.errors import AblateError
from ablation.run.place import RunLocation
from ablation.runtime import console
from ablation.statistics.protocol import MIN_SEEDS
from ablation.study.cells import Cell
from ablation.study.plan import Plan, config_key, program_key
from ablation.study.preflight.cost import timing
from ablation.sweep import status
from ablation.sweep.status import PlannedRun
from ablation.text import duration, plural


@dataclass
class HoursLimit:
    """The seconds that the runs of a study may take together.

    study: its name. seconds: the limit. cells: the cell of each run. planned: seconds of a run by cell, as the
    preflight check measured them; for a program those of a brief run. taken: the seconds that each run has taken so
    far. ended: the runs among them that have completed or diverged.
    """

    study: str
    seconds: float
    cells: dict[RunLocation, str]
    planned: dict[str, float] = field(default_factory=dict)
    taken: dict[RunLocation, float] = field(default_factory=dict)
    ended: set[RunLocation] = field(default_factory=set)

    def read(self) -> None:
        """Take the seconds of all runs from their records."""
        for where in self.cells:
            row = status.row(where)
            if row.record is not None and row.status != "running":
                self.taken[where] = row.record.timings.seconds or 0.0
            if row.status in ("completed", "diverged"):
                self.ended.add(where)

    @property
    def total(self) -> float:
        """The seconds of all runs so far."""
        return sum(self.taken.values())

    def expected(self, where: RunLocation) -> float:
        """The seconds that a run will take: as the ended runs of its cell on average, or of all, or as measured."""
        of_cell = [self.taken[run] for run in self.ended if self.cells[run] == self.cells[where]]
        of_all = [self.taken[run] for run in self.ended]
        if of_cell or of_all:
            return statistics.mean(of_cell or of_all)
        return self.planned.get(self.cells[where], 0.0)

    def allows(self, where: RunLocation, running: Mapping[RunLocation, float]) -> bool:
        """Return whether a run is expected to end within the limit. running: seconds of the running ones so far."""
        if self.total >= self.seconds:
            return False
        under_way = sum(max(seconds, self.expected(run)) for run, seconds in running.items())
        return self.total + under_way + self.expected(where) <= self.seconds

    def note(self, where: RunLocation, seconds: float, has_ended: bool) -> None:
        """Add the seconds of a process of a run. has_ended: False if the run failed or was stopped."""
        self.taken[where] = self.taken.get(where, 0.0) + seconds
        if has_ended:
            self.ended.add(where)

    def batches(self, runs: Sequence[PlannedRun]) -> Iterator[list[PlannedRun]]:
        """The runs that fit, for launchers that take many at once: first one of each cell, to see how long they take.

        The records are read again after each batch.
        """
        left = list(runs)
        while left:
            self.read()
            begun: dict[RunLocation, float] = {}
            timed = {self.cells[run] for run in self.ended}
            for run in left:
                if self.cells[run.where] not in timed and self.cells[run.where] in map(self.cells.get, begun):
                    continue
                if not self.allows(run.where, begun):
                    break
                begun[run.where] = 0.0
            if not begun:
                return
            yield [run for run in left if run.where in begun]
            left = [run for run in left if run.where not in begun]

    def say_not_started(self, runs: Sequence[PlannedRun]) -> None:
        """Print how many of the runs the limit has kept from starting, and what to type for them."""
        waiting = [run.where for run in runs if status.row(run.where).status == "waiting"]
        if not waiting:
            return
        needed = self.total + sum(self.expected(where) for where in waiting)
        console.paragraph(
            f"The study {self.study} has taken {duration(self.total)} of its max_hours: {hours(self.seconds)}, and "
            f"{plural(len(waiting), 'run')} did not start. Type the same command with "
            f"study.max_hours={hours(_rounded_up(needed))} to run them, about {duration(needed - self.total)} in total"
        )


def of(plan: Plan) -> HoursLimit | None:
    """The limit of a study, with the runs so far; None without max_hours."""
    if plan.study.max_hours is None:
        return None
    cells = {where: cell.name for cell in reversed(plan.cells.design) for where in cell.runs}
    planned = {cell.name: seconds for cell in plan.cells.distinct if (seconds := _planned(plan, cell)) is not None}
    limit = HoursLimit(plan.study.name, plan.study.max_hours * 3600, cells, planned)
    limit.read()
    return limit


def refuse_if_longer(plan: Plan) -> None:
    """Raise AblateError if the runs left cannot all end within max_hours, as far as their times are known."""
    limit = of(plan)
    if limit is None:
        return
    study, seeds = plan.study, MIN_SEEDS if plan.study.sequential else len(plan.study.seeds)
    left = {where for cell in plan.cells.distinct for where in cell.runs[:seeds]} - limit.ended
    needed = limit.total + sum(map(limit.expected, left))
    if needed <= limit.seconds or not left:
        return
    brief = study.program is not None and not limit.ended
    at_least = "at least (that is what brief runs would take) " if brief else "about "
    count = plural(len(left), "run")
    so_far = f"{duration(limit.total)} so far and " if limit.total else ""
    enough = hours(_rounded_up(needed))
    raise AblateError(
        f"The study {study.name} takes {at_least}{duration(needed)}, which is more than its max_hours. Received "
        f"max_hours: {hours(limit.seconds)}, with {so_far}{count} left. Allowed: {enough} or more, or fewer seeds or "
        f"cells. Type for example study.max_hours={enough}. Nothing was started"
    )


def hours(seconds: float) -> str:
    """The value of max_hours for these seconds."""
    return f"{seconds / 3600:.4g}"


def _rounded_up(seconds: float) -> float:
    """A tenth more, because runs differ."""
    return 1.1 * seconds


def _planned(plan: Plan, cell: Cell) -> float | None:
    """The seconds of a run of a cell as measured before there was one; None if it was not."""
    if isinstance(cell.config, ProgramConfig):
        checked = plan.checked.get(program_key(plan, cell))
        return None if checked is None else float(checked["seconds"])
    measured = timing(plan, config_key(cell.trained, cell.runs[0].fingerprint))
    return None if measured is None else measured.run
