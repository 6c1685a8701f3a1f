"""Place labels and single points so that they do not overlap."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ablation.report.plots.plot_data import Series, XAxis


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
