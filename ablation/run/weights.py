"""`weights.npz`: one array per weight, by the path of its layer."""

import hashlib
import io
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np

from ablation.rundir.files import Unreadable, read_bounded
from ablation.rundir.layout import WEIGHTS
from ablation.rundir.record import RunRecord

LARGEST = 16 * 2**30  # bytes
ENDING = ".npy"  # of a name in the archive


def read_weights(directory: Path, record: RunRecord) -> dict[str, np.ndarray]:
    """Read the weights of a completed run, by path. Raises Unreadable unless the run wrote exactly this file.

    Nothing is unpickled, and no array is larger in memory than in the file.
    """
    try:
        content = read_bounded(directory / WEIGHTS, LARGEST)
    except OSError as error:
        raise Unreadable(f"{WEIGHTS}: {error.strerror}") from error
    if hashlib.sha256(content).hexdigest() != record.sha256(WEIGHTS):
        raise Unreadable(f"{WEIGHTS} does not match its checksum")
    try:
        _require_stored(content)
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            return {path: archive[path] for path in archive.files}
    except (ValueError, KeyError, EOFError, RuntimeError, struct.error, zipfile.BadZipFile, zlib.error) as error:
        raise Unreadable(f"{WEIGHTS} does not have the format of a run") from error


def _require_stored(content: bytes) -> None:
    """Raise ValueError for an archive that is compressed, or contains anything but arrays."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for entry in archive.infolist():
            if entry.compress_type != zipfile.ZIP_STORED or not entry.filename.endswith(ENDING):
                raise ValueError(entry.filename)
