"""Which runs a command is about: those that meet its conditions, in its order."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ablation.cli.runs.arguments import NEWEST_FIRST, RunsArguments
from ablation.cli.runs.grouping import Place, places
from ablation.comparison.reading.all_runs import AllRuns, ListedRun
from ablation.comparison.reading.conditions import check_keys, conditions, has_tags, match_all
from ablation.comparison.reading.run import Run
from ablation.text import natural_sort_key

LARGEST_FIRST = {"size", "test_accuracy", "val_accuracy", "seconds"}


@dataclass(frozen=True)
class Row:
    """A run in the list, and where it belongs."""

    listed: ListedRun
    place: Place

    @property
    def run(self) -> Run | None:
        """The run if it is completed."""
        return self.listed.run if isinstance(self.listed.run, Run) else None


def rows(found: AllRuns, arguments: RunsArguments) -> list[Row]:
    """The runs that meet all conditions, in order. Raises AblateError for a condition that cannot be read."""
    where = check_keys(conditions(arguments.where), found.config_keys())
    now = datetime.now(UTC)
    place_of = places(found.runs)
    selected = []
    for listed in found.runs:
        if arguments.statuses and listed.status not in arguments.statuses:
            continue
        if not has_tags(listed.tags, arguments.tags):
            continue
        place = place_of[listed.path]
        if where and not match_all(where, listed.facts(place.variant, place.studies, now)):
            continue
        selected.append(Row(listed, place))
    return _sorted(selected, arguments.sort or NEWEST_FIRST, arguments.reverse)


def _sorted(selected: list[Row], key: str, reverse: bool) -> list[Row]:
    """Sort rows by a key of `arguments.SORTED_BY`; those without a value go last."""
    value_of = VALUES[key]
    known = [row for row in selected if value_of(row) is not None]
    unknown = [row for row in selected if value_of(row) is None]
    largest_first = key in LARGEST_FIRST or key == NEWEST_FIRST
    return [*sorted(known, key=value_of, reverse=largest_first != reverse), *unknown]


def _text(of: Callable[[Row], str]) -> Callable[[Row], str | None]:
    return lambda row: natural_sort_key(of(row)) or None


def _number(name: str) -> Callable[[Row], float | None]:
    """A number that completed runs have."""
    return lambda row: None if row.run is None else getattr(row.run, name)


def _started(row: Row) -> datetime | None:
    return row.listed.started


VALUES: dict[str, Callable[[Row], Any]] = {
    NEWEST_FIRST: _started,
    "size": lambda row: row.listed.size,
    "seed": lambda row: row.listed.seed,
    "status": _text(lambda row: row.listed.status),
    "name": _text(lambda row: row.listed.name),
    "variant": _text(lambda row: row.place.variant),
    "data": _text(lambda row: row.listed.run.data if row.listed.run else ""),
    "network": _text(lambda row: row.listed.run.network if row.listed.run else ""),
    **{name: _number(name) for name in ("test_accuracy", "val_accuracy", "loss", "seconds")},
}
