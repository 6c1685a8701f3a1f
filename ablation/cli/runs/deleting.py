"""`ablate-runs … --delete`."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ablation.cli.runs import screen
from ablation.cli.runs.arguments import MOST_SHOWN, RunsArguments
from ablation.cli.runs.selection import Row
from ablation.cli.runs.table import status_counts
from ablation.cli.runs.tagging import RUNNING, exit_code
from ablation.comparison.reading import load
from ablation.errors import AblateError, Busy
from ablation.rundir import layout, study_plan
from ablation.rundir.housekeeping import deletion
from ablation.rundir.housekeeping.deletion import Deletion
from ablation.rundir.housekeeping.sizes import disk_size
from ablation.runtime import console
from ablation.study import plan_log
from ablation.text import list_with_more, plural, size

INTERRUPTED = 130


@dataclass
class Outcome:
    """What became of the runs to delete. deleted: with the bytes of each. refused: with the reason."""

    deleted: dict[Path, int] = field(default_factory=dict)
    refused: list[tuple[Path, str]] = field(default_factory=list)
    interrupted: bool = False


def require_choice(arguments: RunsArguments, runs: Iterable[Path]) -> None:
    """Raise AblateError unless the command says which runs to delete. runs: all directories that were found."""
    directories = set(runs)
    chosen = [path.parent if path.name == layout.RECORD else path for path in arguments.paths]
    if arguments.narrows or (chosen and directories.issuperset(chosen)):
        return
    paths = [str(path) for path in arguments.roots]
    raise AblateError(
        f"--delete does not say which runs. Received {screen.command(*paths, '--delete')}, which would delete all "
        f"{plural(len(directories), 'run')}. Allowed: a condition (--where, --tag, --status), or run directories as "
        f"PATH. Type for example {screen.command(*paths, '--status', 'failed', '--delete')}"
    )


def complete_interrupted(folders: Iterable[Path]) -> int:
    """Complete deletions that were interrupted in these folders. Returns the number of runs."""
    count = 0
    for folder in dict.fromkeys(folders):
        count += deletion.complete(folder)
    if count:
        screen.paragraph(f"Completed an interrupted deletion ({plural(count, 'run')}).")
    return count


def delete(rows: Sequence[Row], arguments: RunsArguments) -> int:
    """Show what would be deleted, ask, and delete it. Returns the exit code."""
    chosen = [row for row in rows if row.listed.status != "running"]
    refused = [(row.listed.path, RUNNING) for row in rows if row.listed.status == "running"]
    if chosen:
        sizes = {row.listed.path: disk_size(row.listed.path) for row in chosen}
        total = sum(sizes.values())
        _show(chosen, total, is_flat=arguments.sort is not None)
        screen.note_refusals(refused, "deleted")
        screen.require_consent(f"Delete {plural(len(chosen), 'run')}, {size(total)}?", arguments.yes)
        outcome = _delete(chosen, sizes)
        screen.paragraph(f"Deleted {plural(len(outcome.deleted), 'run')}, {size(sum(outcome.deleted.values()))}.")
        refused += outcome.refused
        screen.note_refusals(outcome.refused, "deleted")
        if outcome.interrupted:
            screen.note("Interrupted. The same command deletes the rest.")
            return INTERRUPTED
    else:
        screen.note_refusals(refused, "deleted")
    return exit_code(len(rows), refused)


def _show(rows: Sequence[Row], total: int, is_flat: bool) -> None:
    """Print the runs to delete and what their deletion means."""
    shown = rows[:MOST_SHOWN]
    screen.show_table(shown, is_flat)
    screen.paragraph("")
    if len(rows) > len(shown):
        screen.paragraph(f"… and {plural(len(rows) - len(shown), 'further run')}.")
    count = plural(len(rows), "run")
    screen.paragraph(f"To delete: {count} ({status_counts(rows)}), {size(total)}; {_experiments(rows)}.")
    ended: dict[str, int] = {}
    for row in rows:
        if row.listed.status in layout.FINAL:
            for study in row.place.studies:
                ended[study] = ended.get(study, 0) + 1
    for study, count in ended.items():
        screen.paragraph(
            f"{plural(count, 'run')} had ended under the plan of {study}. Without them its verdicts are incomplete, "
            "and every comparison will say that they were deleted."
        )


def _experiments(rows: Sequence[Row]) -> str:
    """`quickstart (6), resnet34 on digits (2)`."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.place.experiment] = counts.get(row.place.experiment, 0) + 1
    return list_with_more([f"{name} ({count:,})" for name, count in counts.items()], screen.MOST_NAMED)


def _delete(rows: Sequence[Row], sizes: Mapping[Path, int]) -> Outcome:
    """Delete runs. Their studies' plans note before that they had ended, and afterwards that they were deleted."""
    plans = _plans(rows)
    names = {row.listed.fingerprint: layout.base_name(row.listed.path.name) for row in rows if row.listed.fingerprint}
    for path, root in plans:
        plan_log.note(path, root, names)
    outcome = Outcome()
    try:
        _delete_each([row.listed.path for row in rows], sizes, outcome)
    except KeyboardInterrupt:
        outcome.interrupted = True
    load.forget(row.listed.path for row in rows if not os.path.lexists(row.listed.path))
    for path, root in plans:
        plan_log.note(path, root, names)
    return outcome


def _delete_each(directories: Sequence[Path], sizes: Mapping[Path, int], outcome: Outcome) -> None:
    """Delete one run after the other and note what became of it."""
    deletions: dict[Path, Deletion] = {}
    for directory in console.track(directories, len(directories), "deleting runs"):
        folder = directory.parent
        if folder not in deletions:
            deletions[folder] = Deletion(folder)
        try:
            deletions[folder].delete(directory)
        except Busy:
            outcome.refused.append((directory, RUNNING))
        except AblateError as error:
            outcome.refused.append((directory, str(error)))
        except OSError as error:
            outcome.refused.append((directory, f"{error.strerror}: {error.filename}"))
        else:
            outcome.deleted[directory] = sizes[directory]


def _plans(rows: Sequence[Row]) -> list[tuple[Path, Path]]:
    """The plans that contain some of the runs, each with the root of their outputs."""
    fingerprints = {row.listed.fingerprint for row in rows}
    plans = []
    for root in dict.fromkeys(row.listed.path.parent for row in rows):
        for path in study_plan.plan_paths(root):
            plan = study_plan.read_plan(path)
            if plan is not None and fingerprints & (plan.fingerprints() | plan.ended.keys()):
                plans.append((path, root))
    return plans
