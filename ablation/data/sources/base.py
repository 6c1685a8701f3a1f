"""What every data source provides."""

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from PIL import Image


class Source(Protocol):
    """Where images come from: a fingerprint that is cheap to compute, and examples that are not."""

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes; a label is a position among them."""
        ...

    def prepare(self) -> None:
        """Make sure that the data is there. Raises AblateError."""
        ...

    def identity(self) -> dict[str, Any]:
        """What the data is, strict JSON, computed without decoding it and without TensorFlow."""
        ...

    def stamp(self) -> list[Any]:
        """What else must be unchanged for decoded images to be reused, such as sizes and times of files."""
        ...

    def counts(self) -> dict[str, int]:
        """The number of images of each part: `train` and perhaps `validation` and `test`."""
        ...

    def examples(self, part: str) -> Iterator[tuple[np.ndarray | Image.Image, int]]:
        """The images, uint8 (h, w, c), and labels of a part, always in the same order. Raises AblateError."""
        ...
