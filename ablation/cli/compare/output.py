"""What `ablate-compare` shows and writes: one experiment as its table, several as an overview with an index page."""

import shlex
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ablation.cli.compare import folder as comparison_folder
from ablation.cli.compare.arguments import PROGRAM, CompareArguments
from ablation.cli.compare.compared import MAX_LISTED, compare_each, compare_in_style, compare_one, curve_of
from ablation.cli.compare.folder import INDEX, INDEX_JSON, Former
from ablation.cli.compare.unchanged import inputs_digest
from ablation.comparison.analysis.comparison import Comparison
from ablation.comparison.display.names import OPTION as RENAME
from ablation.comparison.experiments.experiment import Experiment, Experiments
from ablation.comparison.labels.varied import unlabelled_model_keys
from ablation.errors import AblateError
from ablation.redaction import printable
from ablation.report.experiment_files import ReportRequest, experiment_files, file_names
from ablation.report.html.index_page import index_page
from ablation.report.overview.experiments import Compared, NotCompared, Overview
from ablation.report.overview.index_json import Written, index_json
from ablation.report.overview.screen import show_overview
from ablation.report.tables import stale_check, terminal
from ablation.report.tables.build import build_table
from ablation.report.tables.style import TableStyle
from ablation.report.tables.table import Table
from ablation.runtime import console
from ablation.text import list_with_more


def compare(experiments: Experiments, arguments: CompareArguments) -> bool:
    """Compare the experiments, write the files and print the tables.

    Returns whether every variant and experiment could be compared. Raises AblateError if none can.
    """
    if len(experiments) == 1:
        item = compare_one(experiments.found[0], arguments)
        _show_one(item, arguments)
        return _all_compared(item)
    overview, left_out = compare_each(experiments, arguments)
    if len(overview.items) == 1:
        _show_one(_alone_in_folder(overview), arguments, left_out)
    else:
        _show_several(overview, arguments, left_out)
    return all_compared(overview)


def write(overview: Overview, arguments: CompareArguments) -> None:
    """Write the files of the experiments without printing anything."""
    if len(overview.items) == 1:
        comparison_folder.write(arguments.out, _files(_alone_in_folder(overview), arguments))
    else:
        _write_index(overview, arguments)


def all_compared(overview: Overview) -> bool:
    """Return whether every variant and experiment could be compared."""
    is_complete = len(overview.compared) == len(overview.items)
    return is_complete and all(_all_compared(item) for item in overview.compared)


def _alone_in_folder(overview: Overview) -> Compared:
    """The only experiment, whose files are directly in the output folder."""
    return replace(overview.compared[0], folder="")


def _all_compared(item: Compared) -> bool:
    return not any(variant.reference and variant.result is None for variant in item.comparison.variants)


def check(experiments: Experiments, arguments: CompareArguments) -> int:
    """Print the differences between a committed table and that of the runs. Returns the exit code.

    Raises AblateError if there are several experiments.
    """
    experiment, file = experiments.found[0], arguments.check
    if file is None or len(experiments) > 1:
        names = list_with_more([each.name for each in experiments], MAX_LISTED, "; ")
        raise AblateError(
            f"--check compares one table. Received {len(experiments)} experiments: {printable(names)}. Allowed: one of "
            f"them. Type for example {shlex.join(_alone(experiment, arguments))}"
        )

    def build(style: TableStyle) -> Table:
        return build_table(compare_in_style(experiment, arguments, style), style)

    differences = stale_check.check(build, file, arguments.style)
    if not differences:
        print(f"{printable(str(file))} matches the runs.")
        return 0
    print("\n".join(differences))
    print(f"{PROGRAM}: {printable(str(file))} does not match the runs. Update it", file=sys.stderr)
    return 2


# ---------------------------------------------------------------- one experiment


def _show_one(item: Compared, arguments: CompareArguments, further_notes: Sequence[str] = ()) -> None:
    files = _files(item, arguments)
    comparison_folder.write(arguments.out, files)
    notes = [comparison_folder.describe(arguments.out, files), *_notes(item.comparison), *further_notes]
    with suppress(SystemExit):  # rich exits if the reader closes the pipe, as `head` does
        terminal.show(item.table, [*item.sentences, *notes])


def _files(item: Compared, arguments: CompareArguments) -> dict[str, bytes]:
    """The content of each file of a comparison, by its path below the output folder."""
    words = arguments.command
    if item.folder:
        words = _alone(item.experiment, arguments, item.table.style.rename)
    request = ReportRequest(
        sentences=item.sentences,
        command=words,
        run_commands=_run_commands(item.experiment),
        curve=curve_of(arguments),
        x_axis=arguments.x_axis,
        folder=item.folder,
        captioned=not arguments.no_captions,
    )
    return experiment_files(item.comparison, item.table, request)


