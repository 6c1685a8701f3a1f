"""The whole sweep on one screen: what is done, what runs and how far it is, what failed, and how long it will take."""

import contextlib
import time
from collections import Counter
from pathlib import Path

from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ablation.rundir import files
from ablation.runtime import console
from ablation.text import duration

TAIL = 4096  # bytes of a log in which its last line is looked for


class Display:
    """A live screen on a terminal; elsewhere a line for each job that ends, and one a minute."""

    def __init__(self, total: int, done: int = 0, at_once: int = 1, live: bool = True):
        self.total, self.done, self.at_once, self.elsewhere = total, done, at_once, 0
        self.took: list[float] = []  # seconds of the jobs that ended
        self.ended = Counter()
        self.running: dict[int, tuple[str, Path, float]] = {}
        self.last_line = time.monotonic()
        self.console = console.console()
        self.terminal = live and self.console.is_terminal
        self.live = Live(console=self.console, get_renderable=self._screen, refresh_per_second=2, transient=True)

    def __enter__(self):
        if self.terminal:
            self.live.start()
        return self

    def __exit__(self, *_):
        if self.terminal:
            self.live.stop()

    def start(self, job: int, name: str, log: Path) -> None:
        """A job began."""
        self.running[job] = name, log, time.monotonic()

    def drop(self, job: int) -> None:
        """A job began in vain."""
        self.running.pop(job, None)

    def again(self, job: int, name: str, reason: str) -> None:
        """A job was put back."""
        self.drop(job)
        self._say(f"{name}: {reason}; it is tried again")

    def end(self, job: int, name: str, status: str, text: str) -> None:
        """A job ended, or was found ended. text: a sentence about it."""
        began = self.running.pop(job, None)
        seconds = time.monotonic() - began[-1] if began else 0.0
        took = f" ({duration(seconds)})" if began else ""
        self.done += 1
        self.ended[status] += 1
        count = f"[{self.done}/{self.total}] " if self.total > 1 else ""
        self._say(f"{count}{name}: {status}{took}: {text}")
        if began and status == "completed":
            self.took.append(seconds)
            if len(self.took) == 1 and self.done < self.total:
                left = duration(self._left())
                self._say(f"At this pace the {self.total - self.done} left take about {left}")

    def tick(self, elsewhere: int) -> None:
        """elsewhere: how many another process runs."""
        if elsewhere > self.elsewhere and not self.running:
            self._say(f"Waiting for {elsewhere} that another process runs")
        self.elsewhere = elsewhere
        if not self.terminal and time.monotonic() - self.last_line > console.LINE_EVERY:
            self._say(f"{self._counts()}; {'; '.join(map(self._last, self.running))}")

    def _say(self, text: str) -> None:
        self.last_line = time.monotonic()
        console.say(text, self.console)

    def _left(self) -> float:
        """Seconds, if the others take what those that ended took."""
        return sum(self.took) / len(self.took) * (self.total - self.done) / self.at_once

    def _counts(self) -> str:
        parts = [f"{self.done} of {self.total} done", f"{len(self.running)} running"]
        parts += [f"{count} {status}" for status, count in self.ended.items() if status != "completed"]
        parts += [f"{self.elsewhere} run elsewhere"] if self.elsewhere else []
        parts += [f"about {duration(self._left())} left"] if self.took else []
        return ", ".join(parts)

    def _last(self, job: int) -> str:
        """The last line of a job's log: how far it is."""
        name, log, began = self.running[job]
        line = ""
        with contextlib.suppress(OSError, files.Unreadable):
            end = files.tail(log, TAIL).decode(errors="replace")
            line = next((x for x in reversed(end.splitlines()) if x.strip()), "")
        if not line or line.startswith("---"):
            line = f"{name}: starting"
        return f"{line}, {duration(time.monotonic() - began)}"

    def _screen(self) -> Group:
        head = Table.grid(padding=(0, 1))
        head.add_row(ProgressBar(self.total, self.done, width=24), Text(self._counts()))
        lines = [Text(self._last(job), style="dim", no_wrap=True, overflow="ellipsis") for job in list(self.running)]
        return Group(head, *lines)
