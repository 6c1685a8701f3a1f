"""`ablate-runs … --add-tag T --remove-tag T`."""

from collections.abc import Sequence
from pathlib import Path

from ablation.cli.runs import screen
from ablation.cli.runs.arguments import RunsArguments
from ablation.cli.runs.selection import Row
from ablation.errors import AblateError, Busy
from ablation.rundir.files import Unreadable
from ablation.rundir.housekeeping.tags import change_tags
from ablation.runtime import console
from ablation.text import plural

RUNNING = "it is running"


def change(rows: Sequence[Row], arguments: RunsArguments) -> int:
    """Change the tags of runs. Returns the exit code. Runs that are running or unreadable are refused and listed."""
    changed = 0
    refused: list[tuple[Path, str]] = []
    for row in console.track(rows, len(rows), "changing tags"):
        try:
            changed += change_tags(row.listed.path, arguments.add_tags, arguments.remove_tags)
        except Busy:
            refused.append((row.listed.path, RUNNING))
        except (AblateError, Unreadable) as error:
            refused.append((row.listed.path, str(error)))
        except OSError as error:
            refused.append((row.listed.path, error.strerror or "it cannot be written"))
    words = [*(f"+{tag}" for tag in arguments.add_tags), *(f"-{tag}" for tag in arguments.remove_tags)]
    unchanged = len(rows) - changed - len(refused)
    screen.paragraph(
        f"Changed the tags of {plural(changed, 'run')} ({', '.join(words)})."
        + (f" {plural(unchanged, 'run')} needed no change." if unchanged else "")
    )
    screen.note_refusals(refused, "tagged")
    return exit_code(len(rows), refused)


def exit_code(count: int, refused: Sequence[tuple[Path, str]]) -> int:
    """0 if nothing was refused; 75 if all of the runs are running; otherwise 2. count: of the runs."""
    if not refused:
        return 0
    are_running = all(reason == RUNNING for _, reason in refused)
    return Busy.code if are_running and len(refused) == count else 2
