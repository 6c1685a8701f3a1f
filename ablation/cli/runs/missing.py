"""The error for paths below which there is no run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ablation.cli.runs.arguments import PROGRAM, RunsArguments
from ablation.redaction import printable
from ablation.text import list_with_more

if TYPE_CHECKING:
    from ablation.comparison.reading.all_runs import AllRuns

MOST_LISTED = 12  # paths in one message


def no_runs(arguments: RunsArguments, found: AllRuns) -> str:
    """Say where runs were looked for."""
    places = []
    for path in arguments.roots:
        is_there = path.exists()
        places.append(printable(str(path)) if is_there else f"{printable(str(path))} (does not exist)")
    refused = [f"{printable(str(path))} ({reason})" for path, reason in found.refused]
    searched = list_with_more(places, MOST_LISTED)
    if arguments.is_default_path:
        searched += ", the default"
    text = f"No run found. Looked for folders with a run.json at and below: {searched}. "
    if refused:
        text += f"Not searched: {list_with_more(refused, MOST_LISTED)}. "
    return f"{text}Allowed: a folder with runs of ablate. Type for example {PROGRAM} /path/to/outputs"
