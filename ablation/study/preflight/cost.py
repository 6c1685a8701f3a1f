"""What a study costs: parameters, MACs, hours."""

from typing import Any

from ablation import data, text
from ablation.errors import AblateError
from ablation.runtime import console
from ablation.study import plan, terminal
from ablation.study.cells import Cell
from ablation.study.plan import Plan
from ablation.study.preflight import probe
from ablation.study.preflight.probe import Task, probe_tasks, run_tasks


def count_networks(made: Plan, cores: int) -> None:
    """Parameters and MACs of each distinct network, shown as they arrive."""
    keys: dict[str, list[Cell]] = {}
    for cell in made.cells.design:
        shape, classes = data.describe(cell.config.data)
        keys.setdefault(plan.network_key(cell.config, shape, len(classes)), []).append(cell)
    names = {key: [cell.name for cell in cells] for key, cells in keys.items()}
    console.say(f"Networks ({len(keys)} distinct):")
    for key in keys:
        if key in made.networks:
            terminal.network(made.networks[key], names[key])

    def arrived(task: Task, told: dict[str, Any]) -> None:
        terminal.network(told, names[task.key])
        if "error" not in told:
            made.networks[task.key] = told

    tasks = probe_tasks("count", ((key, cells[0].config) for key, cells in keys.items()), made.networks)
    run_tasks(tasks, cores, "counting", arrived)


def measure_steps(made: Plan, cores: int) -> None:
    """Time the parts of a run of every cell here."""
    keys = {plan.config_key(cell.config, cell.runs[0].identity): cell for cell in made.cells.design}

    def arrived(task: Task, told: dict[str, Any]) -> None:
        if "error" in told:
            raise AblateError(f"Cell {keys[task.key].name} cannot be measured: {told['error']}")
        made.measured[task.key] = {**told, "ready": ready}

    ready = probe.worker_start_seconds(made.cells.baseline.config, cores)
    tasks = [Task("time", key, cell.config) for key, cell in keys.items()]
    run_tasks(tasks, cores, "measuring a step of each cell", arrived, apart=True)


def hours(made: Plan, at_once: int) -> None:
    """Say how long the study takes here, where it was measured."""
    keys = [plan.config_key(c.config, c.runs[0].identity) for c in made.cells.design if c.same_as is None]
    if not all(key in made.measured for key in keys):
        return
    seconds = sum(_seconds(made.measured[key]) for key in keys) * len(made.study.seeds)
    each = [made.measured[key]["step"] * 1000 for key in keys]
    console.paragraph(
        f"Measured here: {min(each):.3g} to {max(each):.3g} ms a step. The study takes about "
        f"{text.duration(seconds / at_once)} on this machine, {at_once} at once ({seconds / 3600:.2g} h of runs)"
    )


def _seconds(parts: dict[str, float]) -> float:
    """Of one run: its start, its steps, an evaluation and a commit an epoch, and the test at its end."""
    steps, epochs = parts["steps"], -(-parts["steps"] // parts["per_epoch"])
    each = parts["evaluation"] + parts["commit"]
    once = parts["ready"] + parts["start"] + parts["evaluation"] + parts["test"]
    return once + steps * parts["step"] + epochs * each
