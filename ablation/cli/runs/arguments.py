"""The options of `ablate-runs`."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ablation.cli import usage
from ablation.rundir.layout import RECORD, STATUSES, UNREADABLE

PROGRAM = "ablate-runs"
DEFAULT_PATH = Path("outputs")
ALL_STATUSES = (*STATUSES, UNREADABLE)
MOST_SHOWN = 50  # runs, unless --limit or --all is given
NEWEST_FIRST = "age"
SORTED_BY = (
    *("age", "size", "status", "variant", "data", "seed", "name", "network"),
    *("test_accuracy", "val_accuracy", "loss", "seconds"),
)
# Options of which one excludes others: the option, and those that make no sense with it.
EXCLUSIVE = {
    "delete": ("add_tags", "remove_tags", "json"),
    "json": ("add_tags", "remove_tags", "limit", "everything"),
    "cache": ("add_tags", "remove_tags", "tags", "statuses", "sort", "limit", "everything", "paths"),
    "everything": ("limit",),
    "limit": ("delete", "add_tags", "remove_tags"),  # it limits what is shown, not what is changed
}


@dataclass(frozen=True)
class RunsArguments:
    """The parsed arguments of `ablate-runs`.

    where: conditions as typed. tags: all of which a run must have. statuses: one of which it must have.
    limit: None for the default. everything: no limit.
    """

    paths: Sequence[Path] = ()
    where: Sequence[str] = ()
    tags: Sequence[str] = ()
    statuses: Sequence[str] = ()
    sort: str | None = None
    reverse: bool = False
    limit: int | None = None
    everything: bool = False
    json: bool = False
    add_tags: Sequence[str] = ()
    remove_tags: Sequence[str] = ()
    delete: bool = False
    yes: bool = False
    cache: bool = False

    @property
    def is_default_path(self) -> bool:
        return not self.paths

    @property
    def roots(self) -> list[Path]:
        """The paths, or the default one."""
        return list(self.paths) or [DEFAULT_PATH]

    @property
    def narrows(self) -> bool:
        """True if an option leaves out some of the runs."""
        return bool(self.where or self.tags or self.statuses)

    @property
    def changes_tags(self) -> bool:
        return bool(self.add_tags or self.remove_tags)


class Parser(usage.Parser):
    """The parser of the command."""

    def advice(self, message: str) -> str:
        return f"Type for example {self.prog} outputs --status failed"


def parse(words: Sequence[str]) -> RunsArguments:
    """Parse the arguments of `ablate-runs`. Exits for `--help`, `--version` and invalid arguments."""
    arguments = parser()
    typed = vars(arguments.parse_args(words))
    options = RunsArguments(**{**typed, "paths": [_named(path) for path in typed["paths"]]})
    if options.yes and not options.delete:
        arguments.error("--yes confirms --delete, which is missing")
    for name, others in EXCLUSIVE.items():
        for other in others:
            if getattr(options, name) and getattr(options, other):
                arguments.error(f"{_shown(name)} cannot be combined with {_shown(other)}")
    return options


def _named(path: Path) -> Path:
    """The path of a run directory with its name, which a run needs to be deleted: `.` and `..` have none."""
    is_nameless_run = path.name in ("", "..") and (path / RECORD).exists()
    return path.resolve() if is_nameless_run else path


def _shown(name: str) -> str:
    """The option of a field of RunsArguments."""
    options = {"add_tags": "--add-tag", "remove_tags": "--remove-tag", "tags": "--tag", "statuses": "--status"}
    options |= {"everything": "--all", "paths": "PATH"}
    return options.get(name, f"--{name}")


def parser() -> Parser:
    """Create the parser. Its options are the fields of `RunsArguments`."""
    parser = Parser(
        prog=PROGRAM,
        allow_abbrev=False,
        description="List runs: status, variant, data set, seed, accuracy, age and size, under the experiment to which "
        "they belong, the newest first; of those that failed, the reason. Change their tags, or delete them.",
        epilog="Conditions compare keys of the configuration (model.width, or width alone) and status, network, data, "
        "seed, name, tag, study, variant, started, age, size, val_accuracy, test_accuracy, loss and seconds. Examples: "
        "ablate-runs outputs --where 'test_accuracy<0.5'; ablate-runs outputs --status failed --where 'age>7d' "
        "--delete. Exit codes: 0 = done; 1 = nothing was done; 2 = done in part, because some paths or runs were "
        "refused; 75 = nothing was done because the runs are running.",
    )
    parser.add_argument(
        "paths",
        metavar="PATH",
        nargs="*",
        type=Path,
        help=f"run directory, or folder with runs at any depth (default: {DEFAULT_PATH})",
    )
    _add_filters(parser)
    _add_listing(parser)
    _add_changes(parser)
    usage.add_version(parser)
    return parser


def _add_filters(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--where",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="only runs that meet the condition, also !=, <, <=, > and >=: width=8,16, 'age>7d', 'size>1GB', "
        "'started>=2026-11-20'; repeat it for several conditions",
    )
    add(
        "--tag",
        dest="tags",
        metavar="T",
        action="append",
        default=[],
        help="only runs with this tag, and with all if repeated",
    )
    add(
        "--status",
        dest="statuses",
        metavar="S",
        action="extend",
        type=_statuses,
        default=[],
        help=f"only runs with this status: {', '.join(ALL_STATUSES)}; several are separated by commas",
    )


def _add_listing(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--sort",
        metavar="KEY",
        choices=SORTED_BY,
        help=f"order of the list: {', '.join(SORTED_BY)}; the newest, largest or best first (default: {NEWEST_FIRST})",
    )
    add("--reverse", action="store_true", help="the other way round")
    add("--limit", metavar="N", type=_count, help=f"show at most N runs (default: {MOST_SHOWN})")
    add("--all", dest="everything", action="store_true", help="show all runs")
    add("--json", action="store_true", help="print all runs as JSON, with their configuration")


def _add_changes(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--add-tag",
        dest="add_tags",
        metavar="T",
        action="append",
        type=_tag,
        default=[],
        help="add a tag to these runs",
    )
    add(
        "--remove-tag",
        dest="remove_tags",
        metavar="T",
        action="append",
        default=[],
        help="remove a tag from these runs",
    )
    add(
        "--delete",
        action="store_true",
        help="delete these runs, after a summary and a question; needs a condition, or run directories as PATH",
    )
    add("--yes", action="store_true", help="delete without asking")
    add(
        "--cache",
        action="store_true",
        help="list the cache of decoded images and compiled programs instead; with --delete, delete it",
    )


def _statuses(text: str) -> list[str]:
    statuses = text.split(",")
    for status in statuses:
        if status not in ALL_STATUSES:
            raise argparse.ArgumentTypeError(
                f"received {status!r}, allowed are {', '.join(ALL_STATUSES)}, separated by commas"
            )
    return statuses


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"received {text!r}, allowed is a whole number above 0")
    return int(text)


def _tag(text: str) -> str:
    from ablation.rundir.housekeeping.tags import LONGEST_TAG

    if not text.strip() or not text.isprintable() or len(text) > LONGEST_TAG:
        raise argparse.ArgumentTypeError(
            f"received {text[:LONGEST_TAG]!r}, allowed is a text of up to {LONGEST_TAG} printable characters"
        )
    return text
