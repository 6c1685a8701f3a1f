"""What a person sees: bars and lines on the terminal, while everything that libraries print goes to the run's log."""

import contextlib
import os
import re
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.progress import track as rich_track
from rich.table import Column

from ablation.redaction import without_userinfo
from ablation.text import duration

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # what could steer a terminal


class _Console(Console):
    def on_broken_pipe(self) -> None:
        self.quiet = True  # whoever read this has left; the run goes on


LINE_EVERY = 60.0  # seconds between plain lines within a long epoch


class Terminal:
    """Where the person reads: standard output, or what it was before it was sent to a log."""

    def __init__(self):
        self._kept: list[Console] = []

    def console(self) -> Console:
        return self._kept[-1] if self._kept else _console(sys.stdout)

    @contextlib.contextmanager
    def kept(self, file: TextIO) -> Iterator[None]:
        """The person reads this file for now."""
        self._kept.append(_console(file))
        try:
            yield
        finally:
            self._kept.pop()


TERMINAL = Terminal()  # of this process, as its standard streams are


def console() -> Console:
    """The person's terminal, also while standard output is the log."""
    return TERMINAL.console()


def _console(file: TextIO) -> Console:
    """As wide as the terminal; in a file or a pipe wide enough that nothing is cut."""
    return _Console(file=file, soft_wrap=True, width=None if file.isatty() else 160)


def say(text: str, to: Console | None = None) -> None:
    """One line to the person, without passwords; file names and the like are no markup. to: where a screen is live."""
    text = CONTROL.sub("", without_userinfo(text))
    with contextlib.suppress(OSError):  # a full disk or a reader that left is no reason to stop a run
        (to or console()).print(text, markup=False, highlight=False, soft_wrap=True)


def paragraph(text: str) -> None:
    """Some sentences, on a terminal broken between words."""
    out = console()
    with contextlib.suppress(OSError):
        clean = CONTROL.sub("", without_userinfo(text))
        out.print(clean, markup=False, highlight=False, soft_wrap=not out.is_terminal)


def show(renderable: RenderableType) -> None:
    """A table to the person."""
    with contextlib.suppress(OSError):
        console().print(renderable)


@contextlib.contextmanager
def captured(log: Path) -> Iterator[None]:
    """Send what Python and native code write to both standard streams to the end of a file."""
    sys.stdout.flush(), sys.stderr.flush()
    saved = [os.dup(1), os.dup(2)]
    with open(log, "ab", buffering=0) as file, os.fdopen(os.dup(saved[0]), "w", buffering=1) as terminal:
        os.dup2(file.fileno(), 1), os.dup2(file.fileno(), 2)
        try:
            with TERMINAL.kept(terminal):
                yield
        finally:
            sys.stdout.flush(), sys.stderr.flush()
            for number, stream in zip(saved, (1, 2), strict=True):
                os.dup2(number, stream), os.close(number)


@contextlib.contextmanager
def muted() -> Iterator[None]:
    """Drop what native code prints while it is imported before there is a log."""
    with captured(Path(os.devnull)):
        yield


def track(items: Iterable, total: int, text: str) -> Iterable:
    """A bar over items; a plain line where there is no terminal and the wait is worth one."""
    if console().is_terminal:
        return rich_track(items, text, total, console=console(), transient=True)
    if total > 2000:
        say(f"{text}: {total:,}")
    return items


class Training:
    """The progress of one run: a bar on a terminal and a line an epoch elsewhere; once, a word on a long run."""

    def __init__(self, title: str, steps: int, first: int):
        self.title, self.steps, self.first = title, steps, first
        self.started = self.last_line = time.monotonic()
        self.warned, self.validated = False, ""
        self.narrow = console().width < 100
        self.bar = Progress(
            TextColumn("{task.description}", table_column=Column(no_wrap=True)),
            BarColumn(bar_width=10 if self.narrow else None),
            TextColumn("{task.fields[numbers]}", table_column=Column(no_wrap=True)),
            TimeRemainingColumn(compact=True),
            console=console(),
            transient=True,
            disable=not console().is_terminal,
        )
        self.task = self.bar.add_task(title, total=steps, completed=first, numbers="compiling")

    def __enter__(self):
        self.bar.start()
        return self

    def __exit__(self, *_):
        self.bar.stop()

    def step(self, done: int, epoch: str, metrics: dict[str, float], rate: float) -> None:
        """done: steps so far; metrics: of the epoch so far; rate: images per second."""
        validated = "" if self.narrow else self.validated
        numbers = f"loss {metrics['loss']:.3f}  acc {metrics['accuracy']:.3f}{validated}  {rate:,.0f} img/s"
        title = epoch.replace("epoch ", "") if self.narrow else f"{self.title} {epoch}"
        self.bar.update(self.task, completed=done, description=title, numbers=numbers)
        left = (time.monotonic() - self.started) / max(done - self.first, 1) * (self.steps - done)
        self._warn(done, left)
        if self.bar.disable and time.monotonic() - self.last_line > LINE_EVERY:
            say(f"{self.title} {epoch}  {numbers}  {duration(left)} left")
            self.last_line = time.monotonic()

    def _warn(self, done: int, left: float) -> None:
        if self.warned or done - self.first < 5 or time.monotonic() - self.started < 20:
            return
        self.warned = True
        if left > 3600:
            say(
                f"{self.title}: about {duration(left)} to go at this speed. Quicker: train.epochs=1, data.limit=2000, "
                "a smaller model.width, or a GPU. Ctrl-C stops it; the same command goes on."
            )

    def epoch(self, epoch: str, row: dict[str, float]) -> None:
        """A finished epoch: its validation in the bar, or its line where there is no bar."""
        self.last_line, self.validated = time.monotonic(), f"  val acc {row['val_accuracy']:.3f}"
        if self.bar.disable:
            say(
                f"{self.title} {epoch}  loss {row['loss']:.4f}  accuracy {row['accuracy']:.4f}  val_loss "
                f"{row['val_loss']:.4f}  val_accuracy {row['val_accuracy']:.4f}  {row['images_per_second']:,.0f} img/s"
            )
