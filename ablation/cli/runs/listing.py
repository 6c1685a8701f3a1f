"""`ablate-runs` without a change: the table, and sentences below it."""

from collections.abc import Sequence

from ablation.cli.runs import screen
from ablation.cli.runs.arguments import MOST_SHOWN, RunsArguments
from ablation.cli.runs.selection import Row
from ablation.cli.runs.table import status_counts, total_size
from ablation.comparison.reading.all_runs import AllRuns
from ablation.redaction import printable
from ablation.rundir.housekeeping import deletion
from ablation.text import list_with_more, plural, size


def show(rows: Sequence[Row], found: AllRuns, arguments: RunsArguments) -> None:
    """Print the runs. rows: those that meet the conditions. found: all below the paths."""
    most = len(rows) if arguments.everything else arguments.limit or MOST_SHOWN
    shown = rows[:most]
    if shown:
        screen.show_table(shown, is_flat=arguments.sort is not None)
        screen.paragraph("")
    screen.paragraph(_totals(rows, found, arguments))
    if len(rows) > len(shown):
        which = "newest" if arguments.sort is None and not arguments.reverse else "first"
        hidden = len(rows) - len(shown)
        screen.paragraph(
            f"These are the {which} {len(shown):,}. For the other {hidden:,}, add --all, or --limit {2 * most}."
        )
    for sentence in _next(rows, shown, arguments):
        screen.paragraph(sentence)
    left = _interrupted_deletions(found)
    if left:
        screen.paragraph(f"{plural(left, 'deletion')} was interrupted; the next --delete in that folder completes it.")


def _totals(rows: Sequence[Row], found: AllRuns, arguments: RunsArguments) -> str:
    """`12 of 173 runs below outputs match: 12 failed; 34 MB.`"""
    where = list_with_more([printable(str(path)) for path in arguments.roots], screen.MOST_NAMED)
    if arguments.is_default_path:
        where += " (the default PATH)"
    if not arguments.narrows:
        return f"{plural(len(rows), 'run')} below {where}: {status_counts(rows)}; {size(total_size(rows))}."
    total = plural(len(found.runs), "run")
    if not rows:
        return f"None of {total} below {where} matches."
    return f"{len(rows):,} of {total} below {where} match: {status_counts(rows)}; {size(total_size(rows))}."


def _next(rows: Sequence[Row], shown: Sequence[Row], arguments: RunsArguments) -> list[str]:
    """What to type next."""
    paths = [str(path) for path in arguments.paths]
    sentences = []
    failed = [row for row in rows if row.listed.status == "failed"]
    if failed and not arguments.statuses and not set(map(id, failed)) <= set(map(id, shown)):
        sentences.append(f"Why runs failed: {screen.command(*paths, '--status', 'failed')}")
    if rows and arguments.narrows:
        sentences.append("The same command with --delete deletes these runs, after a question; --add-tag T marks them.")
    if arguments.statuses == ["failed"] and rows:
        sentences.append(f"The log of a run is run.log in its directory, here {rows[0].listed.path / 'run.log'}")
    return sentences


def _interrupted_deletions(found: AllRuns) -> int:
    folders = dict.fromkeys(listed.path.parent for listed in found.runs)
    return sum(len(deletion.unfinished(folder)) for folder in folders)
