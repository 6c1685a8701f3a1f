"""The command `ablate-runs`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ablation.cli.guidance import refused_paths
from ablation.cli.runs import arguments as runs_arguments
from ablation.cli.runs.arguments import PROGRAM, RunsArguments
from ablation.cli.runs.missing import no_runs
from ablation.errors import AblateError
from ablation.redaction import printable
from ablation.runtime import environment, signals

if TYPE_CHECKING:
    from ablation.comparison.reading.all_runs import AllRuns

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Returns its exit code: 0 done, 1 nothing done, 2 done in part, 75 the runs are running.

    argv: the arguments of `ablate-runs`; None for those of this process.
    """
    environment.settle_streams()
    return signals.until_the_reader_leaves(partial(_run, sys.argv[1:] if argv is None else argv))


def _run(words: Sequence[str]) -> int:
    arguments = runs_arguments.parse(words)
    try:
        environment.settle()
        return run(arguments)
    except AblateError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return error.code
    except OSError as error:
        if not refused_paths.is_refused_path(error):
            raise
        print(f"{PROGRAM}: {AblateError(refused_paths.explain(error, words))}", file=sys.stderr)
        return AblateError.code
    except KeyboardInterrupt:
        return INTERRUPTED


def run(arguments: RunsArguments) -> int:
    """Do what the arguments say. Returns the exit code. Raises AblateError."""
    if arguments.cache:
        from ablation.cli.runs import cache  # imported late: only the cache needs to know of data sets

        return cache.show_or_delete(arguments)
    from ablation.cli.runs import deleting
    from ablation.comparison.reading.all_runs import read_all

    found = read_all(arguments.roots)
    if arguments.delete and deleting.complete_interrupted(_folders(arguments, found)) and not found.runs:
        return 0
    if not found.runs:
        raise AblateError(no_runs(arguments, found))
    code = _act(arguments, found)
    for path, reason in found.refused:
        print(f"{PROGRAM}: Not searched: {printable(str(path))} ({reason})", file=sys.stderr)
    return code or (2 if found.refused else 0)


def _act(arguments: RunsArguments, found: AllRuns) -> int:
    """List the runs that meet the conditions, or change or delete them."""
    from ablation.cli.runs import deleting, listing, selection, tagging

    if arguments.delete:
        deleting.require_choice(arguments, [listed.path for listed in found.runs])
    rows = selection.rows(found, arguments)
    if arguments.json:
        from ablation.cli.runs import as_json

        print(as_json.runs_json(rows, found.refused))
        return 0
    if rows and arguments.changes_tags:
        return tagging.change(rows, arguments)
    if rows and arguments.delete:
        return deleting.delete(rows, arguments)
    listing.show(rows, found, arguments)
    return 0


def _folders(arguments: RunsArguments, found: AllRuns) -> list[Path]:
    """The folders that may contain runs whose deletion was interrupted."""
    return [*arguments.roots, *(listed.path.parent for listed in found.runs)]
