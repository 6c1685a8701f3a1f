"""A study from its words to the runs that are left to do: composed, planned, guarded, and only then begun."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from ablation import data, progress
from ablation.config import Config
from ablation.errors import AblateError
from ablation.signals import CODES
from ablation.study import cells as cells_
from ablation.study import guards, plan, probe, screen
from ablation.study.cells import Cell, Composer
from ablation.study.language import Component, Study
from ablation.study.plan import Plan
from ablation.study.probe import Task
from ablation.sweep import ledger
from ablation.sweep.ledger import Finder

MOST = 64  # cells of a factorial that are all tried


def made(study: Study, composer: Composer) -> Plan:
    """Compose a study and plan it. Raises AblateError for one that is wrong."""
    return plan.make(study, cells_.compile(study, composer, Finder()))


def begin(made: Plan, cores: int) -> list[ledger.Cell]:
    """Guard a study and freeze its plan. Returns its runs, each once, the first seed of every cell first.

    Raises AblateError where a cell is no ablation or cannot be trained.
    """
    screen.head(made)
    _guard(made, cores)
    made.save()
    return _runs(made, {cell.name: len(made.study.seeds) for cell in made.cells.design})


def _runs(made: Plan, wanted: Mapping[str, int]) -> list[ledger.Cell]:
    """The first seeds of each cell, as many as are wanted; each run once, the first seed of every cell first."""
    found: dict[Any, ledger.Cell] = {}
    for i, seed in enumerate(made.study.seeds):
        for cell in made.cells.design:
            if i < wanted.get(cell.name, 0):
                words = (*cell.overrides, f"seed={seed}")
                found.setdefault(cell.runs[i], ledger.Cell(replace(cell.config, seed=seed), words, cell.runs[i]))
    return list(found.values())


def rounds(made: Plan) -> Iterator[list[ledger.Cell]]:
    """The runs of a study that goes on until it is decided: after each round those that the next look needs, and all
    before it of the same cells. Ends where all is decided, or the last round brought no new result.
    """
    from ablation.study import deciding

    before: dict[str, int] = {}
    while (wanted := deciding.wanted(made)) and wanted != before:
        yield _runs(made, wanted)
        before = wanted


def through(batches: Iterable[list[ledger.Cell]], run: Callable[[list[ledger.Cell]], int]) -> int:
    """Run batch after batch until a signal stops one. Returns the signal's code, else the worst of all."""
    worst = 0
    for batch in batches:
        code = run(batch)
        if code in CODES.values():
            return code
        worst = max(worst, code)
    return worst


def look(made: Plan, cores: int, at_once: int, listed: bool, measure: bool, detect: str | None) -> None:
    """Show what a study will run and what it can tell; guard it and freeze its plan. Raises AblateError.

    listed: the cells and no more. measure: time a step of each. detect: a difference to detect, as typed.
    """
    screen.head(made)
    screen.listing(made)
    screen.fraction(made)
    if not listed:
        _count(made, cores)
        _guard(made, cores)
        if measure:
            _measure(made, cores)
        made.save()
        hours(made, at_once)
    from ablation.study import outlook  # SciPy, which the cells are not kept waiting for

    for paragraph in outlook.told(made, detect):
        progress.paragraph(paragraph)
    if not listed:
        progress.say(f"Plan {made.hash[:8]} written: {made.place}")


def _tasks(kind: str, wanted: Iterable[tuple[str, Config]], kept: dict[str, Any]) -> list[Task]:
    return [Task(kind, key, cfg) for key, cfg in dict(wanted).items() if key not in kept]


def _do(tasks: Sequence[Task], cores: int, text: str, each: Callable[[Task, dict], None], apart: bool = False) -> None:
    """apart: each task in a process that has done nothing before, as a run is."""
    if tasks:
        done = chain.from_iterable(probe.results([task], cores) for task in tasks)
        for task, told in progress.track(done if apart else probe.results(tasks, cores), len(tasks), text):
            each(task, told)


def _count(made: Plan, cores: int) -> None:
    """Parameters and MACs of each distinct network, shown as they arrive."""
    keys: dict[str, list[Cell]] = {}
    for cell in made.cells.design:
        shape, classes = data.describe(cell.config.data)
        keys.setdefault(plan.network_key(cell.config, shape, len(classes)), []).append(cell)
    names = {key: [cell.name for cell in cells] for key, cells in keys.items()}
    progress.say(f"Networks ({len(keys)} distinct):")
    for key in keys:
        if key in made.networks:
            screen.network(made.networks[key], names[key])

    def arrived(task: Task, told: dict[str, Any]) -> None:
        screen.network(told, names[task.key])
        if "error" not in told:
            made.networks[task.key] = told

    tasks = _tasks("count", ((key, cells[0].config) for key, cells in keys.items()), made.networks)
    _do(tasks, cores, "counting", arrived)


