"""How a proof puts itself into the program: at names that are there, and so that it is known that it did.

A hook at a name that the program no longer has would break nothing, and its proof would prove nothing. It ends the
process at once, and the proof with it, for `arena` looks into `NOTES`, a file that all processes of a proof write to.
"""

import inspect
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

NOTES = "FAULTS_NOTES"  # the variable that names the file
GONE = 97  # exit code of a process whose hook found nothing


class Gone(Exception):
    """A proof hooks what the program does not have, so that it proves nothing."""


def hook(owner: Any, name: str, replacement: Any) -> Any:
    """Put a replacement in the place of what a module or a class has. Returns what was there.

    Raises Gone where it has no such name, or calls it with other arguments than the replacement takes; in a process
    that a proof started it leaves a note and ends instead.
    """
    text = _wrong(owner, name, replacement)
    if text:
        if NOTES not in os.environ:
            raise Gone(text)
        note("gone", text)
        print(text, file=sys.stderr, flush=True)
        os._exit(GONE)
    before = getattr(owner, name)
    setattr(owner, name, replacement)
    return before


def _wrong(owner: Any, name: str, replacement: Any) -> str | None:
    place = getattr(owner, "__name__", owner)
    if not hasattr(owner, name):
        return f"{place} has no {name}, which a proof hooks"
    others = _others_that_bind(owner, getattr(owner, name))
    if others:
        return f"{', '.join(others)} calls {place}.{name} by a name of its own, so a hook does not reach it"
    parameters = inspect.signature(getattr(owner, name)).parameters.values()
    given = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    try:
        inspect.signature(replacement).bind(*given)
    except TypeError:
        return f"{place}.{name} takes {', '.join(given)}, and the hook of a proof does not"
    return None


def _others_that_bind(owner: Any, value: Any) -> list[str]:
    """The loaded modules of the program, except `owner`, that have imported a function of that module by its name."""
    if not inspect.ismodule(owner):
        return []
    found = []
    for module_name, module in list(sys.modules.items()):
        if module is not owner and module_name.partition(".")[0] == "ablation":
            if any(bound is value for bound in vars(module).values()):
                found.append(module_name)
    return found


def note(kind: str, text: str) -> None:
    """Add a line to the notes of the proof that this process belongs to."""
    if NOTES in os.environ:
        with open(os.environ[NOTES], "a") as file:
            file.write(f"{kind}: {text}\n")


def apply(mutants: dict[str, Callable[[], None]], name: str) -> None:
    """Break a guarantee on purpose, and note that it is broken."""
    mutants[name]()
    note("mutant", name)


def look(notes: Path, mutant: str | None = None) -> None:
    """Raise Gone where a hook found nothing, or a mutant was asked for and no process applied it."""
    lines = notes.read_text().splitlines() if notes.is_file() else []
    gone = sorted({line for line in lines if line.startswith("gone: ")})
    if gone:
        raise Gone("; ".join(gone))
    if mutant and f"mutant: {mutant}" not in lines:
        raise Gone(f"no process applied the mutant {mutant}")
