"""Where the report's drawings lie: curves over epochs and differences with intervals, as numbers for inline SVG.

Places are percent of a drawing's width and height, so that it grows with the page while its text and strokes do not;
curves are paths in a box of WIDE x HIGH, which the page stretches.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
from markupsafe import Markup
from matplotlib.ticker import LogLocator, MaxNLocator

from ablation.compare.comparison import Comparison, Row
from ablation.compare.curves import METRICS
from ablation.compare.drawing import COLOURS, LINES, spread
from ablation.compare.judge import difference
from ablation.compare.labels import shorten
from ablation.compare.plots import LOG_FROM

WIDE, HIGH = 2000, 1000
MOST_ARMS, MOST_BARS = 48, 100  # arms whose curves, and whose differences, are drawn; the table has all
MOST_POINTS, MOST_SEEDS = 200, 120  # epochs of one line; seeds that are drawn behind the means
SHOWN = 12  # at first, of more curves than labels at their ends have room for
DIRECT, LONGEST = 14, 22  # lines, and characters, that labels at the line ends have room for
GAP, CHARACTER, THREAD = 5.4, 6.6, 22  # percent between labels; pixels of a character, and of the thread to a label
STROKE = 2.0  # pixels; matplotlib's dashes are in widths of the line
FAR = 6  # times the middle extent of the differences: what lies beyond is an arrow at the edge


@dataclass(frozen=True)
class Line:
    """One arm's curve. arm: its row's index. mean, band, seeds: SVG paths, empty where there is nothing to draw.

    end: percent of the height where it ends; place: of its label.
    """

    arm: int
    label: str
    mean: str
    band: str
    seeds: str
    end: float
    place: float


@dataclass(frozen=True)
class Lost:
    """A run that diverged: its path, and percent of width and height where it ends."""

    arm: int
    label: str
    path: str
    x: float
    y: float


@dataclass(frozen=True)
class Panel:
    """across, up: ticks as (percent, text). room: pixels for labels at the line ends, 0 where there are none.

    values: what hovering shows: the epochs, their percent of the width, and of each arm mean, lowest and highest.
    """

    title: str
    lines: tuple[Line, ...]
    lost: tuple[Lost, ...]
    across: tuple[tuple[float, str], ...]
    up: tuple[tuple[float, str], ...]
    room: float
    values: dict


@dataclass(frozen=True)
class Bar:
    """A difference on the forest plot, in percent of the width. low, high: None without an interval, cut at the edges.

    left, right: does it go on beyond that edge?
    """

    arm: int
    point: float
    low: float | None
    high: float | None
    left: bool
    right: bool


@dataclass(frozen=True)
class Forest:
    """zero: percent of the width where there is no difference. margin: the same of its ends. beyond: is a bar cut?

    hidden: how many differences are in the table alone.
    """

    bars: dict[int, Bar]
    ticks: tuple[tuple[float, str], ...]
    zero: float
    margin: tuple[float, float] | None
    beyond: bool
    hidden: int


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    log: bool = False

    def percent(self, values: np.ndarray | float) -> np.ndarray:
        low, high = (np.log10(v) if self.log else v for v in (self.low, self.high))
        values = np.log10(np.maximum(values, 1e-300)) if self.log else np.asarray(values, dtype=float)
        return 100 * (values - low) / (high - low)

    def ticks(self, most: int = 6, whole: bool = False) -> list[float]:
        steps = [1, 2, 5, 10] if whole else [1, 2, 2.5, 5, 10]
        locator = LogLocator(numticks=most) if self.log else MaxNLocator(most, integer=whole, steps=steps)
        return [float(t) for t in locator.tick_values(self.low, self.high) if self.low <= t <= self.high]


def dashes(index: int) -> str:
    """The arm's line style as SVG's stroke-dasharray, as the figures have it; empty for a whole line."""
    style = LINES[index % len(LINES)]
    return "" if style == "-" else " ".join(f"{STROKE * length:g}" for length in style[1])


def colour(index: int) -> int:
    """Which of COLOURS the arm has."""
    return index % len(COLOURS)


def drawn(comparison: Comparison) -> list[int]:
    """Indices of the rows whose curves are drawn: of many the baseline and those that differ most from theirs."""
    rows = comparison.rows
    having = [i for i, row in enumerate(rows) if row.runs or row.diverged]
    return _farthest(comparison, having, MOST_ARMS)


def shown(comparison: Comparison) -> list[int]:
    """Of the curves that are drawn those that are shown at first: all, or of more than can be told apart a few."""
    having = drawn(comparison)
    return having if len(having) <= DIRECT else _farthest(comparison, having, SHOWN)


def _farthest(comparison: Comparison, indices: Iterable[int], most: int) -> list[int]:
    rows = comparison.rows
    far = sorted(indices, key=lambda i: (rows[i].label != comparison.baseline, -_far(rows[i])))
    return sorted(far[:most])


def _far(row: Row) -> float:
    gap = difference(row.finding.arm, row.finding.other) if row.finding else 0.0
    return abs(gap) if isfinite(gap) else 0.0


def panels(comparison: Comparison) -> list[Panel]:
    """Training loss, or the metric where it is of training, and the validation curve of the metric.

    None where no run has come as far as one epoch.
    """
    validation = "val_loss" if "loss" in comparison.metric.key else "val_accuracy"
    training = "accuracy" if comparison.metric.key == "accuracy" else "loss"
    shown = {i: comparison.rows[i] for i in drawn(comparison)}
    lengths = [len(run.history[validation]) for row in shown.values() for run in (*row.runs, *row.diverged)]
    return [_panel(METRICS[key], key, shown) for key in (training, validation)] if any(lengths) else []


@dataclass(frozen=True)
class _Curve:
    """values: float64 (seeds, epochs); at: the epochs, of a grid that all curves of a panel share."""

    at: np.ndarray
    values: np.ndarray


def _panel(title: str, key: str, rows: dict[int, Row]) -> Panel:
    grid = _grid([[len(run.history[key]) for run in row.runs] for row in rows.values() if row.runs])
    curves = {i: _curve(row.runs, key, grid) for i, row in rows.items() if row.runs}
    lost = [(i, run.seed, np.array(run.history[key], dtype=float)) for i, row in rows.items() for run in row.diverged]
    across = _Scale(1, max([2, *grid[-1:] + 1, *(len(values) for *_, values in lost)]))
    up = _range([c.values for c in curves.values()] or [values for *_, values in lost], key)
    direct = 1 < len(curves) <= DIRECT
    names = dict(zip(curves, shorten([rows[i].label for i in curves], LONGEST), strict=True))
    ends = [float(np.nan_to_num(100 - up.percent(c.values[:, -1].mean()), posinf=0, neginf=0)) for c in curves.values()]
    few = sum(len(c.values) for c in curves.values()) <= MOST_SEEDS
    return Panel(
        title,
        tuple(
            _line(i, names[i], curve, end, place, across, up, few)
            for (i, curve), end, place in zip(curves.items(), ends, spread(ends, GAP, 0, 100), strict=True)
        ),
        tuple(_lost(i, f"{rows[i].label} seed {seed}", values, across, up) for i, seed, values in lost[:MOST_SEEDS]),
        tuple((_round(across.percent(t)), f"{t:g}") for t in across.ticks(whole=True)),
        tuple((_round(100 - up.percent(t)), f"{t:g}") for t in up.ticks()),
        THREAD + CHARACTER * max(map(len, names.values())) if direct else 0,
        _values(grid, across, up, curves),
    )


def _grid(lengths: Sequence[Sequence[int]]) -> np.ndarray:
    """Epochs, from 0, at which curves are drawn: all, or of many some, and always each arm's last common one."""
    lasts = [min(own) - 1 for own in lengths if min(own)]
    if not lasts:
        return np.zeros(0, dtype=int)
    return np.unique([*np.linspace(0, max(lasts), min(MOST_POINTS, max(lasts) + 1)).round().astype(int), *lasts])


