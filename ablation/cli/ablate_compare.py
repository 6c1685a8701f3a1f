"""The command `ablate-compare`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ablation.cli import usage
from ablation.cli.compare import arguments as compare_arguments
from ablation.cli.compare import table_request
from ablation.cli.compare.arguments import CompareArguments
from ablation.cli.guidance import refused_paths
from ablation.errors import AblateError
from ablation.runtime import environment, garbage, signals

if TYPE_CHECKING:
    pass

INTERRUPTED = 130
WATCH_SECONDS = 2  # between two checks of --watch


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
        table_request.require_meaning(arguments)
        if arguments.watch and not arguments.demo:
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


@garbage.postponed()
def compare(arguments: CompareArguments) -> int:
    """Compare all runs at or below the paths: write the files and print the tables. Returns the exit code.

    Raises AblateError if there is no run to compare.
    """
    if arguments.demo:
        return _demo(arguments)
    from ablation.cli.compare.selected import excluded_runs, excluded_sentence, selected

    experiments = selected(arguments)
    from ablation.runtime import console

    with console.muted():  # without a writable cache, Matplotlib and fontconfig print warnings when they are imported
        from ablation.cli.compare import output as comparison_output  # imported late because they are slow
        from ablation.cli.compare import verdicts

    if arguments.check:
        return comparison_output.check(experiments, arguments)
    write = verdicts.print_verdicts if arguments.json else comparison_output.compare
    all_compared = write(experiments, arguments)
    excluded = excluded_runs(experiments)
    if excluded:
        compared = len({run.path for experiment in experiments for run in experiment.runs.runs})
        sentence = excluded_sentence(excluded, compared, table_request.is_table(arguments))
        print(f"ablate-compare: {sentence}", file=sys.stderr)
    return 2 if excluded or not all_compared else 0


def _demo(arguments: CompareArguments) -> int:
    """Compare the bundled runs. Raises AblateError for paths beside --demo, and for a folder that is not writable."""
    from ablation.cli.compare import demo

    prepared = demo.prepare(arguments)
    code = compare(prepared)
    print("\n" + "\n".join(demo.next_steps(prepared.out)))
    return code
