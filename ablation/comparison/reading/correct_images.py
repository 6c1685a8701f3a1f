"""Which images a run got right: correct.npz, for tests that pair two runs by image."""

import hashlib
import io
import zipfile

import numpy as np

from ablation.comparison.reading.run import Run
from ablation.rundir import files
from ablation.rundir import record as rundir_record
from ablation.rundir.files import Unreadable
from ablation.rundir.layout import CORRECT

LARGEST = 16 * 2**20  # bytes of the file: over 40 million images
NAMES = {"val_last": "validation", "test_last": "test", "test_best": "test"}  # and the split that each tells of


def read(run: Run) -> dict[str, np.ndarray]:
    """Bool (images,) by name, in the order of the data: `val_last`, and `test_last`, `test_best` where there is a test.

    Raises Unreadable, with the reason, unless it is the very file that the run wrote.
    """
    record = rundir_record.read_record(run.path)
    if record.checksum != run.checksum:
        raise Unreadable("the run changed since it was read")
    images = {"validation": run.validation_images, "test": run.test_images}
    try:
        content = files.read_bounded(run.path / CORRECT, LARGEST)
        if hashlib.sha256(content).hexdigest() != record.sha256(CORRECT):
            raise Unreadable(f"{CORRECT} does not match its checksum")
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            kept = [name for name, split in NAMES.items() if images[split] and f"{name}.npy" in archive.namelist()]
            return {name: _bits(archive, f"{name}.npy", images[NAMES[name]]) for name in kept}
    except OSError as error:
        raise Unreadable(f"{CORRECT}: {error.strerror}") from error
    except (KeyError, TypeError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile) as error:
        raise Unreadable(f"{CORRECT} is not what a run writes") from error


def _bits(archive: zipfile.ZipFile, name: str, images: int) -> np.ndarray:
    """Read one array of packed bits. Before anything is made of it, it must be as long and begin as NumPy writes it."""
    size, head, info = (images + 7) // 8, io.BytesIO(), archive.getinfo(name)
    np.lib.format.write_array_header_1_0(head, {"descr": "|u1", "fortran_order": False, "shape": (size,)})
    begin = head.getvalue()
    if size > LARGEST or info.file_size != len(begin) + size or info.compress_type != zipfile.ZIP_STORED:
        raise ValueError(name)
    content = archive.read(info)
    if not content.startswith(begin):
        raise ValueError(name)
    return np.unpackbits(np.frombuffer(content, np.uint8, offset=len(begin)), count=images).astype(bool)
