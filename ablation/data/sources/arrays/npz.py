"""An npz file with `x_train`, `y_train` and, if present, `x_val`, `y_val`, `x_test`, `y_test` and `classes`."""

import functools
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from ablation.config import schema
from ablation.data import file_hashes
from ablation.data.reporter import SILENT, Reporter
from ablation.data.sources.arrays.array_source import ArraySource
from ablation.data.sources.arrays.checking import Arrays, Checker


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
    try:
        content = np.load(path, allow_pickle=False)
        if not isinstance(content, np.lib.npyio.NpzFile):
            raise ValueError("it holds a single array")
        with content:
            arrays = {name: content[name] for name in content.files}
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile, MemoryError) as error:
        is_object = "Object arrays" in str(error)
        raise checker.error(
            "The file holds Python objects, which could run code when they are read"
            if is_object
            else f"The file is no npz file that can be read ({error or type(error).__name__})",
            "an npz file of numbers, which numpy.savez writes",
            "Save arrays of one type, with dtype=object nowhere" if is_object else "Save it again",
        ) from error
    return checker.checked(arrays)
