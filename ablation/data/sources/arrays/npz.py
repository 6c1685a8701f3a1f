"""An npz file with `x_train`, `y_train` and, if present, `x_val`, `y_val`, `x_test`, `y_test` and `classes`."""

import functools
import os
from pathlib import Path
from typing import Any

import numpy as np

from ablation.config import schema
from ablation.data import file_hashes
from ablation.data.reporter import SILENT, Reporter
from ablation.data.sources.arrays.array_source import ArraySource
from ablation.data.sources.arrays.checking import Arrays, Checker
from ablation.errors import AblateError
from ablation.text import first_line, gist

NPY, ZIP = b"\x93NUMPY", b"PK"  # the first bytes of a file with one array, and of an archive


class Npz(ArraySource):
    """An npz file as a `Source`. Its fingerprint is the hash of the file."""

    def __init__(self, cfg: schema.Data, reporter: Reporter = SILENT):
        super().__init__(cfg, reporter)
        if cfg.file is None:  # validation of the config refuses this earlier
            raise ValueError("Expected a file. Received: file=None")
        self.path = Path(os.path.expanduser(cfg.file))
        self.checker = Checker(f"data.file={cfg.file}")

    @property
    def arrays(self) -> Arrays:
        return _read(self.path, self._digest(), self.checker.origin)

    def identity(self) -> dict[str, Any]:
        return {"name": "npz", "content": self._digest()}

    def _digest(self) -> str:
        """The hash of the file. Raises AblateError."""
        try:
            hashes = file_hashes.below(self.path)
            digest = hashes.sha256(self.path)
            hashes.save()
        except OSError as error:
            raise self.checker.error(
                f"The file cannot be read ({error.strerror or error})",
                "an npz file, which numpy.savez writes",
                "Type for example data=npz data.file=/path/to/data.npz",
            ) from error
        return digest


@functools.lru_cache(maxsize=2)
def _read(path: Path, digest: str, origin: str) -> Arrays:
    """The checked arrays of a file. digest: of its content, so that a changed file is read again."""
    checker = Checker(origin)
    start = b""
    try:
        with path.open("rb") as file:
            start = file.read(len(NPY))
            file.seek(0)
            with np.load(file, allow_pickle=False) as content:  # of an array alone, TypeError
                arrays = {name: content[name] for name in content.files}
    except Exception as error:  # of many types: ValueError, KeyError, zlib.error, zipfile.BadZipFile, TokenError, …
        raise _unreadable(checker, start, error) from error
    return checker.checked(arrays)


def _unreadable(checker: Checker, start: bytes, error: Exception) -> AblateError:
    """The error for a file that NumPy does not read. start: its first bytes.

    NumPy's own advice is not quoted: it allows code to run.
    """
    allowed, remedy = "an npz file of numbers, which numpy.savez writes", "Save it again"
    if "Object arrays" in str(error):
        problem = "The file holds Python objects, which could run code when they are read"
        remedy = "Save arrays of one type, with dtype=object nowhere"
    elif isinstance(error, MemoryError):
        problem = f"The arrays do not fit into memory ({first_line(error)})"
        remedy = "Save fewer examples, or use a machine with more memory"
    elif not start:
        problem = "The file is empty"
    elif start == NPY:
        problem = "The file is no npz file: it holds a single array, as numpy.save writes it"
        remedy = "Type np.savez('data.npz', x_train=…, y_train=…)"
    elif start.startswith(ZIP):
        problem, remedy = f"The file is damaged (NumPy reports “{gist(error)}”)", "Save or copy it again"
    else:
        problem = "The file is no npz file, whatever its name"
    return checker.error(problem, allowed, remedy)
