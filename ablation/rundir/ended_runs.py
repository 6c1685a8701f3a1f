"""Find the runs that have ended by their fingerprints, in the names of run directories."""

import os
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ablation.rundir.files import Unreadable
from ablation.rundir.layout import FINGERPRINT_DIGITS
from ablation.rundir.plan_history import DELETED, RERUN
from ablation.rundir.record import read_record

NAME = re.compile(rf"(.+-([0-9a-f]{{{FINGERPRINT_DIGITS}}}))(?:\.(\d+))?")


@dataclass(frozen=True)
class EndedRun:
    """A completed or diverged run. name: of its directory. checksum: of its record."""

    name: str
    checksum: str


EndedRuns = dict[str, list[EndedRun]]  # by fingerprint; a run, then its reruns


def find_ended(outputs: Path, fingerprints: Iterable[str], skip: Collection[str] = ()) -> EndedRuns:
    """The runs with these fingerprints that have ended, directly below a root of outputs. Others are left out.

    skip: names of directories that need not be read.
    """
    by_digits = {fingerprint[:FINGERPRINT_DIGITS]: fingerprint for fingerprint in fingerprints}
    found: list[tuple[int, str, str]] = []
    for name in _folders(outputs):
        match = NAME.fullmatch(name)
        if match is not None and match[2] in by_digits and name not in skip:
            found.append((int(match[3] or 1), name, by_digits[match[2]]))
    ended: EndedRuns = {}
    for _, name, fingerprint in sorted(found):
        checksum = _checksum(outputs / name, fingerprint)
        if checksum is not None:
            ended.setdefault(fingerprint, []).append(EndedRun(name, checksum))
    return ended


def events(ended: Mapping[str, str], on_disk: EndedRuns, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """What happened to runs that had ended: (RERUN, directory of each repeated or edited run) or (DELETED, directory).

    ended: checksums of the runs' records, by fingerprint. names: of the directories of deleted runs, by fingerprint.
    """
    found = []
    for fingerprint, checksum in ended.items():
        runs = on_disk.get(fingerprint, [])
        if not runs:
            found.append((DELETED, names.get(fingerprint, fingerprint[:FINGERPRINT_DIGITS])))
        found += [(RERUN, run.name) for run in runs if run.checksum != checksum]
    return found


def _folders(outputs: Path) -> list[str]:
    """The names of the folders in `outputs`, without symbolic links; none if it does not exist."""
    try:
        with os.scandir(outputs) as entries:
            return [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []


def _checksum(directory: Path, fingerprint: str) -> str | None:
    """The checksum of the record; None if it is unreadable, not final, or of another run."""
    try:
        record = read_record(directory)
    except Unreadable:
        return None
    return record.checksum if record.is_final and record.fingerprint == fingerprint else None
