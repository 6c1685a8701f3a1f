"""Find and read runs. One that is unreadable or incomplete is excluded with the reason; it does not stop the others."""

import gc
import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from types import NoneType
from typing import Any, TypeVar

from ablation.comparison.reading import index, parse_record, read_run
from ablation.comparison.reading.index import Indexes, Row, Schema
from ablation.comparison.reading.parse_record import InternPool
from ablation.comparison.reading.run import MEASURED, Diverged, History, Run, Unfinished, usable
from ablation.rundir import discovery, files
from ablation.rundir.files import Unreadable
from ablation.rundir.record import plan_references
from ablation.rundir.record_fields import LARGEST_COUNT, LARGEST_NUMBER
from ablation.rundir.record_parts import Metrics

Ended = TypeVar("Ended", Diverged, Unfinished)


@dataclass(frozen=True)
class Loaded:
    """The runs found at or below some paths.

    runs: one per variant and seed. superseded: runs replaced by a newer rerun. excluded: with the reason.
    diverged, unfinished: one per variant and seed, of which no run has completed; they are excluded too.
    without_result: every diverged or unfinished run. copies: of runs that are counted or superseded.
    roots: the folders that contain the runs, including copies. beside: the number of runs in these folders that were
    not among the paths.
    """

    runs: list[Run]
    superseded: list[Run]
    diverged: list[Diverged]
    excluded: list[tuple[Path, str]]
    roots: tuple[Path, ...] = ()
    unfinished: list[Unfinished] = field(default_factory=list)
    beside: int = 0
    without_result: list[Diverged | Unfinished] = field(default_factory=list)
    copies: list[Run] = field(default_factory=list)


# The fields that the index stores for each run, with their types. Config and facts are shared by runs and stored once.
STORED: dict[str, tuple[type, ...]] = {
    "seed": (int,),
    "name": (str,),
    "attempt": (int,),
    "started": (str,),
    "checksum": (str,),
    "validation_images": (int,),
    "test_images": (int, NoneType),
    "validated_on_test": (bool,),
    "parameters": (int,),
    "macs": (int,),
    "seconds": (float,),
    "fingerprint": (str,),
    "metrics": (dict,),
    "tags": (list,),
    "plans": (list,),
    "size": (int,),
}
TYPES = frozenset(product(*STORED.values()))  # all combinations of types, so that a row needs only one look-up
SCHEMA = Schema(list(STORED), len(MEASURED), usable)
GC_RUNS = 1000  # number of runs from which garbage collection is slow


def load(paths: Iterable[Path]) -> Loaded:
    """Read every run at or below the paths and skip everything else. An index beside the runs saves reading them."""
    with garbage_collection_paused():
        loaded = _load(paths)
    if len(loaded.runs) >= GC_RUNS:
        gc.freeze()  # otherwise every collection would traverse all of them again
    return loaded


