"""1,797 handwritten digits, 8x8 pixels, that ship with scikit-learn (Alpaydin & Kaynak 1998): no download."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ablation.config import schema
from ablation.data.reporter import SILENT, Reporter

COUNT = 1797
LEVELS = 16  # the brightest of the 17 levels of grey that the set has


class Digits:
    """See `ablation.data.sources.base.Source`."""

    def __init__(self, cfg: schema.Data, reporter: Reporter = SILENT):
        self.classes = tuple(str(digit) for digit in range(10))

    def prepare(self) -> None:
        """Nothing to do: the data is always there."""

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
