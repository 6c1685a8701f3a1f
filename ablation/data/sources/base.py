"""The interface of data sources."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from PIL import Image


@dataclass(frozen=True)
class Exclusion:
    """Files or folders of a source that are not used, for one reason. examples: the first few paths."""

    reason: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Form:
    """The form in which the examples of a source are stored.

    shape: of one example, (h, w, c) of an image. dtype: `uint8`, or `float32` for arrays. is_image: whether the
    examples are images, of one or three channels from 0 to 255.
    """

    shape: tuple[int, ...]
    dtype: str = "uint8"
    is_image: bool = True


class Source(Protocol):
    """A source of examples, most often images, with a fingerprint.

    The fingerprint is cheap to compute; the examples are expensive.
    """

    @property
    def classes(self) -> tuple[str, ...]:
        """The class names, indexed by label."""
        ...

    @property
    def form(self) -> Form:
        """The form in which the examples are stored. Raises AblateError if it is not known."""
        ...

    @property
    def excluded(self) -> tuple[Exclusion, ...]:
        """Everything in the source that is not used, the most frequent reason first."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """How values were converted, in a few words each."""
        ...

    @property
    def needs_download(self) -> bool:
        """Whether `prepare` would download the data."""
        ...

    def prepare(self) -> None:
        """Make the data available, downloading it if necessary. Raises AblateError."""
        ...

    def identity(self) -> dict[str, Any]:
        """The fingerprint of the data as strict JSON, computed without decoding it and without TensorFlow."""
        ...

    def stamp(self) -> list[Any]:
        """Further values that must be unchanged for decoded images to be reused, such as file sizes and times."""
        ...

    def counts(self) -> dict[str, int]:
        """The number of examples in each part: `train` and, if present, `validation` and `test`."""
        ...

    def examples(self, part: str) -> Iterator[tuple[np.ndarray | Image.Image, int]]:
        """The examples, images as uint8 (h, w, c), and labels of a part, in a fixed order. Raises AblateError."""
        ...
