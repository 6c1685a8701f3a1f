"""Terminal output: progress bars and lines for the user. Everything that libraries print goes to the run's log."""

import contextlib
import os
import re
import sys
import textwrap
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TextIO, TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import track as rich_track
from rich.table import Column, Table

from ablation.redaction import without_userinfo
from ablation.text import duration

T = TypeVar("T")

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # characters that could steer a terminal
FILE_WIDTH = 160  # columns assumed for a file or pipe, so that no line is truncated
NARROW = 100  # a terminal with fewer columns gets a short progress bar
LINE_EVERY = 60.0  # seconds between progress lines within a long epoch, without a bar
SLOW_STEPS, SLOW_SECONDS = 5, 20.0  # before the remaining time is estimated
SLOW_REST = 3600.0  # estimated seconds left from which the user is warned
MANY = 2000  # items; processing more prints a line if there is no bar


class _Console(Console):
    def on_broken_pipe(self) -> None:
        self.quiet = True  # the reader has closed the pipe; the run continues


class Terminal:
    """The user's terminal: standard output, or the original one while standard output is redirected to a log."""

    def __init__(self) -> None:
        self._saved: list[Console] = []

    def console(self) -> Console:
        if self._saved:
            return self._saved[-1]
        return _console(sys.stdout)

    @contextlib.contextmanager
    def saved(self, file: TextIO) -> Iterator[None]:
        """Use this file as the user's terminal within the context."""
        self._saved.append(_console(file))
        try:
            yield
        finally:
            self._saved.pop()


TERMINAL = Terminal()  # one per process, like the standard streams


def console() -> Console:
    """The user's terminal, also while standard output is redirected to the log."""
    return TERMINAL.console()


def _console(file: TextIO) -> Console:
    if file.isatty():
        return _Console(file=file, soft_wrap=True)
    return _Console(file=file, soft_wrap=True, width=FILE_WIDTH, force_terminal=False)  # whatever FORCE_COLOR is


def _clean(text: str) -> str:
    """The text without passwords and without control characters."""
    return CONTROL.sub("", without_userinfo(text))


def say(text: str, to: Console | None = None) -> None:
    """Print one line to the user, without passwords and without markup. to: the console of a live display.

    A terminal gets it in as many lines as its width requires; a word that is too long, such as a path, stays whole.
    """
    terminal, line = to or console(), _clean(text)
    if terminal.is_terminal:
        line = _wrapped(line, terminal.width)
    with contextlib.suppress(OSError):  # a full disk or a closed pipe must not stop a run
        terminal.print(line, markup=False, highlight=False, soft_wrap=True)


def _wrapped(text: str, width: int) -> str:
    """The text with line ends between words. width: of the terminal."""
    lines = []
    for line in text.split("\n"):
        lines.append(textwrap.fill(line, max(1, width), break_long_words=False, break_on_hyphens=False))
    return "\n".join(lines)


def paragraph(text: str) -> None:
    """Print sentences to the user, wrapped at word boundaries on a terminal."""
    terminal = console()
    with contextlib.suppress(OSError):
        terminal.print(_clean(text), markup=False, highlight=False, soft_wrap=not terminal.is_terminal)


def show(table: Table) -> None:
    """Print a table to the user, complete: a word that is wider than its column is folded."""
    for column in table.columns:
        column.overflow = "fold"
    with contextlib.suppress(OSError):
        console().print(table)


@contextlib.contextmanager
def captured(log: Path) -> Iterator[None]:
    """Redirect both standard streams, of Python and of native code, to the end of a file."""
    sys.stdout.flush()
    sys.stderr.flush()
    streams = {1: os.dup(1), 2: os.dup(2)}  # copies of the descriptors, restored on exit
    coding = {"encoding": sys.stdout.encoding, "errors": sys.stdout.errors}
    with open(log, "ab", buffering=0) as file, os.fdopen(os.dup(streams[1]), "w", buffering=1, **coding) as terminal:
        for number in streams:
            os.dup2(file.fileno(), number)
        try:
            with TERMINAL.saved(terminal):
                yield
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for number, copy in streams.items():
                os.dup2(copy, number)
                os.close(copy)


