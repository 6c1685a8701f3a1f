"""The cost of a study: parameters, MACs, hours."""

import dataclasses

from ablation import data, text
from ablation.config.program.spec import ProgramConfig
from ablation.errors import AblateError
from ablation.runtime import console
from ablation.study import terminal
from ablation.study.cells import Cell
from ablation.study.plan import Plan, config_key, network_key
from ablation.study.preflight import measurement, probe
from ablation.study.preflight.measurement import NetworkSize, Timing
from ablation.study.preflight.probe import Done, Failure, Task


def count_networks(plan: Plan, cores: int) -> None:
    """Count parameters and MACs of each distinct network, and print each result as soon as it is available."""
    cells_of: dict[str, list[Cell]] = {}
    for cell in plan.cells.design:
        shape, classes = data.describe(cell.trained.data)
        cells_of.setdefault(network_key(cell.trained, shape, len(classes)), []).append(cell)
    console.say(f"Networks ({len(cells_of)} distinct):")
    tasks = []
    for key, cells in cells_of.items():
        size = _cached_size(plan, key)
        if size is None:
            tasks.append(Task(measurement.count_network, key, cells[0].trained))
        else:
            terminal.network(size, _names(cells))

    def show_and_store(done: Done[NetworkSize]) -> None:
        terminal.network(done.result, _names(cells_of[done.task.key]))
        if isinstance(done.result, NetworkSize):
            plan.networks[done.task.key] = dataclasses.asdict(done.result)

    probe.run_tasks(probe.results(tasks, cores), len(tasks), "Counting parameters and MACs", show_and_store)


def measure_steps(plan: Plan, cores: int, missing_only: bool = False) -> None:
    """Time the parts of a run of every cell on this machine. Raises AblateError for a cell that cannot be trained.

    missing_only: leave out the cells that were timed before.
    """
    cells = {config_key(cell.trained, cell.runs[0].fingerprint): cell for cell in plan.cells.design}

    def store(done: Done[Timing]) -> None:
        if isinstance(done.result, Failure):
            raise AblateError(f"The cell {cells[done.task.key].name} cannot be measured: {done.result.reason}")
        plan.measured[done.task.key] = dataclasses.asdict(dataclasses.replace(done.result, ready=ready))

    if missing_only:
        cells = {key: cell for key, cell in cells.items() if timing(plan, key) is None}
        if not cells:
            return
    ready = probe.worker_start_seconds(plan.cells.baseline.trained, cores)
    tasks = [Task(measurement.time_run, key, cell.trained) for key, cell in cells.items()]
    probe.run_tasks(probe.results_apart(tasks, cores), len(tasks), "Timing a step of each cell", store)


def say_hours(plan: Plan, at_once: int) -> None:
    """Print how long the study takes on this machine, if all cells were measured. at_once: parallel runs."""
    timings = []
    for cell in plan.cells.distinct:
        if isinstance(cell.config, ProgramConfig):
            return
        measured = timing(plan, config_key(cell.trained, cell.runs[0].fingerprint))
        if measured is None:
            return
        timings.append(measured)
    seconds = sum(each.run for each in timings) * len(plan.study.seeds)
    steps = [each.step * 1000 for each in timings]
    console.paragraph(
        f"Measured: {min(steps):.3g} to {max(steps):.3g} ms per step. The study takes about "
        f"{text.duration(seconds / at_once)} on this machine with {text.plural(at_once, 'run')} at a time "
        f"({seconds / 3600:.2g} h in total)"
    )


def _names(cells: list[Cell]) -> list[str]:
    return [cell.name for cell in cells]


def _cached_size(plan: Plan, key: str) -> NetworkSize | None:
    """The size of a network from the plan; None if it is missing or invalid."""
    try:
        return NetworkSize(**plan.networks[key])
    except (KeyError, TypeError):
        return None


def timing(plan: Plan, key: str) -> Timing | None:
    """The timing of a cell from the plan; None if it is missing or invalid."""
    try:
        return Timing(**plan.measured[key])
    except (KeyError, TypeError):
        return None
