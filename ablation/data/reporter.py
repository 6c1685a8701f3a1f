"""Report slow steps. This package does not depend on a terminal: its caller passes a reporter."""

import contextlib
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

T = TypeVar("T")


class Reporter(Protocol):
    """Picklable, because a data set is downloaded in a separate process."""

    def say(self, text: str) -> None:
        """One line."""
        ...

    def track(self, items: Iterable[T], total: int, text: str) -> Iterable[T]:
        """The items, while a bar shows how many of `total` are done."""
        ...

    def muted(self) -> AbstractContextManager[None]:
        """A context in which nothing that libraries print is seen."""
        ...


class Silent:
    """Says nothing, for example to a notebook; what libraries print is left alone."""

    def say(self, text: str) -> None:
        pass

    def track(self, items: Iterable[T], total: int, text: str) -> Iterable[T]:
        return items

    def muted(self) -> AbstractContextManager[None]:
        return contextlib.nullcontext()


SILENT = Silent()