def _guard(made: Plan, cores: int) -> None:
    """Raise AblateError, naming every cell that is no ablation or cannot be trained. What was found sound is kept."""
    tried = _tried(made)
    key = {cell.name: plan.config_key(cell.config, cell.runs[0].identity) for cell in tried}
    base = made.cells.baseline
    unknown = [cell for cell in tried if f"{key[base.name]} {key[cell.name]}" not in made.checked]
    if not unknown:
        return
    seen: dict[str, dict[str, Any]] = {}
    tasks = [Task("taste", cell.name, cell.config) for cell in {c.name: c for c in [base, *unknown]}.values()]
    _do(tasks, cores, "trying each cell before any training", lambda task, told: seen.update({task.key: told}))
    wrong = [paragraph for cell in unknown if (paragraph := guards.broken(made.study, cell, seen[cell.name]))]
    wrong = wrong or _judged(made, [cell for cell in unknown if cell in made.cells.alone], seen, cores)
    if wrong:
        raise AblateError("\n".join(wrong) + "\nNothing was started.")
    told = ("network", "steps", "per_epoch", "taken")
    sound = {f"{key[base.name]} {key[c.name]}": {k: seen[c.name][k] for k in told} for c in unknown}
    made.checked |= sound
    progress.say(f"{len(tried)} cells tried: each can be trained, and each removal is one")


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
    idle = [cell for cell in alone if guards.same(base, seen[cell.name])]
    later = [cell for cell in idle if guards.acts_late(base, seen[cell.name])]
    if later:
        found: dict[str, dict[str, Any]] = {}
        tasks = [Task("later", cell.name, cell.config) for cell in [made.cells.baseline, *later]]
        words = "trying for longer what may act late"
        _do(tasks, cores, words, lambda task, told: found.update({task.key: told}))
        start = found[made.cells.baseline.name]
        acting = [c for c in later if "error" in found[c.name] or not guards.same(start, found[c.name])]
        idle, taken = [cell for cell in idle if cell not in acting], probe.LATER
    wrong = [guards.nothing(made.study, _component(made, cell), cell, taken) for cell in idle]
    rest = [cell for cell in alone if cell not in idle]
    more = [guards.more(made.study, _component(made, cell), cell, base, seen[cell.name]) for cell in rest]
    return [*wrong, *filter(None, more)]


def _component(made: Plan, cell: Cell) -> Component:
    return next(c for c, level in zip(made.study.components, cell.levels, strict=True) if level)


def _measure(made: Plan, cores: int) -> None:
    """Time the parts of a run of every cell here."""
    keys = {plan.config_key(cell.config, cell.runs[0].identity): cell for cell in made.cells.design}

    def arrived(task: Task, told: dict[str, Any]) -> None:
        if "error" in told:
            raise AblateError(f"Cell {keys[task.key].name} cannot be measured: {told['error']}")
        made.measured[task.key] = {**told, "ready": ready}

    ready = probe.spawning(made.cells.baseline.config, cores)
    tasks = [Task("time", key, cell.config) for key, cell in keys.items()]
    _do(tasks, cores, "measuring a step of each cell", arrived, apart=True)


def hours(made: Plan, at_once: int) -> None:
    """Say how long the study takes here, where it was measured."""
    keys = [plan.config_key(c.config, c.runs[0].identity) for c in made.cells.design if c.same_as is None]
    if not all(key in made.measured for key in keys):
        return
    seconds = sum(_seconds(made.measured[key]) for key in keys) * len(made.study.seeds)
    each = [made.measured[key]["step"] * 1000 for key in keys]
    progress.paragraph(
        f"Measured here: {min(each):.3g} to {max(each):.3g} ms a step. The study takes about "
        f"{progress.duration(seconds / at_once)} on this machine, {at_once} at once ({seconds / 3600:.2g} h of runs)"
    )


def _seconds(parts: dict[str, float]) -> float:
    """Of one run: its start, its steps, an evaluation and a commit an epoch, and the test at its end."""
    steps, epochs = parts["steps"], -(-parts["steps"] // parts["per_epoch"])
    each = parts["evaluation"] + parts["commit"]
    once = parts["ready"] + parts["start"] + parts["evaluation"] + parts["test"]
    return once + steps * parts["step"] + epochs * each