def _curve(runs: Sequence, key: str, grid: np.ndarray) -> _Curve:
    at = grid[grid < min(len(run.history[key]) for run in runs)]
    return _Curve(at, np.array([np.asarray(run.history[key], dtype=float)[at] for run in runs]))


def _range(values: Sequence[np.ndarray], key: str) -> _Scale:
    every = np.concatenate([v.ravel() for v in values])
    every = every[np.isfinite(every)]
    low, high = (float(every.min()), float(every.max())) if len(every) else (0.0, 1.0)
    if "loss" in key and low > 0 and high > LOG_FROM * low:
        return _Scale(low / 1.1, high * 1.1, log=True)
    margin = 0.04 * (high - low) or 0.05 * abs(high) or 0.05
    return _Scale(low - margin, high + margin if "loss" in key else max(min(high + margin, 1.01), high + 1e-9))


def _line(i: int, name: str, curve: _Curve, end: float, place: float, across: _Scale, up: _Scale, thin: bool) -> Line:
    low, mean, high = curve.values.min(0), curve.values.mean(0), curve.values.max(0)
    many = len(curve.values) > 1
    x = across.percent(curve.at + 1)
    band = f"{_path(x, up.percent(high))}{_path(x[::-1], up.percent(low[::-1]), 'L')}Z" if many else ""
    seeds = "".join(_path(x, up.percent(values)) for values in curve.values) if many and thin else ""
    return Line(i, name, _path(x, up.percent(mean)), Markup(band), Markup(seeds), _round(end), _round(place))


