"""The request to stop a run, as the loop and the evaluations look at it."""

from collections.abc import Iterable, Iterator
from typing import Protocol


class Stopped(Exception):
    """The run was asked to stop; raised between two calls of the engine, or two batches of an evaluation."""


class StopRequest(Protocol):
    """Whether somebody asked the run to stop.

    code: the exit code then, else None. graceful: set once the loop looks at `code`; until then a signal ends the
    process at once.
    """

    @property
    def code(self) -> int | None: ...

    graceful: bool


def until_stopped(batches: Iterable, stop: StopRequest) -> Iterator:
    """The batches, until the run is asked to stop. Raises Stopped."""
    for batch in batches:
        if stop.code is not None:
            raise Stopped
        yield batch
