"""Per-image correctness from a run's correct.npz, for tests that pair two runs by image."""

import hashlib
import io
import zipfile

import numpy as np

from ablation.comparison.reading.run import Run
from ablation.rundir import files
from ablation.rundir import record as rundir_record
from ablation.rundir.files import Unreadable
from ablation.rundir.layout import CORRECT

MAX_BYTES = 16 * 2**20  # of the file: over 40 million images
NAMES = {"val_last": "validation", "test_last": "test", "test_best": "test"}  # array: the split that it covers


def read(run: Run) -> dict[str, np.ndarray]:
    """Read which images a run classified correctly.

    Returns bool (images,) in the order of the data by name: `val_last`, and with a test split `test_last` and
    `test_best`. Raises Unreadable, with the reason, unless the file is exactly as the run wrote it.
    """
    record = rundir_record.read_record(run.path)
    if record.checksum != run.checksum:
        raise Unreadable("the run changed since it was read")
    try:
        content = files.read_bounded(run.path / CORRECT, MAX_BYTES)
        if hashlib.sha256(content).hexdigest() != record.sha256(CORRECT):
            raise Unreadable(f"{CORRECT} does not match its checksum")
        return _unpack_arrays(content, run)
    except OSError as error:
        raise Unreadable(f"{CORRECT}: {error.strerror}") from error
    except (KeyError, TypeError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile) as error:
        raise Unreadable(f"{CORRECT} does not have the format of a run") from error


def _unpack_arrays(content: bytes, run: Run) -> dict[str, np.ndarray]:
    """The arrays of the archive that cover a split of the run's data."""
    image_counts = {"validation": run.validation_images, "test": run.test_images}
    arrays = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.namelist()
        for name, split in NAMES.items():
            images = image_counts[split]
            if images and f"{name}.npy" in members:
                arrays[name] = _unpack_bits(archive, f"{name}.npy", images)
    return arrays


def _unpack_bits(archive: zipfile.ZipFile, member: str, images: int) -> np.ndarray:
    """Read one bit-packed array as bool (images,).

    Raises ValueError unless its length and header are those that NumPy writes for this number of images. They are
    checked before anything is parsed.
    """
    packed_bytes = (images + 7) // 8
    header = _npy_header(packed_bytes)
    info = archive.getinfo(member)
    is_expected_size = packed_bytes <= MAX_BYTES and info.file_size == len(header) + packed_bytes
    if not is_expected_size or info.compress_type != zipfile.ZIP_STORED:
        raise ValueError(member)
    content = archive.read(info)
    if not content.startswith(header):
        raise ValueError(member)
    packed = np.frombuffer(content, np.uint8, offset=len(header))
    return np.unpackbits(packed, count=images).astype(bool)


def _npy_header(length: int) -> bytes:
    """The header that NumPy writes for an array uint8 (length,)."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": (length,)})
    return header.getvalue()
