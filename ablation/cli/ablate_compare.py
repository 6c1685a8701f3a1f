"""The command `ablate-compare`."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ablation.cli import compare_arguments, usage
from ablation.cli.compare_arguments import CompareArguments
from ablation.cli.guidance import refused_paths
from ablation.errors import AblateError
from ablation.redaction import printable
from ablation.runtime import environment, signals
from ablation.text import list_with_more

if TYPE_CHECKING:
    from ablation.comparison.analysis.comparison import Comparison
    from ablation.comparison.reading.load import Loaded
    from ablation.report.tables.table import Table

EXAMPLE = "ablate -m model=plain34,resnet34 seed=0,1,2"
INTERRUPTED = 130
WATCH_SECONDS = 2  # between two checks of --watch
MOST_LISTED = 12  # paths in one message
REMEDY = "Only completed runs are compared. Type a run's command again to finish it, with rerun=true if it diverged"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Returns its exit code: 0 all compared, 1 nothing to compare, 2 some excluded or not compared.

    argv: the arguments of `ablate-compare`; None for those of this process.
    """
    environment.settle_streams()
    return signals.until_the_reader_leaves(partial(_compare, sys.argv[1:] if argv is None else argv))


def _compare(words: Sequence[str]) -> int:
    arguments = compare_arguments.parse(words)
    usage.without_windows()
    try:
        environment.settle()
        environment.require_temporary_folder()
        if arguments.watch:
            return watch(arguments.paths, partial(compare, arguments))
        return compare(arguments)
    except AblateError as error:
        print(f"ablate-compare: {error}", file=sys.stderr)
        return error.code
    except OSError as error:
        if not refused_paths.is_refused_path(error):
            raise
        print(f"ablate-compare: {AblateError(refused_paths.explain(error, words))}", file=sys.stderr)
        return AblateError.code
    except KeyboardInterrupt:
        return INTERRUPTED


def watch(paths: Sequence[Path], compare_runs: Callable[[], int]) -> int:
    """Call `compare_runs` whenever the records below the paths have changed, until Ctrl-C."""
    from ablation.rundir import discovery, layout

    before = None
    while True:
        records = [(path, _modified(path / layout.RECORD)) for path in discovery.find(paths)]
        if records != before:
            before = records
            if sys.stdout.isatty():
                print("\033[2J\033[H", end="")
            try:
                compare_runs()
            except AblateError as error:  # no run has ended so far
                print(error, flush=True)
        time.sleep(WATCH_SECONDS)


def _modified(record: Path) -> int | None:
    """The modification time of a record in nanoseconds; None if it no longer exists."""
    with suppress(OSError):
        return record.stat().st_mtime_ns


def compare(arguments: CompareArguments) -> int:
    """Compare all runs at or below the paths: write the files and print the table. Returns the exit code.

    Raises AblateError if there is no run to compare.
    """
    from ablation.comparison.reading.load import load

    loaded = load(arguments.paths)
    if not loaded.runs:
        raise AblateError(_none_left(loaded.excluded) if loaded.excluded else _no_runs(arguments.paths))
    from ablation.comparison.analysis import compare as analysis  # imported late because it is slow
    from ablation.comparison.analysis import time_to_threshold

    comparison = analysis.compare(
        loaded, arguments.baseline, arguments.metric, arguments.select, arguments.margin, arguments.study
    )
    if arguments.threshold is not None:
        comparison = time_to_threshold.reach(comparison, arguments.threshold, arguments.x_axis)
    from ablation.report.tables.build import build_table

    table = build_table(comparison)
    if arguments.check:
        return _check(table, arguments.check)
    _report(comparison, table, arguments, _before(comparison, loaded))
    if loaded.excluded:
        print(f"ablate-compare: {_excluded(loaded.excluded, len(loaded.runs))}", file=sys.stderr)
    not_compared = any(variant.reference and variant.result is None for variant in comparison.variants)
    return 2 if loaded.excluded or not_compared else 0


def _report(comparison: Comparison, table: Table, arguments: CompareArguments, before: Sequence[str]) -> None:
    """Write the files of a comparison and print its table. before: the commands that ran the study."""
    from ablation.report.tables import terminal
    from ablation.report.wording import findings

    sentences = findings.sentences(comparison, arguments.detect)
    files = _files(comparison, table, sentences, arguments, before)
    _write(arguments.out, files)
    notes = [_written(arguments.out, files), *_notes(comparison)]
    with suppress(SystemExit):  # rich exits if the reader closes the pipe, as `head` does
        terminal.show(table, [*sentences, *notes])


