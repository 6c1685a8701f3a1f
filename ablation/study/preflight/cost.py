"""What a study costs: parameters, MACs, hours."""

import dataclasses

from ablation import data, text
from ablation.errors import AblateError
from ablation.runtime import console
from ablation.study import terminal
from ablation.study.cells import Cell
from ablation.study.plan import Plan, config_key, network_key
from ablation.study.preflight import measurement, probe
from ablation.study.preflight.measurement import NetworkSize, Timing
from ablation.study.preflight.probe import Done, Failure, Task


def count_networks(plan: Plan, cores: int) -> None:
    """Count parameters and MACs of each distinct network, and show them as they arrive."""
    cells_of: dict[str, list[Cell]] = {}
    for cell in plan.cells.design:
        shape, classes = data.describe(cell.config.data)
        cells_of.setdefault(network_key(cell.config, shape, len(classes)), []).append(cell)
    console.say(f"Networks ({len(cells_of)} distinct):")
    tasks = []
    for key, cells in cells_of.items():
        known = _known_size(plan, key)
        if known is None:
            tasks.append(Task(measurement.count_network, key, cells[0].config))
        else:
            terminal.network(known, _names(cells))

    def arrived(done: Done[NetworkSize]) -> None:
        terminal.network(done.result, _names(cells_of[done.task.key]))
        if isinstance(done.result, NetworkSize):
            plan.networks[done.task.key] = dataclasses.asdict(done.result)

    probe.run_tasks(probe.results(tasks, cores), len(tasks), "Counting parameters and MACs", arrived)


def measure_steps(plan: Plan, cores: int) -> None:
    """Time the parts of a run of every cell on this machine. Raises AblateError for a cell that cannot be trained."""
    cells = {config_key(cell.config, cell.runs[0].fingerprint): cell for cell in plan.cells.design}

    def arrived(done: Done[Timing]) -> None:
        if isinstance(done.result, Failure):
            raise AblateError(f"The cell {cells[done.task.key].name} cannot be measured: {done.result.reason}")
        plan.measured[done.task.key] = dataclasses.asdict(dataclasses.replace(done.result, ready=ready))

    ready = probe.worker_start_seconds(plan.cells.baseline.config, cores)
    tasks = [Task(measurement.time_run, key, cell.config) for key, cell in cells.items()]
    probe.run_tasks(probe.results_apart(tasks, cores), len(tasks), "Timing a step of each cell", arrived)


def say_hours(plan: Plan, at_once: int) -> None:
    """Say how long the study takes on this machine, where every cell was measured. at_once: parallel runs."""
    timings = []
    for cell in plan.cells.distinct:
        timing = _known_timing(plan, config_key(cell.config, cell.runs[0].fingerprint))
        if timing is None:
            return
        timings.append(timing)
    seconds = sum(timing.run for timing in timings) * len(plan.study.seeds)
    steps = [timing.step * 1000 for timing in timings]
    console.paragraph(
        f"Measured: {min(steps):.3g} to {max(steps):.3g} ms per step. The study takes about "
        f"{text.duration(seconds / at_once)} on this machine with {text.plural(at_once, 'run')} at a time "
        f"({seconds / 3600:.2g} h in total)"
    )


def _names(cells: list[Cell]) -> list[str]:
    return [cell.name for cell in cells]


def _known_size(plan: Plan, key: str) -> NetworkSize | None:
    """What the plan keeps of a network."""
    try:
        return NetworkSize(**plan.networks[key])
    except (KeyError, TypeError):
        return None


def _known_timing(plan: Plan, key: str) -> Timing | None:
    """What the plan keeps of a cell's timing."""
    try:
        return Timing(**plan.measured[key])
    except (KeyError, TypeError):
        return None
