"""Pack and unpack the records of a study: run.json and history.csv of each run, and the plan, without weights."""

import io
import zipfile
from pathlib import Path

from ablation.rundir import discovery, files, layout, study_plan

ARCHIVE = Path(__file__).parent / "digits_components.zip"
STUDY = "digits_components"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the time of every file in the archive, so that equal records give equal bytes
MAX_BYTES = 4 * 2**20  # of one file


def pack(outputs: Path) -> bytes:
    """The archive of all runs and plans of a folder of outputs. Equal records give equal bytes."""
    paths = list(study_plan.plan_paths(outputs))
    for run in discovery.find([outputs]):
        paths += [run / layout.RECORD, run / layout.HISTORY]
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(paths):
            entry = zipfile.ZipInfo(path.relative_to(outputs).as_posix(), EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files.read_bounded(path, MAX_BYTES))
    return content.getvalue()


def unpack(outputs: Path) -> None:
    """Write the packed runs and plans into a folder of outputs. Raises OSError if it is not writable."""
    with zipfile.ZipFile(ARCHIVE) as archive:
        for name in archive.namelist():
            path = outputs / name
            path.parent.mkdir(parents=True, exist_ok=True)
            files.replace(path, archive.read(name), lasting=False)
