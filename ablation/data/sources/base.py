"""What every data source gives."""

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from PIL import Image


class Source(Protocol):
    """Where images come from: an identity that is cheap to know, and examples that are not."""

    classes: tuple[str, ...]

    def prepare(self) -> None:
        """See that the data is there. Raises AblateError."""

    def identity(self) -> dict[str, Any]:
        """What the data is, strict JSON, without decoding it and without TensorFlow."""

    def stamp(self) -> list[Any]:
        """What else must be unchanged for decoded images to be taken again: files' sizes and times of change."""

    def counts(self) -> dict[str, int]:
        """How many images each part has: `train` and perhaps `validation` and `test`."""

    def examples(self, part: str) -> Iterator[tuple[np.ndarray | Image.Image, int]]:
        """The images, uint8 (h, w, c), and labels of a part, always in the same order. Raises AblateError."""
