"""The preflight check of a program's study: run each cell briefly, and name what would spoil its comparison."""

import math
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from ablation.config.program.flags import flag_text
from ablation.config.program.spec import ProgramConfig
from ablation.errors import AblateError
from ablation.run.program import arguments
from ablation.runtime import console
from ablation.runtime.signals import stopping
from ablation.study.cells import Cell
from ablation.study.plan import Plan, program_key
from ablation.study.program import brief_run
from ablation.study.program.brief_run import BriefRun
from ablation.sweep.watchdog import Watchdog
from ablation.text import duration, list_with_more, plural, size

LISTED = 4  # cells or files in a sentence


def guard_programs(plan: Plan) -> None:
    """Run each cell briefly that has not passed before, and record in the plan what was noted.

    Raises AblateError, naming every cell whose program fails.
    """
    _refuse_equal_commands(plan)
    if not _baseline(plan).program.code:
        console.paragraph(
            "Note: no code is recorded, because the command names no script: runs are kept whatever changes. code: in "
            "the study names files and folders that the runs depend on."
        )
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
            console.paragraph(f"Note: {note}" + ("" if note.endswith("?") else "."))


def _refuse_equal_commands(plan: Plan) -> None:
    """Raise AblateError for a cell whose program would be started as that of another cell."""
    cells: dict[tuple[object, ...], Cell] = {}
    for cell in [plan.cells.baseline, *plan.cells.alone]:
        config = _config(cell)
        words = tuple(arguments.command_words(config, Path("DIR")))
        other = cells.setdefault((words, tuple(sorted(arguments.environment(config).items()))), cell)
        if other.runs[0] != cell.runs[0]:
            raise AblateError(
                f"The study {plan.study.name}: {cell.name} and {other.name} start the program alike, so nothing is "
                f"removed. Received {_flags(cell)} and {_flags(other)}, which both give {shlex.join(words)}. Allowed: "
                "flags whose words differ. Change the flag of the component, or flags:, which says how they are written"
            )


def _flags(cell: Cell) -> str:
    flags = _config(cell).flags
    return list_with_more([flag_text(name, value) for name, value in flags.items()], LISTED)


def _check(plan: Plan, cells: Sequence[Cell]) -> None:
    configs = {cell.name: _config(cell) for cell in cells}
    baseline = _config(plan.cells.baseline)
    again, other_seed = "baseline again", "baseline with another seed"
    configs[again] = baseline
    configs[other_seed] = replace(baseline, seed=_other_seed(plan))
    runs: dict[str, BriefRun] = {}
    text = "Preflight check: running each cell briefly"
    with stopping() as stop, Watchdog(brief_run.GRACE) as watchdog:
        stop.graceful = True
        for name, config in console.track(configs.items(), len(configs), text):
            runs[name] = brief_run.run(config, stop, watchdog)
            if stop.code is not None:
                console.say("Interrupted in the preflight check. Nothing was started")
                raise SystemExit(stop.code)
    _refuse(plan, configs, runs)
    first = plan.cells.baseline.name
    notes = {cell.name: _notes_of(cell.name, runs[cell.name]) for cell in cells}
    notes[first] += _seed_notes(runs[first], runs[again], runs[other_seed])
    for cell in plan.cells.alone:
        repeated = _repeated_flags(_config(cell), baseline)
        if repeated:
            notes[cell.name].append(f"the words of smoke set {repeated} too, so {cell.name} was not checked briefly")
        else:
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
        values = [run.value for run in (first, again, other_seed)]
        if all(value is not None and math.isfinite(value) for value in values):
            value, repeated, other = (value for value in values if value is not None)
            if abs(other - value) <= abs(repeated - value):
                yield (
                    "a brief run of the baseline with another seed differs no more than one with the same seed "
                    f"({value:g}, {repeated:g} and {other:g}). Does the program use {{seed}}?"
                )
    elif first.value is not None and first.value == other_seed.value:
        yield (
            f"brief runs of the baseline with two seeds have the same metric ({first.value:g}). Whole runs that are "
            "equal for every seed are not judged. Does the program use {seed}?"
        )


def _outcome(run: BriefRun) -> object:
    """What a program left: its metric, or without one what it printed."""
    return run.output if run.value is None else repr(run.value)  # nan equals nan


def _no_effect_notes(name: str, baseline: BriefRun, run: BriefRun) -> Iterable[str]:
    if run.output == baseline.output and run.value == baseline.value:
        yield f"the brief run of {name} prints and measures the same as the baseline. Does the program use its flag?"


def _repeated_flags(config: ProgramConfig, baseline: ProgramConfig) -> str:
    """The words with which smoke sets a flag that a cell changes: its removal is then without effect in a brief run."""
    changed = {name: value for name, value in config.flags.items() if baseline.flags.get(name) != value}
    own = {_option(word) for word in arguments.flag_words(changed, config.program.flags)} - {""}
    return list_with_more([word for word in config.program.smoke if _option(word) in own], LISTED)


def _option(word: str) -> str:
    """The flag of a word: `--lr` for `--lr=0.1`, `lr` for Hydra's `lr=0.1`; a value alone has none."""
    name, equals, _ = word.partition("=")
    return name if word.startswith("-") or equals else ""


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
