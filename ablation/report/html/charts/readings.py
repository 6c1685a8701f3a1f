"""The values of learning curves that the page shows on hover, as JSON."""

from collections.abc import Sequence
from math import isfinite

import numpy as np

from ablation.report.plots.plot_data import Panel, Series, XAxis
from ablation.report.wording.number_format import count

MAX_POINTS = 200  # of a line; longer ones are thinned


def readings(panel: Panel, x_axis: XAxis, series: Sequence[Series]) -> dict[str, object]:
    """Collect the values shown on hover, for JSON.

    x: positions in percent of the width. heads: the same x values as text. low, high, log: the y axis. variants: lists
    of means and of both ends of the band at each x, null where there is no value.
    """
    with_mean = [curve for curve in series if curve.has_mean]
    grid = _grid(with_mean)
    variants = {}
    for curve in with_mean:
        variants[str(curve.variant)] = _numbers(curve, grid, exact=x_axis.key == "epoch")
    return {
        "x": np.round(panel.x.percent(grid), 2).tolist(),
        "heads": [_head(x_axis, x) for x in grid.tolist()],
        "low": panel.y.low,
        "high": panel.y.high,
        "log": panel.y.log,
        "variants": variants,
    }


def thinned(length: int) -> np.ndarray:
    """Indices of at most MAX_POINTS points, including the first and the last."""
    return np.unique(np.linspace(0, length - 1, min(MAX_POINTS, length)).round().astype(int))


def _grid(series: Sequence[Series]) -> np.ndarray:
    """Return all x values, thinned to MAX_POINTS; the end of each curve is always included."""
    if not series:
        return np.empty(0)
    values, ends = [], []
    for curve in series:
        values.append(curve.x)
        ends.append(curve.x[-1:])
    distinct = np.unique(np.concatenate(values))
    return np.unique(np.concatenate([distinct[thinned(len(distinct))], *ends]))


def _head(x_axis: XAxis, x: float) -> str:
    if x_axis.key == "epoch":
        return f"Epoch {round(x)}"
    name = x_axis.label.partition(" (")[0]
    return f"{name}: {_amount(x)}"


def _amount(x: float) -> str:
    if x.is_integer() and x < 1e6:
        return f"{x:,.0f}"
    return f"{x:.3g}" if x < 1000 else count(x)


def _numbers(series: Series, grid: np.ndarray, exact: bool) -> list[list[float | None]]:
    """Read mean, low and high on the grid. exact: only at points of the curve; else interpolated between them."""
    numbers = []
    for values in (series.mean, series.low, series.high):
        at_grid = np.interp(grid, series.x, values, left=np.nan, right=np.nan)
        if exact:
            at_grid[~np.isin(grid, series.x)] = np.nan
        numbers.append([_short(value) for value in at_grid.tolist()])
    return numbers


def _short(value: float) -> float | None:
    """Round to four significant digits; None, which becomes null in JSON, for nan and infinity."""
    return float(f"{value:.4g}") if isfinite(value) else None
