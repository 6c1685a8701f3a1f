"""Progress reports of slow steps. The caller passes a reporter, so this room does not depend on a terminal."""

import contextlib
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

T = TypeVar("T")


class Reporter(Protocol):
    """A receiver of progress reports. Picklable, because data sets are downloaded in a separate process."""

    def say(self, text: str) -> None:
        """Report one line."""
        ...

    def track(self, items: Iterable[T], total: int, text: str) -> Iterable[T]:
        """Iterate over the items while showing how many of `total` are done."""
        ...

    def muted(self) -> AbstractContextManager[None]:
        """Hide the output of libraries within the context."""
        ...


class Silent:
    """Reports nothing, for example in a notebook. The output of libraries is not hidden."""

    def say(self, text: str) -> None:
        pass

    def track(self, items: Iterable[T], total: int, text: str) -> Iterable[T]:
        return items

    def muted(self) -> AbstractContextManager[None]:
        return contextlib.nullcontext()


SILENT = Silent()
