"""The request to stop a run, which the loop and the evaluations check."""

from collections.abc import Iterable, Iterator
from typing import Protocol


class Stopped(Exception):
    """The run was asked to stop. Raised between calls of the engine or between batches of an evaluation."""


class StopRequest(Protocol):
    """A request to stop the run.

    code: the exit code once a stop was requested, otherwise None. graceful: set once the loop checks `code`; until then
    a signal ends the process at once.
    """

    @property
    def code(self) -> int | None: ...

    graceful: bool


def until_stopped(batches: Iterable, stop: StopRequest) -> Iterator:
    """Iterate over the batches. Raises Stopped as soon as the run is asked to stop."""
    for batch in batches:
        if stop.code is not None:
            raise Stopped
        yield batch
