"""The 1,797 handwritten digits of 8x8 pixels in scikit-learn (Alpaydin & Kaynak 1998); no download is needed."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ablation.config import libraries, schema
from ablation.data.reporter import SILENT, Reporter

COUNT = 1797
LEVELS = 16  # the brightest of the 17 grey levels, 0 to 16


class Digits:
    """The digits as a `Source`."""

    excluded = ()
    needs_download = False

    def __init__(self, cfg: schema.Data, reporter: Reporter = SILENT):
        self.classes = tuple(str(digit) for digit in range(10))

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
        from sklearn.datasets import load_digits

        digits: Any = load_digits()
        pixels = (digits.images * (255 / LEVELS)).round().astype("uint8")[..., None]
        yield from zip(pixels, digits.target, strict=True)
