"""A source whose examples are arrays in memory: the parent of npz files and of the data of plugins."""

import abc
from collections.abc import Iterator
from typing import Any

import numpy as np

from ablation.config import schema
from ablation.data.reporter import SILENT, Reporter
from ablation.data.sources.arrays.checking import Arrays
from ablation.data.sources.base import Form
from ablation.errors import AblateError

MOST_CLASSES = 10**6


class ArraySource(abc.ABC):
    """A `Source` of arrays. A subclass gives them, and their fingerprint."""

    excluded = ()
    needs_download = False

    def __init__(self, cfg: schema.Data, reporter: Reporter = SILENT):
        self.cfg, self.reporter = cfg, reporter

    @property
    @abc.abstractmethod
    def arrays(self) -> Arrays:
        """The checked arrays. Raises AblateError."""

    @abc.abstractmethod
    def identity(self) -> dict[str, Any]:
        """The fingerprint of the arrays."""

    @property
    def form(self) -> Form:
        stored = self.arrays.form
        if not stored.is_image:
            return stored
        height, width, channels = stored.shape
        size = self.cfg.image_size
        return Form((size or height, size or width, self.cfg.channels or channels))

    @property
    def notes(self) -> tuple[str, ...]:
        return self.arrays.notes

    @property
    def classes(self) -> tuple[str, ...]:
        return self.arrays.classes

    def prepare(self) -> None:
        """Read and check the arrays. Raises AblateError."""
        if len(self.arrays.classes) > MOST_CLASSES:
            raise AblateError(
                f"The labels of {self.cfg.name} have {len(self.arrays.classes):,} different values. Received "
                f"data={self.cfg.name}. Allowed: up to {MOST_CLASSES:,} classes. Divide them into classes, and see "
                "docs/own_data.md"
            )

    def stamp(self) -> list[Any]:
        return []  # the fingerprint covers the content

    def counts(self) -> dict[str, int]:
        return {part: len(labels) for part, labels in self.arrays.labels.items()}

    def examples(self, part: str) -> Iterator[tuple[np.ndarray, int]]:
        yield from zip(self.arrays.examples[part], self.arrays.labels[part], strict=True)