def _lost(i: int, label: str, values: np.ndarray, across: _Scale, up: _Scale) -> Lost:
    """Drawn as far as it came; a run lost in its first epoch is a cross at the upper edge."""
    values = values[np.isfinite(values)]
    if not len(values):
        return Lost(i, label, "", 0.0, 0.0)
    at = _thinned(len(values))
    x, y = across.percent(at + 1), np.clip(up.percent(values[at]), -100, 200)
    return Lost(i, label, _path(x, y), _round(x[-1]), _round(100 - np.clip(y[-1], 0, 100)))


def _thinned(length: int) -> np.ndarray:
    return np.unique(np.linspace(0, length - 1, min(MOST_POINTS, length)).round().astype(int))


def _path(x: np.ndarray, y: np.ndarray, begin: str = "M") -> Markup:
    """x, y: percent of the width, and of the height from below. One point is a line without length: a dot.

    Epochs without a number are passed over.
    """
    known = np.isfinite(y)
    x, y = x[known], y[known]
    points = np.stack([np.rint(x * WIDE / 100), np.rint((100 - y) * HIGH / 100)], axis=1).astype(int).tolist()
    text = begin + "L".join(f"{a} {b}" for a, b in points)
    return Markup(f"{text}h0" if len(points) == 1 and begin == "M" else text)


def _values(grid: np.ndarray, across: _Scale, up: _Scale, curves: dict[int, _Curve]) -> dict:
    return {
        "epochs": (grid + 1).tolist(),
        "x": [_round(x) for x in across.percent(grid + 1)] if len(grid) else [],
        "low": up.low,
        "high": up.high,
        "log": up.log,
        "arms": {
            str(i): [[_short(v) for v in row] for row in (c.values.mean(0), c.values.min(0), c.values.max(0))]
            for i, c in curves.items()
        },
    }


def _short(value: float) -> float | None:
    """None, as JSON has it, for what is no number."""
    return float(f"{value:.4g}") if isfinite(value) else None


def _round(value: float) -> float:
    return round(float(value), 2)


def forest(comparison: Comparison) -> Forest | None:
    """Differences with their intervals; None where there is no difference to show."""
    findings = {i: row.finding for i, row in enumerate(comparison.rows) if row.finding}
    findings = {i: f for i, f in findings.items() if isfinite(f.difference)}
    if not findings:
        return None
    hidden = len(findings) - MOST_BARS
    findings = {i: findings[i] for i in _farthest(comparison, findings, MOST_BARS)}
    margin = comparison.margin or 0.0
    scale = _extent([v for f in findings.values() for v in _known(f)], margin)
    bars = {i: _bar(i, f, scale) for i, f in findings.items()}
    return Forest(
        bars,
        tuple((_round(scale.percent(t)), _signed(t)) for t in scale.ticks(5)),
        _round(scale.percent(0.0)),
        (_round(scale.percent(-margin)), _round(scale.percent(margin))) if margin else None,
        any(bar.left or bar.right for bar in bars.values()),
        max(0, hidden),
    )


def _signed(tick: float) -> str:
    return f"{tick:+g}".replace("-", "\N{MINUS SIGN}") if tick else "0"


def _known(finding) -> Iterator[float]:
    yield from (v for v in (finding.difference, *finding.interval) if isfinite(v))


def _extent(values: Sequence[float], margin: float) -> _Scale:
    """From the least to the greatest, with zero and the margin; what lies far beyond the middle one is left outside."""
    far = np.abs(np.asarray(values))
    limit = max(FAR * float(np.median(far)), 1.5 * margin) if len(values) > 6 else float(far.max())
    low, high = (float(np.clip(v, -limit, limit)) for v in (min(0, -margin, *values), max(0, margin, *values)))
    room = 0.06 * (high - low) or 0.01
    return _Scale(low - room, high + room)


def _bar(i: int, finding, scale: _Scale) -> Bar:
    ends = finding.interval if all(map(isfinite, finding.interval)) else (finding.difference, finding.difference)
    low, high = (float(scale.percent(v)) for v in ends)
    point = float(scale.percent(finding.difference))
    cut = [_round(np.clip(v, 0, 100)) for v in (point, low, high)]
    known = isfinite(finding.interval[0])
    return Bar(i, cut[0], cut[1] if known else None, cut[2] if known else None, low < 0, high > 100)