def _files(
    comparison: Comparison,
    table: Table,
    sentences: Sequence[str],
    arguments: CompareArguments,
    before: Sequence[str],
) -> dict[str, bytes]:
    """The content of each file of the comparison, by name."""
    from ablation.comparison.reading.run_details import read_details
    from ablation.runtime import console

    with console.muted():  # without a writable cache, Matplotlib and fontconfig print warnings when they are imported
        from ablation.report.figures import files
        from ablation.report.html.page import Experiment, pages
        from ablation.report.plots.build import plot_data
    from ablation.report.tables import export, latex, markdown

    plots = plot_data(comparison, _curve(arguments), arguments.x_axis)
    runs = []
    for variant in comparison.variants:
        runs += [*variant.runs, *variant.diverged]
    details = read_details(runs, [path for path, _ in comparison.excluded])
    experiment = Experiment(comparison, table, plots, sentences, arguments.command, list(before), details)
    return {
        **files.files(plots),
        "summary.csv": export.csv(table).encode(),
        "table.md": markdown.markdown(table).encode(),
        "table.tex": latex.latex(table).encode(),
        "table.json": export.json(table).encode(),
        **pages([experiment]),
    }


def _curve(arguments: CompareArguments) -> str | None:
    """The metric of the curves: the one given by --curve, else that of the table; None for the default."""
    from ablation.comparison.analysis import learning_curves

    if arguments.curve is None and arguments.metric is not None:
        return learning_curves.validation_column(arguments.metric)
    return arguments.curve


def _before(comparison: Comparison, loaded: Loaded) -> list[str]:
    """The command that ran the study, for the report; empty without a study. Older plans know only its overrides."""
    if not comparison.study:
        return []
    from ablation.cli.arguments import unquoted
    from ablation.comparison.reading import study_plan

    plan = study_plan.find(loaded, comparison.study).plan
    if plan is not None and plan.command:
        return [shlex.join(["ablate", *plan.command])]
    overrides = map(unquoted, comparison.cli_overrides)
    return [shlex.join(["ablate", "-m", f"+study={comparison.study}", *overrides])]


def _check(table: Table, file: Path) -> int:
    """Print the differences between a committed table and that of the runs. Returns the exit code."""
    from ablation.report.tables import stale_check

    differences = stale_check.check(table, file)
    if not differences:
        print(f"{_listed([file])} matches the runs.")
        return 0
    print("\n".join(differences))
    print(f"ablate-compare: {_listed([file])} does not match the runs. Update it", file=sys.stderr)
    return 2


def _write(out: Path, files: dict[str, bytes]) -> None:
    from ablation.report.figures import files as figures_files
    from ablation.rundir import files as rundir_files

    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            rundir_files.replace(out / name, content)
        for name in figures_files.file_names() - files.keys():  # left over from an earlier comparison
            (out / name).unlink(missing_ok=True)
    except OSError as error:
        raise AblateError(
            f"Cannot write the comparison: {error.strerror}. Received --out {_listed([out])}. "
            "Allowed: a writable folder on a disk with free space. Type for example --out /tmp/comparison"
        ) from error


def _written(out: Path, files: Iterable[str]) -> str:
    """`Written to comparison: report.html, table.{json,md,tex}.`"""
    endings: dict[str, list[str]] = {}
    for stem, _, ending in sorted(name.rpartition(".") for name in files):
        endings.setdefault(stem, []).append(ending)
    names = []
    for stem, kinds in endings.items():
        ending = kinds[0] if len(kinds) == 1 else f"{{{','.join(kinds)}}}"
        names.append(f"{stem}.{ending}")
    return f"Written to {_listed([out])}: {', '.join(names)}."


def _notes(comparison: Comparison) -> list[str]:
    from ablation.comparison.labels.varied import unlabelled_model_keys

    notes = []
    if comparison.study is None:
        keys = unlabelled_model_keys([variant.runs[0] for variant in comparison.variants if variant.runs])
        if keys:
            notes.append(f"Note: variants of another network family also differ in {', '.join(keys)}.")
    if comparison.superseded:
        notes.append(f"Using the newest rerun; ignored: {_listed(run.path for run in comparison.superseded)}.")
    return notes


def _no_runs(paths: Sequence[Path]) -> str:
    searched = _listed((path if path.exists() else f"{path} (does not exist)" for path in paths), MOST_LISTED)
    return (
        f"No run found. Looked for folders with a run.json at and below: {searched}. "
        f"ablate writes runs, by default to outputs. Type for example {EXAMPLE}, then ablate-compare outputs/*"
    )


def _none_left(excluded: Sequence[tuple[Path, str]]) -> str:
    return f"Nothing to compare. Found {_reasons(excluded)}. {REMEDY}"


def _excluded(excluded: Sequence[tuple[Path, str]], compared: int) -> str:
    return f"Excluded {len(excluded)}, compared {compared}: {_reasons(excluded)}. {REMEDY}"


def _reasons(excluded: Sequence[tuple[Path, str]]) -> str:
    return _listed(f"{path} ({reason})" for path, reason in excluded)


def _listed(items: Iterable[object], most: int | None = None) -> str:
    """The items as printable text; those beyond `most` are only counted."""
    return list_with_more([printable(str(item)) for item in items], most)
