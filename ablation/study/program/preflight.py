"""The preflight check of a program's study: run each cell briefly, and name what would spoil its comparison."""

import math
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from ablation.config.program.spec import ProgramConfig
from ablation.errors import AblateError
from ablation.runtime import console
from ablation.study.cells import Cell
from ablation.study.plan import Plan, program_key
from ablation.study.program import brief_run
from ablation.study.program.brief_run import BriefRun
from ablation.text import duration, list_with_more, plural, size

LISTED = 4  # cells or files in a sentence


def guard_programs(plan: Plan) -> None:
    """Run each cell briefly that has not passed before, and record in the plan what was noted.

    Raises AblateError, naming every cell whose program fails.
    """
    if not _baseline(plan).program.smoke:
        console.paragraph(
            "Preflight check: the flags of every removal differ from the baseline. No cell was run, because the study "
            "has no smoke: words that make a run brief would also show flags that the program does not know"
        )
        return
    all_cells = [plan.cells.baseline, *plan.cells.alone, *plan.cells.distinct]
    cells = list({cell.runs[0]: cell for cell in reversed(all_cells)}.values())[::-1]
    if any(program_key(plan, cell) not in plan.checked for cell in cells):
        _check(plan, cells)
    seconds = [plan.checked[program_key(plan, cell)]["seconds"] for cell in cells]
    shortest, longest = duration(min(seconds)), duration(max(seconds))
    took = shortest if shortest == longest else f"{shortest} to {longest}"
    console.say(f"Preflight check: all {plural(len(cells), 'cell')} run; a brief run takes {took}")
    for cell in cells:
        for note in plan.checked[program_key(plan, cell)]["notes"]:
            console.paragraph(f"Note: {note}.")


def _check(plan: Plan, cells: Sequence[Cell]) -> None:
    configs = {cell.name: _config(cell) for cell in cells}
    baseline = _config(plan.cells.baseline)
    again, other_seed = "baseline again", "baseline with another seed"
    configs[again] = baseline
    configs[other_seed] = replace(baseline, seed=_other_seed(plan))
    runs: dict[str, BriefRun] = {}
    text = "Preflight check: running each cell briefly"
    for name, config in console.track(configs.items(), len(configs), text):
        runs[name] = brief_run.run(config)
    _refuse(plan, configs, runs)
    first = plan.cells.baseline.name
    notes = {cell.name: _notes_of(cell.name, runs[cell.name]) for cell in cells}
    notes[first] += _seed_notes(runs[first], runs[again], runs[other_seed])
    for cell in plan.cells.alone:
        notes[cell.name] += _no_effect_notes(cell.name, runs[first], runs[cell.name])
    notes[first] += _shared_file_notes({cell.name: runs[cell.name] for cell in cells})
    for cell in cells:
        plan.checked[program_key(plan, cell)] = {"seconds": runs[cell.name].seconds, "notes": notes[cell.name]}


def _baseline(plan: Plan) -> ProgramConfig:
    return _config(plan.cells.baseline)


def _config(cell: Cell) -> ProgramConfig:
    if not isinstance(cell.config, ProgramConfig):
        raise TypeError(f"Expected a cell of a program. Received {cell.name}")
    return cell.config


def _other_seed(plan: Plan) -> int:
    """A seed beside the first one: of the study, if it has several."""
    first, *others = plan.study.seeds
    return others[0] if others else first + 1


def _refuse(plan: Plan, configs: dict[str, ProgramConfig], runs: dict[str, BriefRun]) -> None:
    """Raise AblateError with the cells whose brief run failed."""
    problems: dict[str, list[str]] = {}
    for name, run in runs.items():
        if run.problem:
            problems.setdefault(run.problem, []).append(name)
    if not problems:
        return
    paragraphs = []
    for problem, names in problems.items():
        words = brief_run.command(configs[names[0]], Path("DIR"))
        paragraphs.append(
            f"The study {plan.study.name}, cell {list_with_more(names, LISTED)}: the program fails in a brief run: "
            f"{problem}. Received the command with the words of smoke. Allowed: a command that takes the flags of "
            f"every cell. To see all that it prints, type {shlex.join(words)}"
        )
    raise AblateError("\n".join(paragraphs) + "\nNothing was started.")


# ---------------------------------------------------------------- notes


def _notes_of(name: str, run: BriefRun) -> list[str]:
    """What is noted of one brief run."""
    notes = []
    if run.no_metric:
        notes.append(f"the brief run of {name} has no metric: {run.no_metric}; a whole run without one fails")
    elif run.value is not None and not math.isfinite(run.value):
        notes.append(f"the metric of the brief run of {name} is {run.value}; such a whole run has diverged")
    if run.survivors:
        notes.append(f"{name} leaves processes running ({', '.join(run.survivors[:LISTED])}), which are stopped")
    if run.left_out:
        notes.append(f"{name} prints more than run.log keeps: {size(run.left_out)} in the middle are left out")
    return notes


def _seed_notes(first: BriefRun, again: BriefRun, other_seed: BriefRun) -> Iterable[str]:
    """What is noted of two runs with the same seed, and of one with another."""
    if _outcome(first) != _outcome(again):
        yield "two brief runs of the baseline with the same seed differ, so its runs are not bit-exact"
    elif first.value is not None and first.value == other_seed.value:
        yield (
            f"brief runs of the baseline with two seeds have the same metric ({first.value:g}). Whole runs that are "
            "equal for every seed are not judged. Does the program use {seed}?"
        )


def _outcome(run: BriefRun) -> object:
    """What a program left: its metric, or without one what it printed."""
    return run.output if run.value is None else run.value


def _no_effect_notes(name: str, baseline: BriefRun, run: BriefRun) -> Iterable[str]:
    if run.output == baseline.output and run.value == baseline.value:
        yield f"the brief run of {name} prints and measures the same as the baseline. Does the program use its flag?"


def _shared_file_notes(runs: dict[str, BriefRun]) -> Iterable[str]:
    """Name the files below the working folder that several cells write."""
    writers: dict[str, list[str]] = {}
    for name, run in runs.items():
        for path in run.written:
            writers.setdefault(path, []).append(name)
    shared = sorted(path for path, names in writers.items() if len(names) > 1)
    if shared:
        yield (
            f"several cells write {list_with_more(shared, LISTED)} below the working folder, and the last one to write "
            'it stays. With n_jobs above 1 they disturb each other; cwd: "{dir}" gives each run a folder of its own'
        )
