"""The live display of a sweep: finished, running and failed runs, their progress, and the remaining time."""

import contextlib
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text as RichText

from ablation import text
from ablation.rundir import files
from ablation.runtime import console

TAIL = 4096  # bytes at the end of a log that are searched for its last line


@dataclass(frozen=True)
class _RunningJob:
    name: str
    log: Path
    began: float

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def progress(self) -> str:
        """The last line of the job's log, which shows its progress."""
        line = self._last_line()
        if not line or line.startswith("---"):
            line = f"{self.name}: starting"
        return f"{line}, {text.duration(self.seconds)}"

    def _last_line(self) -> str:
        """The last non-empty line; empty if there is none."""
        with contextlib.suppress(OSError, files.Unreadable):
            tail = files.read_tail(self.log, TAIL).decode(errors="replace")
            for line in reversed(tail.splitlines()):
                if line.strip():
                    return line
        return ""


class Display:
    """A live display on a terminal; otherwise a line for each job that ends, and one line per minute.

    total: runs of the sweep. done: runs that were already done. at_once: runs in parallel.
    """

    def __init__(self, total: int, done: int = 0, at_once: int = 1, live: bool = True):
        self.total, self.done, self.at_once, self.elsewhere = total, done, at_once, 0
        self._seconds: list[float] = []  # of the jobs that completed
        self._ended: Counter[str] = Counter()  # by status
        self._running: dict[int, _RunningJob] = {}
        self._last_line = time.monotonic()
        self._console = console.console()
        self._on_terminal = live and self._console.is_terminal
        self._live = Live(console=self._console, get_renderable=self._screen, refresh_per_second=2, transient=True)

    def __enter__(self) -> "Display":
        if self._on_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._on_terminal:
            self._live.stop()

    def start(self, job: int, name: str, log: Path) -> None:
        """Add a job that has started."""
        self._running[job] = _RunningJob(name, log, time.monotonic())

    def drop(self, job: int) -> None:
        """Remove a job whose run another process has claimed."""
        self._running.pop(job, None)

    def retry(self, job: int, name: str, reason: str) -> None:
        """Remove a job that will be retried."""
        self.drop(job)
        self._say(f"{name}: {reason}; retrying")

    def end(self, job: int, name: str, status: str, outcome: str) -> None:
        """Remove a job that has ended, or whose run had already ended. outcome: a sentence about it."""
        running = self._running.pop(job, None)
        self.done += 1
        self._ended[status] += 1
        count = f"[{self.done}/{self.total}] " if self.total > 1 else ""
        if running is None:
            self._say(f"{count}{name}: {status}: {outcome}")
            return
        self._say(f"{count}{name}: {status} ({text.duration(running.seconds)}): {outcome}")
        if status == "completed":
            self._seconds.append(running.seconds)
            if len(self._seconds) == 1 and self.done < self.total:
                remaining = text.plural(self.total - self.done, "remaining run")
                self._say(f"At this pace, the {remaining} will take about {text.duration(self._seconds_left())}")

    def tick(self, elsewhere: int) -> None:
        """Update the display. elsewhere: the number of runs that other processes execute."""
        if elsewhere > self.elsewhere and not self._running:
            self._say(f"Waiting for {text.plural(elsewhere, 'run')} in another process")
        self.elsewhere = elsewhere
        if not self._on_terminal and time.monotonic() - self._last_line > console.LINE_EVERY:
            self._say("; ".join([self.counts(), *self._progress()]))

    def counts(self) -> str:
        """`3 of 8 done, 2 running, 1 failed, about 2 min left`."""
        parts = [f"{self.done} of {self.total} done", f"{len(self._running)} running"]
        for status, count in self._ended.items():
            if status != "completed":
                parts.append(f"{count} {status}")
        if self.elsewhere:
            parts.append(f"{self.elsewhere} running elsewhere")
        if self._seconds:
            parts.append(f"about {text.duration(self._seconds_left())} left")
        return ", ".join(parts)

    def _progress(self) -> list[str]:
        """The progress of each running job."""
        return [job.progress() for job in list(self._running.values())]

    def _say(self, line: str) -> None:
        self._last_line = time.monotonic()
        console.say(line, self._console)

    def _seconds_left(self) -> float:
        """The remaining time, if the remaining runs take as long as the completed ones on average."""
        mean = sum(self._seconds) / len(self._seconds)
        return mean * (self.total - self.done) / self.at_once

    def _screen(self) -> Group:
        head = Table.grid(padding=(0, 1))
        head.add_row(ProgressBar(self.total, self.done, width=24), RichText(self.counts()))
        lines = [RichText(line, style="dim", no_wrap=True, overflow="ellipsis") for line in self._progress()]
        return Group(head, *lines)
