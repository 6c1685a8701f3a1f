"""The table at the end of a sweep or a study: the same comparison that `ablate-compare` writes, of these runs alone."""

import contextlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ablation.errors import AblateError
from ablation.runtime import console

MIN_RUNS = 2  # a single run needs no table of means


def show(directories: Iterable[Path], study: str | None = None) -> None:
    """Print the comparison of completed runs; nothing where fewer than MIN_RUNS of them are there.

    directories: of the runs. study: its name, by whose plan they are compared; without one, no verdict is given.
    """
    from ablation.comparison.analysis.compare import compare
    from ablation.comparison.reading.load import load
    from ablation.report.tables import terminal
    from ablation.report.tables.build import build_table

    loaded = load([directory for directory in dict.fromkeys(directories) if directory.is_dir()])
    if len(loaded.runs) < MIN_RUNS:
        return
    if study is None:  # plans of studies beside these runs do not concern them
        loaded = replace(loaded, roots=())
    try:
        table = build_table(compare(loaded, study=study))
    except AblateError as error:
        console.say(f"No table of the results: {error}")
        return
    screen = console.console()
    with contextlib.suppress(OSError):  # a reader that left is no reason to fail
        screen.print()
        screen.print(terminal.renderable(table), width=None if screen.is_terminal else terminal.UNLIMITED_WIDTH)
