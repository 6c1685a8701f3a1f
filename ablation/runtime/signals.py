"""SIGINT and SIGTERM: seen at once by a thread of their own, for native code may hold the main one for minutes.

While a run imports or traces, the process leaves at once and its last checkpoint remains. While it trains, the loop
looks at `Stop.code` between two steps and writes a checkpoint. A second signal ends the process at once.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

CODES: dict[int, int] = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGUSR1: 143}
INTERRUPTED = frozenset(CODES.values())
ASKED = signal.SIGUSR1  # a sweep asks its run, which its scheduler may have told already: never a second signal


class Stop:
    """Has somebody asked the run to stop? `code` is then the exit code, else None.

    graceful: set while somebody looks at `code`. last_words: called before leaving at once.
    """

    def __init__(self) -> None:
        self.code: int | None = None
        self.graceful = self._heard = False
        self.last_words: Callable[[], None] = lambda: None

    def note(self, number: int) -> None:
        """A signal came."""
        if number != ASKED and self._heard:
            os._exit(CODES[number])
        self._heard |= number != ASKED
        if self.code is None:
            self.code = code = CODES[number]
            if not self.graceful:  # in a thread of its own: on a disk that hangs, a second signal is still heard
                threading.Thread(target=self._leave, args=(code,), daemon=True).start()

    def _leave(self, code: int) -> None:
        try:
            self.last_words()
        finally:
            os._exit(code)


def leave_at_once() -> None:
    """What the signals do before there is a run: end the process with their code, without a word."""
    for number in CODES:
        signal.signal(number, lambda number, _: os._exit(CODES[number]))


def end_with_the_reader() -> None:
    """End silently when the reader of the output leaves, as `head` does. For what only prints, never for a run."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def ignore() -> None:
    """What has ended keeps its code, however long the libraries take to close."""
    for number in CODES:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def stopping() -> Iterator[Stop]:
    """Note the signals; outside of it the handling of before stands. For the main thread only."""
    stop = Stop()
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    before = {number: signal.signal(number, lambda *_: None) for number in CODES}
    wakeup = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    listener = threading.Thread(target=_listen, args=(reader, stop), daemon=True)
    listener.start()
    try:
        yield stop
    finally:
        signal.set_wakeup_fd(wakeup)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(writer)
        listener.join()
        os.close(reader)


def _listen(reader: int, stop: Stop) -> None:
    while number := os.read(reader, 1):
        if number[0] in CODES:
            stop.note(number[0])