@contextlib.contextmanager
def muted() -> Iterator[None]:
    """Discard the output of native code that is imported before there is a log."""
    with captured(Path(os.devnull)):
        yield


def track(items: Iterable[T], total: int, text: str) -> Iterable[T]:
    """Iterate over the items with a progress bar. Without a terminal, print one line if there are many items."""
    if console().is_terminal:
        return rich_track(items, text, total, console=console(), transient=True)
    if total > MANY:
        say(f"{text}: {total:,}")
    return items


class ConsoleReporter:
    """The reporter that is passed to `data` to report progress. It has no state and can be pickled."""

    def say(self, text: str) -> None:
        say(text)

    def track(self, items: Iterable[T], total: int, text: str) -> Iterable[T]:
        return track(items, total, text)

    def muted(self) -> AbstractContextManager[None]:
        return muted()


REPORTER = ConsoleReporter()


class TrainingProgress:
    """The progress of one run: a bar on a terminal, otherwise a line per epoch, and one warning if the run is long."""

    def __init__(self, title: str, steps: int, first: int):
        """steps: of the whole run. first: the step from which it resumes."""
        self.title, self.steps, self.first = title, steps, first
        self.started = self.last_line = time.monotonic()
        self.is_warned = False
        self.validated = ""
        self.is_narrow = console().width < NARROW
        self.bar = Progress(
            TextColumn("{task.description}", table_column=Column(no_wrap=True)),
            BarColumn(bar_width=10 if self.is_narrow else None),
            TextColumn("{task.fields[numbers]}", table_column=Column(no_wrap=True)),
            TimeRemainingColumn(compact=True),
            console=console(),
            transient=True,
            disable=not console().is_terminal,
        )
        self.task: TaskID = self.bar.add_task(title, total=steps, completed=first, numbers="compiling")

    def __enter__(self) -> "TrainingProgress":
        self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def step(self, done: int, epoch: str, loss: float, accuracy: float, images_per_second: float) -> None:
        """Show the progress. done: steps of the whole run. Loss, accuracy and speed are of the current epoch so far."""
        numbers = f"loss {loss:.3f}  acc {accuracy:.3f}"
        title = epoch.removeprefix("epoch ")
        if not self.is_narrow:
            numbers += self.validated
            title = f"{self.title} {epoch}"
        numbers += f"  {images_per_second:,.0f} img/s"
        self.bar.update(self.task, completed=done, description=title, numbers=numbers)
        seconds_left = (time.monotonic() - self.started) / max(done - self.first, 1) * (self.steps - done)
        self._warn(done, seconds_left)
        if self.bar.disable and time.monotonic() - self.last_line > LINE_EVERY:
            say(f"{self.title} {epoch}  {numbers}  {duration(seconds_left)} left")
            self.last_line = time.monotonic()

    def _warn(self, done: int, seconds_left: float) -> None:
        if self.is_warned or done - self.first < SLOW_STEPS or time.monotonic() - self.started < SLOW_SECONDS:
            return
        self.is_warned = True
        if seconds_left > SLOW_REST:
            say(
                f"{self.title}: about {duration(seconds_left)} left at this speed. For a faster run, try "
                "train.epochs=1, data.limit=2000, a smaller model.width or a GPU. Ctrl-C stops the run; the same "
                "command resumes it."
            )

    def epoch(
        self, epoch: str, loss: float, accuracy: float, val_loss: float, val_accuracy: float, images_per_second: float
    ) -> None:
        """Show a finished epoch: its validation accuracy in the bar, or a line of its own if there is no bar."""
        self.last_line = time.monotonic()
        self.validated = f"  val acc {val_accuracy:.3f}"
        if self.bar.disable:
            say(
                f"{self.title} {epoch}  loss {loss:.4f}  accuracy {accuracy:.4f}  val_loss {val_loss:.4f}  "
                f"val_accuracy {val_accuracy:.4f}  {images_per_second:,.0f} img/s"
            )
