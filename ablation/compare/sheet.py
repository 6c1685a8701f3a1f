"""The comparison for readers: the columns, what stands in them, what is noted below. Plain text, for no target yet."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10
from statistics import fmean, median

from ablation.compare import statistics
from ablation.compare.comparison import Comparison, Difference, Row
from ablation.compare.judge import FEW
from ablation.compare.rules import FEWEST, LEVEL
from ablation.compare.verdict import count

NOTHING = "–"
NORMAL = "†"
REFUSED = "not compared"
LISTED = 12  # runs in one note
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
UNITS = (("h", 3600.0), ("min", 60.0), ("s", 1.0))


@dataclass(frozen=True)
class Column:
    """title: its head. cells: one a row. words: is it text, which may be folded? Else it is a number."""

    key: str
    title: str
    cells: tuple[str, ...]
    words: bool = False


@dataclass(frozen=True)
class Sheet:
    """heading: the caption, in sentences. columns: the time last. notes: each a line, the numbered ones first."""

    heading: str
    columns: tuple[Column, ...]
    notes: tuple[str, ...]


class Notes:
    """Numbers what is said of rows; the same text has one number."""

    def __init__(self) -> None:
        self.texts: dict[str, int] = {}

    def mark(self, cell: str, texts: Iterable[str]) -> str:
        """The cell with the raised numbers of the texts behind it."""
        numbers = [self.texts.setdefault(text, len(self.texts) + 1) for text in texts]
        return " ".join([cell, *(str(number).translate(RAISED) for number in numbers)])

    def lines(self) -> list[str]:
        return [f"{str(number).translate(RAISED)} {text}" for text, number in self.texts.items()]


def sheet(comparison: Comparison) -> Sheet:
    """Columns without anything in them are left out, and those of the verdict where nothing is compared.

    So is what was removed, where the label of each row is made of it: -norm -shortcut.
    """
    notes, rows, digits = Notes(), comparison.rows, places(comparison)
    for row in rows:
        notes.mark("", [*_lost(row), *_said(row)])  # numbered in the order of reading
    says = all(row.label == " ".join(f"-{name}" for name in row.removed) for row in rows if row.removed)
    compared = comparison.baseline is not None or any(row.finding or row.gate.refused for row in rows)
    elsewhere = any(row.against not in (None, comparison.baseline) for row in rows)
    columns = [
        _column("variant", "Variant", rows, _variant, words=True),
        *_filled("removed", "Removed", rows, lambda row: "" if says else ", ".join(row.removed)),
        *_filled("along", "With it", rows, lambda row: ", ".join(row.along)),
        _column("n", "n", rows, lambda row: notes.mark(_n(row), _lost(row))),
        _column("metric", _capital(comparison.metric.name), rows, lambda row: _measured(row, digits)),
    ]
    if compared and elsewhere:
        columns.append(_column("against", "Against", rows, lambda row: row.against or "", words=True))
    if compared:
        columns += [
            _column("difference", "Difference", rows, lambda row: _difference(row, digits)),
            _column(
                "verdict", "Verdict", rows, lambda row: notes.mark(_verdict(comparison, row), _said(row)), words=True
            ),
        ]
    columns += [
        _column("parameters", "Params", rows, lambda row: count(row.runs[0].parameters) if row.runs else NOTHING),
        _column("macs", "MACs", rows, lambda row: count(row.runs[0].macs) if row.runs else NOTHING),
        _column(
            "time", "Time", rows, lambda row: duration(fmean(r.seconds for r in row.runs)) if row.runs else NOTHING
        ),
    ]
    return Sheet(_heading(comparison, compared), tuple(columns), (*notes.lines(), *_general(comparison)))


def duration(seconds: float) -> str:
    """12.5 s, 3.4 min, 2.1 h."""
    unit, size = next((u for u in UNITS if seconds >= 2 * u[1]), UNITS[-1])
    return f"{seconds / size:,.1f} {unit}"


def _column(key: str, title: str, rows: Sequence[Row], cell: Callable[[Row], str], words: bool = False) -> Column:
    return Column(key, title, tuple(cell(row) for row in rows), words)


def _filled(key: str, title: str, rows: Sequence[Row], cell: Callable[[Row], str]) -> list[Column]:
    made = _column(key, title, rows, cell, words=True)
    return [made] if any(made.cells) else []


def _variant(row: Row) -> str:
    """The label, what the user called its runs, and whether it may differ in its budget."""
    name = ", ".join(dict.fromkeys(run.name for run in row.runs if run.name))
    return " ".join([row.label, *([f"({name})"] if name else []), *(["(budget)"] if row.budget else [])])


def _n(row: Row) -> str:
    """Runs that count; of how many, where the plan has more."""
    return f"{row.arm.n} of {row.planned}" if row.planned is not None and row.arm.n < row.planned else f"{row.arm.n}"


def _lost(row: Row) -> list[str]:
    seeds = ", ".join(str(run.seed) for run in row.diverged)
    return [f"diverged and not averaged in: seed {seeds}"] if row.diverged else []


def _measured(row: Row, places: int) -> str:
    if not row.arm.n:
        return NOTHING
    low, high = statistics.mean_interval(row.arm.array)
    mean = number(row.arm.mean, places)
    return f"{mean} ± {number((high - low) / 2, places)}" if isfinite(high - low) else mean


def _difference(row: Row, places: int) -> str:
    """With half of its interval, or with both ends where it lies further from one of them."""
    if row.finding is None or not isfinite(row.finding.difference):
        return NOTHING
    middle, (low, high) = row.finding.difference, row.finding.interval
    text = number(middle, places, sign=True)
    if not isfinite(high - low):
        return text
    down, up = number(middle - low, places), number(high - middle, places)
    ends = f"[{number(low, places, sign=True)}, {number(high, places, sign=True)}]"
    return f"{text} ± {up}" if down == up else f"{text} {ends}"


def _verdict(comparison: Comparison, row: Row) -> str:
    if row.label == comparison.baseline:
        return "baseline"
    if row.gate.refused:
        return REFUSED
    if row.arm.n < FEWEST:
        return FEW
    if row.finding is None:
        return NOTHING
    return f"{row.finding.verdict}{NORMAL if _normal(row) else ''}"


def _normal(row: Row) -> bool:
    return row.finding is not None and row.finding.normal and row.finding.verdict != FEW and not row.gate.refused


def _said(row: Row) -> list[str]:
    """What the numbers beside a verdict stand for."""
    refused = [f"{REFUSED}: {_differ(row, row.gate.refused)}"] if row.gate.refused else []
    marked = [f"differs too: {_differ(row, row.gate.marked)}"] if row.gate.marked else []
    return [*refused, *(row.finding.warnings if row.finding else ()), *marked]


def _differ(row: Row, differences: Iterable[Difference]) -> str:
    return "; ".join(f"{d.key} is {d.one} in {row.against or 'the other'}, {d.other} here" for d in differences)


def number(value: float, places: int, sign: bool = False) -> str:
    """Of `places` decimals; few digits of what is huge. Nothing is minus zero."""
    if not isfinite(value):
        return NOTHING
    text = f"{value:+.{places}f}" if abs(value) < 1e6 else f"{value:+.4g}"
    text = text if sign and float(text) else text.lstrip("+-" if not float(text) else "+")
    return text


def places(comparison: Comparison) -> int:
    """Decimals that one image changes, at least three; without images two digits of a usual interval."""
    if comparison.metric.images:
        return max(3, ceil(log10(comparison.metric.images)))
    pairs = [statistics.mean_interval(row.arm.array) for row in comparison.rows]
    halves = [(high - low) / 2 for low, high in pairs if high > low]
    return min(6, max(0, 1 - floor(log10(median(halves))))) if halves else 3


def _heading(comparison: Comparison, compared: bool) -> str:
    """What is measured and on how many images, n, the test and its correction."""
    counts = sorted({row.arm.n for row in comparison.rows if row.arm.n})
    seeds = f"n = {counts[0]}" if len(counts) == 1 else f"n = {counts[0]} to {counts[-1]}" if counts else "no run"
    lines = [comparison.metric.caption, f"Mean ± half of its 95 % interval over seeds (Student's t), {seeds}."]
    if compared:
        other, many = comparison.baseline or "what each row names", _plural(comparison.comparisons)
        looks = f" and over looks as seeds came in, to at most {comparison.most}" if comparison.most else ""
        text = f"Difference from {other} with half of its 95 % interval; "
        if comparison.effects:  # of a factorial, which are judged in place of its cells
            text += "no cell is judged by itself, but the effects over all are."
        else:
            text += f"verdict by Welch's t over seeds, two-sided at {100 * LEVEL:g} %, "
            text += f"Holm's correction over {many}{looks}."
        lines.append(text)
    if compared and comparison.margin:
        lines.append(f"Equivalent: within {comparison.margin:g} of it.")
    return " ".join(lines)


def _plural(comparisons: int) -> str:
    return "1 comparison" if comparisons == 1 else f"{comparisons} comparisons"


def _general(comparison: Comparison) -> list[str]:
    """Notes on the whole."""
    rows, lines = comparison.rows, []
    if any(_normal(row) and row.label != comparison.baseline for row in rows):
        lines.append(f"{NORMAL} under normal noise: of so few seeds no test without it could tell.")
    if any(row.budget for row in rows):
        lines.append("(budget) sets how long is trained, and differs in it on purpose.")
    shown = {run.path for row in rows for run in row.diverged}
    left = sorted(f"{path.name} ({reason})" for path, reason in comparison.skipped if path not in shown)
    more = [f"and {len(left) - LISTED} more"] if len(left) > LISTED else []
    lines += comparison.warnings
    return [*lines, f"Left out: {', '.join([*left[:LISTED], *more])}."] if left else lines


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
