"""The table of the benchmark as Markdown, which reads well in a terminal too."""

import platform
import sys
from collections.abc import Sequence
from datetime import datetime
from importlib import metadata
from pathlib import Path

from tabulate import tabulate

from benchmarks.bench.figures import Goal, Row, Summary
from benchmarks.bench.settings import BATCH

HEADER = ("what", "ratio", "goal", "stretch", "outcome", "medians (quartiles)")
PACKAGES = ("tensorflow", "keras", "numpy", "torch", "joblib")


def cells(row: Row) -> tuple[str, ...]:
    """The cells of a row, one for each column of HEADER."""
    goal = limit(row.goal, stretch=False)
    stretch = limit(row.goal, stretch=True)
    if row.ratio is None:
        return row.label, "", goal, stretch, "not measured", row.note
    outcome = row.goal.outcome(row.ratio) if row.goal else "as measured"
    parts = [f"{name} {numbers(summary)}" for name, summary in row.arms.items()]
    details = f"{', '.join(parts)} {row.unit}".strip()
    return row.label, f"{row.ratio:.2f}", goal, stretch, outcome, f"{details}; {row.note}" if row.note else details


def limit(goal: Goal | None, stretch: bool) -> str:
    value = None if goal is None else goal.stretch if stretch else goal.value
    if goal is None or value is None:
        return ""
    return f"{'≥' if goal.at_least else '≤'} {value:.3g}"


def numbers(summary: Summary) -> str:
    """Median and quartiles with three significant digits, without an exponent."""
    low, median, high = (significant(value) for value in (summary.low, summary.median, summary.high))
    return median if summary.n == 1 else f"{median} ({low} – {high})"


def significant(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def markdown(rows: Sequence[Row]) -> str:
    """The whole table."""
    return tabulate([cells(row) for row in rows], HEADER, tablefmt="github", disable_numparse=True)


def machine() -> str:
    """Processor, cores and versions, for the line above the table."""
    versions = [f"Python {platform.python_version()}"]
    for package in PACKAGES:
        try:
            versions.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            versions.append(f"no {package}")
    return f"{cores()} cores of {processor()}; {', '.join(versions)}; {datetime.now():%Y-%m-%d}"


def cores() -> int:
    from ablation.runtime import machine

    return machine.cores()


def processor() -> str:
    """The processor's name on Linux, else what the platform calls it."""
    place = Path("/proc/cpuinfo")
    if place.exists():
        for line in place.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def command(arguments: Sequence[str]) -> str:
    """The command that makes this table again."""
    if not arguments:
        return "make bench"
    return " ".join([Path(sys.executable).name, "-m", "benchmarks.bench", *arguments])


ARMS = f"""\
A: the notebook that this project grew from. B: the best plain Keras `fit`. C: `ablate`, whole. D: PyTorch, eager.
Batches of {BATCH} images, cropped and flipped, but not in the row with A. A ratio is that of two medians. More in
`python -m benchmarks.bench --help`."""


def page(rows: Sequence[Row], words: str, source: str, seconds: float) -> str:
    """The result file. words: the command. source: what the arms trained on. seconds: of the whole benchmark."""
    return (
        f"# Speed\n\n    {words}\n\n{machine()}; {source}; {seconds / 60:.0f} minutes.\n\n{ARMS}\n\n{markdown(rows)}\n"
    )