@contextmanager
def garbage_collection_paused() -> Iterator[None]:
    """Pause garbage collection, which would take a third of the time although reading produces no garbage."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def read_each(directories: list[Path]) -> Iterator[tuple[Path, Run | Diverged | Unfinished | Unreadable]]:
    """Read every run, with the help of the index, which is written at the end.

    A run that cannot be read comes with the reason. What another program wrote is left out.
    """
    reader = _Reader(directories)
    for number, directory in enumerate(directories):
        try:
            yield directory, reader.read(number, directory)
        except files.Foreign:
            continue
        except Unreadable as error:
            yield directory, error
    reader.indexes.write()


def forget(directories: Iterable[Path]) -> None:
    """Remove runs that were deleted from the indexes of their folders."""
    names_by_folder: dict[str, list[str]] = {}
    for directory in directories:
        folder, name = os.path.split(directory)
        names_by_folder.setdefault(folder, []).append(name)
    for folder, names in names_by_folder.items():
        index.forget(folder, names, SCHEMA)


def _load(paths: Iterable[Path]) -> Loaded:
    discovered = discovery.discover(paths)
    loaded = assemble(read_each(discovered.runs), discovered.refused)
    roots = sorted({os.path.dirname(directory) for directory in discovered.runs})
    beside = discovery.count_beside(map(Path, roots), discovered.runs)
    return replace(loaded, roots=tuple(map(Path, roots)), beside=beside)


def assemble(
    found: Iterable[tuple[Path, Run | Diverged | Unfinished | Unreadable]], refused: Iterable[tuple[Path, str]] = ()
) -> Loaded:
    """Sort what was read. refused: folders that were not searched, and why."""
    runs: list[Run] = []
    diverged: list[Diverged] = []
    unfinished: list[Unfinished] = []
    without_result: list[Diverged | Unfinished] = []
    excluded = list(refused)
    for directory, run in found:
        if isinstance(run, Run):
            runs.append(run)
            continue
        if isinstance(run, Unreadable):
            excluded.append((directory, str(run)))
            continue
        without_result.append(run)
        excluded.append((directory, run.status))
        if isinstance(run, Diverged):
            diverged.append(run)
        else:
            unfinished.append(run)
    newest = _newest_attempts(runs)
    superseded = _superseded(runs, newest)
    completed = {(run.variant, run.seed) for run in newest}
    lost = _one_per_seed(diverged, completed)
    ended = completed | {(run.variant, run.seed) for run in lost}
    return Loaded(
        runs=newest,
        superseded=superseded,
        diverged=lost,
        excluded=excluded,
        unfinished=_one_per_seed(unfinished, ended),
        without_result=without_result,
        copies=_copies(runs, [*newest, *superseded]),
    )


def _one_per_seed(runs: Iterable[Ended], ended: Collection[tuple[str, int]]) -> list[Ended]:
    """The first run of each variant and seed, except those that ended otherwise."""
    first: dict[tuple[str, int], Ended] = {}
    for run in runs:
        if (run.variant, run.seed) not in ended:
            first.setdefault((run.variant, run.seed), run)
    return list(first.values())


class _Reader:
    """Reads runs from the index if possible, otherwise from their files."""

    def __init__(self, directories: list[Path]):
        self.indexes = Indexes(directories, SCHEMA)
        self.shared = InternPool()

    def read(self, number: int, directory: Path) -> Run | Diverged | Unfinished:
        """Read the run in a directory. number: its position in the list of directories. Raises Unreadable."""
        row = self.indexes.get(number)
        if row is not None:
            run = _run_of_row(directory, row, self.shared)
            if run is not None:
                return run
        run = read_run.read(directory, self.shared)
        if isinstance(run, Run) and run.is_own:
            self.indexes.keep(number, _row_of_run(run, self.shared))
        return run


def _row_of_run(run: Run, shared: InternPool) -> Row:
    plans = [plan.to_json() for plan in run.plans]
    fields = vars(run) | {"tags": list(run.tags), "metrics": run.metrics.scores, "plans": plans}
    values = [fields[name] for name in STORED]
    return Row(values, shared.texts(run), run.history.columns)


def _run_of_row(directory: Path, row: Row, shared: InternPool) -> Run | None:
    """The run of a row of the index; None if a value is one that no record can have."""
    if tuple(map(type, row.values)) not in TYPES:
        return None
    fields = dict(zip(STORED, row.values, strict=True))
    if not _is_within_limits(fields):
        return None
    try:
        variant_config = shared.read_variant_config(row.texts[0])
        facts = shared.read_facts(row.texts[1])
        fields["metrics"] = parse_record.completed_metrics(Metrics.from_json(fields["metrics"]))
        fields["tags"] = parse_record.tags(fields["tags"])
        fields["plans"] = plan_references(fields["plans"])
    except (Unreadable, ValueError, TypeError, IndexError, RecursionError):
        return None
    # Set all fields at once: the constructor of a frozen dataclass sets them one by one and takes three times as long.
    run = object.__new__(Run)
    run.__dict__.update(fields, path=directory, **vars(variant_config), history=History(row.history), facts=facts)
    return run


def _is_within_limits(fields: dict[str, Any]) -> bool:
    """Return whether the numbers, whose types are correct, are within the limits of a record."""
    counts = (fields["validation_images"], fields["test_images"] or 0, fields["parameters"], fields["macs"])
    counts = (*counts, fields["attempt"], fields["size"])
    if min(counts) < 0 or max(*counts, abs(fields["seed"])) > LARGEST_COUNT:
        return False
    return abs(fields["seconds"]) <= LARGEST_NUMBER  # false for nan too


# ---------------------------------------------------------------- reruns and copies


def _newest_attempts(runs: list[Run]) -> list[Run]:
    """Keep one run per (variant, seed): the newest.

    Within a folder, the number of the rerun decides, which does not depend on the clock; between folders, the start.
    """
    last_in_folder: dict[tuple[str, int, str], Run] = {}
    for run in sorted(runs, key=_order_within_folder, reverse=True):
        last_in_folder.setdefault((run.variant, run.seed, os.path.dirname(run.path)), run)
    newest: dict[tuple[str, int], Run] = {}
    for run in sorted(last_in_folder.values(), key=_order_across_folders, reverse=True):
        newest.setdefault((run.variant, run.seed), run)
    return list(newest.values())


def _order_within_folder(run: Run) -> tuple[int, str, str]:
    return run.attempt, run.started, run.checksum


def _order_across_folders(run: Run) -> tuple[str, int, str]:
    return run.started, run.attempt, run.checksum


def _superseded(runs: list[Run], newest: list[Run]) -> list[Run]:
    """The runs that a newer rerun replaces. Copies, which have the checksum of their original, are listed once."""
    newest_checksums = {run.checksum for run in newest}
    older: dict[str, Run] = {}
    for run in runs:
        if run.checksum not in newest_checksums:
            older[run.checksum] = run
    return sorted(older.values(), key=_order_in_report)


def _copies(runs: list[Run], placed: list[Run]) -> list[Run]:
    """The runs whose checksum is that of a run in `placed`, which is listed in their place."""
    if len(runs) == len(placed):
        return []
    listed = {id(run) for run in placed}
    return [run for run in runs if id(run) not in listed]


def _order_in_report(run: Run) -> tuple[str, int, int]:
    return run.variant, run.seed, run.attempt
