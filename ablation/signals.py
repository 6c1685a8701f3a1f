"""SIGINT and SIGTERM: noted by the handler, acted on between two steps; a second one ends the process at once."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}


class Stop:
    """Has somebody asked the run to stop? `code` is then the exit code, else None."""

    code: int | None = None

    def _note(self, number: int, _frame) -> None:
        if self.code is not None:
            os._exit(CODES[number])
        self.code = CODES[number]


@contextmanager
def stopping() -> Iterator[Stop]:
    """Note the signals while a run trains; outside of it Python's own handling stands."""
    stop = Stop()
    before = {number: signal.signal(number, stop._note) for number in CODES}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
