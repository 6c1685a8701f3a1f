"""The 1,797 handwritten digits of 8x8 pixels in scikit-learn (Alpaydin & Kaynak 1998); no download is needed."""

import contextlib
import importlib.util
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ablation.config import libraries, schema
from ablation.data.reporter import SILENT, Reporter
from ablation.data.sources.base import Form

COUNT = 1797
LEVELS = 16  # the brightest of the 17 grey levels, 0 to 16
SIDE = 8
FILE = Path("datasets", "data", "digits.csv.gz")  # in the package: 64 grey levels and the label per line


class Digits:
    """The digits as a `Source`."""

    excluded = ()
    needs_download = False
    notes = ()

    def __init__(self, cfg: schema.Data, reporter: Reporter = SILENT):
        self.classes = tuple(str(digit) for digit in range(10))
        side, channels = cfg.image_size or SIDE, cfg.channels or 1
        self.form = Form((side, side, channels))

    def prepare(self) -> None:
        """Raise AblateError if scikit-learn, which contains the data, is not installed."""
        libraries.require("data=digits", libraries.SOURCES["digits"])

    def identity(self) -> dict[str, Any]:
        return {"name": "digits", "count": COUNT}

    def stamp(self) -> list[Any]:
        return []

    def counts(self) -> dict[str, int]:
        return {"train": COUNT}

    def examples(self, part: str) -> Iterator[tuple[np.ndarray, int]]:
        table = _table()
        images = table[:, :-1].reshape(-1, SIDE, SIDE, 1)
        pixels = (images * (255 / LEVELS)).round().astype("uint8")
        yield from zip(pixels, table[:, -1].astype("int64"), strict=True)


def _table() -> np.ndarray:
    """The grey levels and the label of each digit, float64 (1797, 65).

    They are read from scikit-learn's file, because importing the library takes longer than all else that precedes the
    training of a small network.
    """
    for folder in _folders("sklearn"):
        with contextlib.suppress(OSError):
            return np.loadtxt(Path(folder, FILE), delimiter=",")
    from sklearn.datasets import load_digits  # a version that keeps the file elsewhere

    digits: Any = load_digits()
    return np.column_stack([digits.data, digits.target])


def _folders(package: str) -> Iterable[str]:
    """The folders of an installed package, which is not imported."""
    spec = importlib.util.find_spec(package)
    return (spec and spec.submodule_search_locations) or ()
