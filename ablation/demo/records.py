"""Pack and unpack the records of a study: run.json and history.csv of each run, and the plan, without weights."""

import io
import tarfile
from pathlib import Path

from ablation.rundir import discovery, files, layout, study_plan

ARCHIVE = Path(__file__).parent / "digits_components.tar.xz"
STUDY = "digits_components"
MAX_BYTES = 4 * 2**20  # of one file


def pack(outputs: Path) -> bytes:
    """The archive of all runs and plans of a folder of outputs. Equal records give equal bytes."""
    paths = list(study_plan.plan_paths(outputs))
    for run in discovery.find([outputs]):
        paths += [run / layout.RECORD, run / layout.HISTORY]
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:xz", preset=9) as archive:
        for path in sorted(paths):
            text = files.read_bounded(path, MAX_BYTES)
            entry = tarfile.TarInfo(path.relative_to(outputs).as_posix())  # of no user, at time 0
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text))
    return content.getvalue()


def has_other_runs(outputs: Path) -> bool:
    """Check whether a folder of outputs contains runs that are not packed, or another plan of the study."""
    with tarfile.open(ARCHIVE) as archive:
        packed = {outputs / entry.name: archive.extractfile(entry) for entry in archive}
        runs = {path.parent for path in packed if path.name == layout.RECORD}
        if not runs.issuperset(discovery.find([outputs])):
            return True
        for path in study_plan.plan_paths(outputs):
            content = packed.get(path)
            if content is None or content.read() != files.read_bounded(path, MAX_BYTES):
                return True
    return False


def unpack(outputs: Path) -> None:
    """Write the packed runs and plans into a folder of outputs. Raises OSError if it is not writable."""
    with tarfile.open(ARCHIVE) as archive:
        for entry in archive:
            path = outputs / entry.name
            content = archive.extractfile(entry)
            if content is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                files.replace(path, content.read(), lasting=False)
