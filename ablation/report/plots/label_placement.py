"""Places of labels and single points, so that none covers another."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ablation.report.plots.plot_data import Series


def spread_labels(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """The places nearest to the wanted ones that keep their order, lie `gap` apart, and are within [low, high].

    An isotonic regression (pool adjacent violators): labels that would collide move to their common mean.
    """
    order = np.argsort(wanted, kind="stable")
    blocks: list[list[float]] = []
    for rank, index in enumerate(order):
        blocks.append([wanted[index] - rank * gap])
        while len(blocks) > 1 and np.mean(blocks[-2]) >= np.mean(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    means = [np.mean(block) for block in blocks for _ in block]
    places = np.clip(means, low, max(low, high - (len(order) - 1) * gap)) + gap * np.arange(len(order))
    return [float(places[rank]) for rank in np.argsort(order)]


def beside_each_other(series: Series, index: int, count: int) -> Series:
    """Shift a series of a single epoch, so that those of all variants stand side by side.

    index, count: its place among the variants that share the panel, and how many these are.
    """
    if len(series.x) != 1:
        return series
    shift = 0.8 * (index - (count - 1) / 2) / max(count, 10)
    return replace(series, x=series.x + shift)