def _run_commands(experiment: Experiment) -> list[str]:
    """The command that ran the study, for the report; empty without a study. Older plans know only its overrides."""
    plan = experiment.plan
    if plan is None:
        return []
    if plan.command:
        return [shlex.join(["ablate", *plan.command])]
    from ablation.cli.arguments import unquoted  # Hydra, for older plans only

    overrides = map(unquoted, plan.study.typed)
    return [shlex.join(["ablate", "-m", f"+study={plan.study.name}", *overrides])]


def _notes(comparison: Comparison) -> list[str]:
    notes = []
    if comparison.study is None and comparison.is_own:
        keys = unlabelled_model_keys([variant.runs[0] for variant in comparison.variants if variant.runs])
        if keys:
            notes.append(f"Note: variants of another network family also differ in {', '.join(keys)}.")
    if comparison.superseded:
        ignored = [printable(str(run.path)) for run in comparison.superseded]
        notes.append(f"Using the newest rerun; ignored: {list_with_more(ignored)}.")
    return notes


# ---------------------------------------------------------------- several experiments


def _show_several(overview: Overview, arguments: CompareArguments, left_out: Sequence[str]) -> None:
    _write_index(overview, arguments)
    notes = [comparison_folder.describe_several(arguments.out, len(overview.compared)), *left_out]
    if sum(not item.experiment.is_study for item in overview.items) > 1:
        notes.append(
            "Runs that differ in data, split, length, precision, backend or code are not comparable, so they stand in "
            "tables of their own. One table of all runs: --together"
        )
    with suppress(SystemExit):  # rich exits if the reader closes the pipe, as `head` does
        show_overview(overview, [_command_of(item, arguments) for item in overview.items], notes)


def _write_index(overview: Overview, arguments: CompareArguments) -> None:
    """Write the files of several experiments, and their index."""
    written = _write_several(overview, arguments)
    index = {INDEX: index_page(overview, arguments.command), INDEX_JSON: index_json(overview, written).encode()}
    comparison_folder.put(arguments.out, index)


def _write_several(overview: Overview, arguments: CompareArguments) -> dict[str, Written]:
    """Write the files of each experiment of which something has changed. Returns what is there, by folder."""
    out, compared = arguments.out, overview.compared
    former = comparison_folder.former_experiments(out)
    possible = file_names()
    names = [INDEX, INDEX_JSON, *(f"{item.folder}/{name}" for item in compared for name in sorted(possible))]
    leftovers = comparison_folder.prepare(out, names)
    written: dict[str, Written] = {}
    for item in console.track(compared, len(compared), "Drawing the experiments"):
        inputs = inputs_digest(item, _command_of(item, arguments))
        last = former.get(item.folder)
        if last is None or last.inputs != inputs:
            contents = _files(item, arguments)
            comparison_folder.put(out, contents)
            last = Former(inputs, tuple(contents))
        written[item.folder] = Written(inputs, tuple(sorted(Path(name).name for name in last.files)))
    kept = {INDEX, INDEX_JSON} | {f"{folder}/{name}" for folder, each in written.items() for name in each.files}
    comparison_folder.remove(out, [name for name in leftovers if name not in kept])
    return written


def _command_of(item: Compared | NotCompared, arguments: CompareArguments) -> list[str]:
    names = item.table.style.rename if isinstance(item, Compared) else ()
    return _alone(item.experiment, arguments, names)


def _alone(experiment: Experiment, arguments: CompareArguments, names: Sequence[str] = ()) -> list[str]:
    """The words of the command that shows one experiment alone. names: of its variants, without those of others."""
    is_named_by_study = experiment.plan is not None and experiment.plan.study.name == experiment.name
    option, name = "--study" if is_named_by_study else "--experiment", experiment.name
    words = _without_names([word for word in arguments.command if word != PROGRAM], names)
    chosen = [f"{option}={name}"] if name.startswith("-") else [option, name]
    return [PROGRAM, *words, *chosen]


def _without_names(words: Sequence[str], kept: Sequence[str]) -> list[str]:
    """The words without each `--rename` of a name that is not kept."""
    left: list[str] = []
    remaining = iter(words)
    for word in remaining:
        if word == RENAME:
            name = next(remaining, "")
            left += [RENAME, name] if name in kept else []
        elif not word.startswith(f"{RENAME}=") or word.removeprefix(f"{RENAME}=") in kept:
            left.append(word)
    return left
