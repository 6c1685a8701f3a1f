"""Place labels and single points so that they do not overlap."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ablation.report.plots.plot_data import Series, XAxis

GOLDEN_RATIO = (5**0.5 - 1) / 2
CLOSE = 6.0  # percent of the width: points that are closer share a column of labels


def spread_labels(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return the positions nearest to the wanted ones, in the same order, `gap` apart and within [low, high].

    An isotonic regression (pool adjacent violators): labels that would collide are centred on their common mean.
    """
    order = np.argsort(wanted, kind="stable")
    blocks: list[list[float]] = []
    for rank, index in enumerate(order):
        blocks.append([wanted[index] - rank * gap])
        while len(blocks) > 1 and np.mean(blocks[-2]) >= np.mean(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    means: list[float] = []
    for block in blocks:
        means += [float(np.mean(block))] * len(block)
    places = np.clip(means, low, max(low, high - (len(order) - 1) * gap)) + gap * np.arange(len(order))
    return places[np.argsort(order)].tolist()


def beside_each_other(series: Sequence[Series], x_axis: XAxis) -> list[Series]:
    """Shift series of a single epoch sideways, so that the variants of a panel stand side by side.

    On other axes, a single epoch stays at its time or step.
    """
    placed = []
    for index, curve in enumerate(series):
        if len(curve.x) == 1 and x_axis.key == "epoch":
            shift = 0.8 * (index - (len(series) - 1) / 2) / max(len(series), 10)
            curve = replace(curve, x=curve.x + shift)
        placed.append(curve)
    return placed


def jitter(count: int) -> list[float]:
    """Offsets between -0.5 and 0.5 that keep the points of a row apart; always the same ones.

    Multiples of the golden ratio, which fill the range evenly for any count.
    """
    return [place * GOLDEN_RATIO % 1 - 0.5 for place in range(1, count + 1)]


@dataclass(frozen=True)
class Beside:
    """Position of the label of a point, in percent of the axes. x: its left edge. y: its middle."""

    x: float
    y: float


def beside_points(points: Sequence[tuple[float, float]], width: float, gap: float) -> list[Beside]:
    """Place a label right of each point, `gap` apart in height.

    Points of about the same x are a cluster: its labels stand in one column right of it. Clusters whose labels would
    cover another's points or labels become one. points: x and y. width: of the widest label. All in percent of the
    axes, with y upwards or downwards.
    """
    columns: list[_Column] = []
    for index in sorted(range(len(points)), key=lambda index: points[index]):
        column = _Column([index], points, width, gap)
        while columns and columns[-1].covers(column):
            column = _Column([*columns.pop().indices, *column.indices], points, width, gap)
        columns.append(column)
    places: dict[int, Beside] = {}
    for column in columns:
        for index, height in zip(column.indices, column.heights, strict=True):
            places[index] = Beside(column.right, height)
    return [places[index] for index in range(len(points))]


class _Column:
    """The labels of some points, in a column right of them."""

    def __init__(self, indices: list[int], points: Sequence[tuple[float, float]], width: float, gap: float) -> None:
        """indices: of the points, by x. width: of a label. gap: between labels."""
        self.indices = indices
        self.width, self.gap = width, gap
        self.left, self.right = points[indices[0]][0], points[indices[-1]][0]
        self.point_heights = [points[index][1] for index in indices]
        self.heights = spread_labels(self.point_heights, gap, 0, 100)

    def covers(self, other: "_Column") -> bool:
        """Check whether the labels would cover points or labels of another column, which lies further right."""
        if other.left - self.right < CLOSE:
            return True
        if self.right + self.width <= other.left:
            return False
        heights = list(other.point_heights)
        if self.right + self.width > other.right:
            heights += other.heights
        return min(self.heights) - self.gap < max(heights) and min(heights) < max(self.heights) + self.gap
