"""1,797 real handwritten digits, 8x8, that ship inside scikit-learn (Alpaydin & Kaynak 1998): no download."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ablation.config import schema

COUNT = 1797


class Digits:
    """See `ablation.data.cache.Source`."""

    def __init__(self, cfg: schema.Data):
        self.classes = tuple(str(i) for i in range(10))

    def prepare(self) -> None:
        """Always there."""

    def identity(self) -> dict[str, Any]:
        return {"name": "digits", "count": COUNT}

    def stamp(self) -> list[Any]:
        return []

    def counts(self) -> dict[str, int]:
        return {"train": COUNT}

    def examples(self, part: str) -> Iterator[tuple[np.ndarray, int]]:
        from sklearn.datasets import load_digits

        digits = load_digits()
        pixels = (digits.images * (255 / 16)).round().astype("uint8")[..., None]  # 17 levels of grey
        yield from zip(pixels, digits.target, strict=True)
