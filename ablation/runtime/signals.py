"""SIGINT, SIGTERM and the like, received by a thread of its own, because native code can block the main thread.

While a run imports or traces, a signal ends the process at once and the last checkpoint remains. While it trains, the
loop checks `Stop.code` between steps and writes a checkpoint. A second signal ends the process at once.
"""

import errno
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

CODES: dict[int, int] = {
    signal.SIGINT: 130,
    signal.SIGTERM: 143,
    signal.SIGUSR1: 143,
    signal.SIGHUP: 129,  # the terminal is closed
    signal.SIGXCPU: 152,  # a scheduler's limit of processor time is near
}
INTERRUPTED = frozenset(CODES.values())
UNWRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}  # errors of an output that takes no more
ASKED = signal.SIGUSR1  # from a sweep to its run; never counts as a second signal, since a scheduler may have sent one


class Stop:
    """A request to stop the run.

    code: the exit code once a signal has arrived, otherwise None. graceful: set while the training loop checks `code`.
    last_words: called before the process exits at once.
    """

    def __init__(self) -> None:
        self.code: int | None = None
        self.graceful = self._heard = False
        self.last_words: Callable[[], None] = lambda: None

    def note(self, number: int) -> None:
        """Handle a signal. number: of the signal."""
        if number != ASKED and self._heard:
            os._exit(CODES[number])
        self._heard |= number != ASKED
        if self.code is None:
            self.code = code = CODES[number]
            if not self.graceful:  # in its own thread, so that a second signal is handled even if the disk hangs
                threading.Thread(target=self._leave, args=(code,), daemon=True).start()

    def _leave(self, code: int) -> None:
        try:
            self.last_words()
        finally:
            os._exit(code)


def leave_at_once() -> None:
    """Make the signals end the process silently with their exit code: the behaviour before a run starts."""
    for number in _handled():
        signal.signal(number, lambda number, _: os._exit(CODES[number]))


def _handled() -> list[int]:
    """The signals to handle: all of CODES, without SIGHUP if it is ignored, as `nohup` does."""
    is_ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return [number for number in CODES if number != signal.SIGHUP or not is_ignored]


def end_with_the_reader() -> None:
    """End silently when the reader of the output closes the pipe, as `head` does. Only for commands that only print."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def until_the_reader_leaves(command: Callable[[], int]) -> int:
    """Run a command. Returns its exit code, or that of SIGPIPE if it ends because the reader of its output has left.

    Whatever the reader leaves unread is discarded. If the output cannot be written, a paragraph says so, and the code
    is 1.
    """
    try:
        code = command()
    except BrokenPipeError:
        code = 128 + signal.SIGPIPE
    except OSError as error:
        if error.filename is not None or error.errno not in UNWRITABLE:
            raise
        code = _unwritable(error)
    finally:
        lost = _flush_or_discard()
    return code or lost


def _flush_or_discard() -> int:
    """Write what is left of the output. Returns 0, or 1 if it cannot be written."""
    if sys.stdout is None:  # it was closed before the start
        return 0
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _discard()
    except OSError as error:
        return _unwritable(error)
    return 0


def _unwritable(error: OSError) -> int:
    _discard()
    print(
        f"Standard output cannot be written ({error.strerror}). Received a file or terminal that takes no more. "
        "Allowed: a file on a disk with free space. Type df -h, which shows the free space, and repeat the command",
        file=sys.stderr,
    )
    return 1


def _discard() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def ignore() -> None:
    """Ignore the signals, so that a finished command keeps its exit code while libraries shut down."""
    for number in CODES:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def stopping() -> Iterator[Stop]:
    """Record signals in a `Stop` within the context; restore the previous handlers on exit. Main thread only."""
    stop = Stop()
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    before = {number: signal.signal(number, lambda *_: None) for number in _handled()}
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
