"""Find and read runs. One that cannot be read or did not complete is set aside with the reason; it stops no other."""

import gc
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from types import NoneType

from ablation.comparison.reading import index, parse_record
from ablation.comparison.reading.parse_record import InternPool
from ablation.comparison.reading.run import MEASURED, Diverged, History, Run, usable
from ablation.rundir import discovery, files
from ablation.rundir.files import Unreadable
from ablation.rundir.record_fields import LARGEST_COUNT, LARGEST_NUMBER
from ablation.rundir.record_parts import Metrics


@dataclass(frozen=True)
class Loaded:
    """runs: one a replicate. superseded: a newer one of the same replicate counts instead. excluded: with the reason.

    roots: the folders that any of them lie in, copies too.
    """

    runs: list[Run]
    superseded: list[Run]
    diverged: list[Diverged]
    excluded: list[tuple[Path, str]]
    roots: tuple[Path, ...] = ()


# What the index keeps of each run; config and facts, which runs share, it keeps once.
KEPT: dict[str, tuple[type, ...]] = {
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
    "loss": (float,),
    "val_accuracy": (float,),
    "best_val_accuracy": (float,),
    "test_accuracy": (float, NoneType),
    "fingerprint": (str,),
    "metrics": (dict,),
    "tags": (list,),
}
MANY = 1000  # runs, among which looking for garbage takes long
TYPES = frozenset(product(*KEPT.values()))  # as the types of a row's values may be


def load(paths: Iterable[Path]) -> Loaded:
    """Read every run at or below the paths and skip everything else. The index beside the runs saves reading them."""
    with _uncollected():
        loaded = _load(paths)
    if len(loaded.runs) >= MANY:
        gc.freeze()  # or each search for garbage goes through them again
    return loaded


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without passes over all that was read so far in search of garbage: a third of the time, and there is none."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _load(paths: Iterable[Path]) -> Loaded:
    runs, diverged = [], []
    discovered = discovery.discover(paths)
    folders, skipped = discovered.runs, discovered.refused
    indexes, shared = index.Indexes(folders, list(KEPT), len(MEASURED), usable), InternPool()
    for number, directory in enumerate(folders):
        row = indexes.get(number)
        run = _known(directory, row, shared) if row else None
        try:
            if run is None:
                run = parse_record.read(directory, shared)
                if isinstance(run, Run):
                    values = [list(run.tags) if name == "tags" else getattr(run, name) for name in KEPT]
                    indexes.keep(number, index.Row(values, shared.texts(run), run.history.columns))
            if isinstance(run, Diverged):
                diverged.append(run)
                raise Unreadable("diverged")
            runs.append(run)
        except files.Foreign:
            continue
        except Unreadable as error:
            skipped.append((directory, str(error)))
    indexes.write()
    roots = sorted({os.path.dirname(directory) for directory in folders})
    return Loaded(*_newest(runs), diverged, skipped, tuple(map(Path, roots)))


def _known(directory: Path, row: index.Row, shared: InternPool) -> Run | None:
    """The run as the index has it; None for values that no record can hold."""
    if tuple(map(type, row.values)) not in TYPES:
        return None
    kept = dict(zip(KEPT, row.values, strict=True))
    counts = (kept["validation_images"], kept["test_images"] or 0, kept["parameters"], kept["macs"], kept["attempt"])
    shares = (kept["val_accuracy"], kept["best_val_accuracy"], kept["test_accuracy"] or 0)
    if not (0 <= min(counts) and max(*counts, abs(kept["seed"])) <= LARGEST_COUNT):
        return None
    if not all(0 <= share <= 1 for share in shares):
        return None
    if not (abs(kept["seconds"]) <= LARGEST_NUMBER and abs(kept["loss"]) <= LARGEST_NUMBER):
        return None
    try:
        arm, facts = shared.read_arm(row.texts[0]), shared.read_facts(row.texts[1])
        kept["metrics"] = Metrics.from_json(kept["metrics"]).measured()
        kept["tags"] = parse_record.tags(kept["tags"])
    except (Unreadable, ValueError, TypeError, IndexError, RecursionError):
        return None
    run = object.__new__(Run)  # all fields at once: frozen ones are set one by one, which takes three times as long
    run.__dict__.update(kept, path=directory, **vars(arm), history=History(row.history), facts=facts)
    return run


def _newest(runs: list[Run]) -> tuple[list[Run], list[Run]]:
    """Keep one run a (variant, seed): the newest. A copy, byte for byte the same record, leaves no trace.

    Within a folder attempts are numbered, which no clock can turn round; between folders the start decides.
    """
    last: dict[tuple[str, int, str], Run] = {}
    for run in sorted(runs, key=lambda r: (r.attempt, r.started, r.checksum), reverse=True):
        last.setdefault((run.variant, run.seed, os.path.dirname(run.path)), run)
    kept: dict[tuple[str, int], Run] = {}
    for run in sorted(last.values(), key=lambda r: (r.started, r.attempt, r.checksum), reverse=True):
        kept.setdefault((run.variant, run.seed), run)
    checksums = {run.checksum for run in kept.values()}
    older = {run.checksum: run for run in runs if run.checksum not in checksums}
    return list(kept.values()), sorted(older.values(), key=lambda r: (r.variant, r.seed, r.attempt))
