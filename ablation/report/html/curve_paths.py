"""Where the report's curves over epochs lie, as numbers for inline SVG.

Places are percent of a drawing's width and height, so that it grows with the page while its text and strokes do not;
curves are paths in a box of WIDE x HIGH, which the page stretches.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
from markupsafe import Markup

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.comparison.analysis.learning_curves import METRICS
from ablation.report.figures.axis import Scale, rounded
from ablation.report.figures.plot_data import LOG_FROM
from ablation.report.figures.style import spread_labels
from ablation.report.html.arm_selection import DIRECT, drawn
from ablation.text import shorten

WIDE, HIGH = 2000, 1000
MOST_POINTS, MOST_SEEDS = 200, 120  # epochs of one line; seeds that are drawn behind the means
LONGEST = 22  # characters that labels at the line ends have room for
GAP, CHARACTER, THREAD = 5.4, 6.6, 22  # percent between labels; pixels of a character, and of the thread to a label


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

    level: percent of the height where the threshold lies, None where it is of another curve. values: what hovering
    shows: the epochs, their percent of the width, and of each arm mean, lowest and highest.
    """

    title: str
    lines: tuple[Line, ...]
    lost: tuple[Lost, ...]
    across: tuple[tuple[float, str], ...]
    up: tuple[tuple[float, str], ...]
    room: float
    level: float | None
    values: dict


def panels(comparison: Comparison) -> list[Panel]:
    """Training loss, or the metric where it is of training, and the validation curve of the metric.

    Empty where no run has come as far as one epoch.
    """
    validation = "val_loss" if "loss" in comparison.metric.key else "val_accuracy"
    training = "accuracy" if comparison.metric.key == "accuracy" else "loss"
    shown = {i: comparison.variants[i] for i in drawn(comparison)}
    lengths = [len(run.history[validation]) for row in shown.values() for run in (*row.runs, *row.diverged)]
    keys = (training, validation) if any(lengths) else ()
    return [_panel(METRICS[key], key, shown, _level(comparison, key)) for key in keys]


def _level(comparison: Comparison, key: str) -> float | None:
    return comparison.threshold.value if comparison.threshold and comparison.threshold.metric == key else None


@dataclass(frozen=True)
class _Curve:
    """values: float64 (seeds, epochs); at: the epochs, of a grid that all curves of a panel share."""

    at: np.ndarray
    values: np.ndarray


def _panel(title: str, key: str, rows: dict[int, ComparedVariant], level: float | None) -> Panel:
    grid = _grid([[len(run.history[key]) for run in row.runs] for row in rows.values() if row.runs])
    curves = {i: _curve(row.runs, key, grid) for i, row in rows.items() if row.runs}
    lost = [(i, run.seed, np.array(run.history[key], dtype=float)) for i, row in rows.items() for run in row.diverged]
    across = Scale(1, max([2, *grid[-1:] + 1, *(len(values) for *_, values in lost)]))
    shown = [c.values for c in curves.values()] or [values for *_, values in lost]
    up = _range([*shown, *([np.array([level])] if level is not None else [])], key)
    direct = 1 < len(curves) <= DIRECT
    names = dict(zip(curves, shorten([rows[i].label for i in curves], LONGEST), strict=True))
    ends = [float(np.nan_to_num(100 - up.percent(c.values[:, -1].mean()), posinf=0, neginf=0)) for c in curves.values()]
    few = sum(len(c.values) for c in curves.values()) <= MOST_SEEDS
    return Panel(
        title,
        tuple(
            _line(i, names[i], curve, end, place, across, up, few)
            for (i, curve), end, place in zip(curves.items(), ends, spread_labels(ends, GAP, 0, 100), strict=True)
        ),
        tuple(_lost(i, f"{rows[i].label} seed {seed}", values, across, up) for i, seed, values in lost[:MOST_SEEDS]),
        tuple((rounded(across.percent(t)), f"{t:g}") for t in across.ticks(whole=True)),
        tuple((rounded(100 - up.percent(t)), f"{t:g}") for t in up.ticks()),
        THREAD + CHARACTER * max(map(len, names.values())) if direct else 0,
        None if level is None else rounded(100 - up.percent(level)),
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


def _range(values: Sequence[np.ndarray], key: str) -> Scale:
    every = np.concatenate([v.ravel() for v in values])
    every = every[np.isfinite(every)]
    low, high = (float(every.min()), float(every.max())) if len(every) else (0.0, 1.0)
    if "loss" in key and low > 0 and high > LOG_FROM * low:
        return Scale(low / 1.1, high * 1.1, log=True)
    margin = 0.04 * (high - low) or 0.05 * abs(high) or 0.05
    return Scale(low - margin, high + margin if "loss" in key else max(min(high + margin, 1.01), high + 1e-9))


def _line(i: int, name: str, curve: _Curve, end: float, place: float, across: Scale, up: Scale, thin: bool) -> Line:
    low, mean, high = curve.values.min(0), curve.values.mean(0), curve.values.max(0)
    many = len(curve.values) > 1
    x = across.percent(curve.at + 1)
    band = f"{_path(x, up.percent(high))}{_path(x[::-1], up.percent(low[::-1]), 'L')}Z" if many else ""
    seeds = "".join(_path(x, up.percent(values)) for values in curve.values) if many and thin else ""
    return Line(i, name, _path(x, up.percent(mean)), Markup(band), Markup(seeds), rounded(end), rounded(place))


def _lost(i: int, label: str, values: np.ndarray, across: Scale, up: Scale) -> Lost:
    """Drawn as far as it came; a run lost in its first epoch is a cross at the upper edge."""
    values = values[np.isfinite(values)]
    if not len(values):
        return Lost(i, label, "", 0.0, 0.0)
    at = _thinned(len(values))
    x, y = across.percent(at + 1), np.clip(up.percent(values[at]), -100, 200)
    return Lost(i, label, _path(x, y), rounded(x[-1]), rounded(100 - np.clip(y[-1], 0, 100)))


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


def _values(grid: np.ndarray, across: Scale, up: Scale, curves: dict[int, _Curve]) -> dict:
    return {
        "epochs": (grid + 1).tolist(),
        "x": [rounded(x) for x in across.percent(grid + 1)] if len(grid) else [],
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
