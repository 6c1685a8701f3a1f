"""What the command prints: a table for a terminal or a pipe, sentences, questions, and notes on standard error."""

import shlex
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console

from ablation.cli.runs.arguments import PROGRAM
from ablation.cli.runs.selection import Row
from ablation.cli.runs.table import RunsTable
from ablation.errors import AblateError
from ablation.redaction import printable

MOST_NAMED = 6  # runs or paths in one message


def show_table(rows: Sequence[Row], is_flat: bool) -> None:
    """Print the table. On a terminal, note the columns that do not fit."""
    if not sys.stdout.isatty():
        for line in RunsTable(rows, is_flat, None).lines():
            print(line.plain)
        return
    console = Console(highlight=False, markup=False, emoji=False)
    table = RunsTable(rows, is_flat, console.width)
    for line in table.lines():
        console.print(line, soft_wrap=True)
    if table.hidden:
        console.print(f"Not shown at this width: {', '.join(table.hidden)}. A pipe gets every column: … | cat")


def paragraph(text: str) -> None:
    """Print a sentence or several, without control characters."""
    print(printable(text))


def note(text: str) -> None:
    """Print a sentence to standard error."""
    print(f"{PROGRAM}: {printable(text)}", file=sys.stderr)


def note_refusals(refused: Iterable[tuple[Path, str]], verb: str) -> None:
    """Note what was refused, one line each. verb: what did not happen, such as `deleted`."""
    for path, reason in refused:
        note(f"Not {verb}: {path} ({reason})")


def require_consent(question: str, is_given: bool) -> None:
    """Ask a question on the terminal. Raises AblateError unless the user answers `y` or `yes`.

    is_given: the user has agreed by `--yes`.
    """
    if is_given:
        return
    if not (sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()):
        raise AblateError(
            "Nothing was deleted, because nobody can be asked. Received --delete without a terminal. Allowed: a "
            "terminal, or --yes. Check the list above, then type the same command with --yes"
        )
    print(f"{printable(question)} [y/N] ", end="", flush=True)
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):
        print()
    if answer.strip().lower() not in ("y", "yes"):
        raise AblateError("Nothing was deleted")


def command(*words: str | Path) -> str:
    """A command to type."""
    return shlex.join([PROGRAM, *map(str, words)])
