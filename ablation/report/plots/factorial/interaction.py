"""The interaction plot of a factorial design (Box, Hunter & Hunter 2005): the metric at two components' levels."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from math import inf, isfinite

import numpy as np

from ablation.comparison.analysis.comparison import Comparison
from ablation.redaction import printable
from ablation.report.plots import captions, limits
from ablation.report.plots.plot_data import InteractionPanel, InteractionPlot, Series
from ablation.report.wording.metric_format import metric_format
from ablation.report.wording.number_format import typeset
from ablation.statistics.factorial import INTERACTION, Design, Effect, contrast
from ablation.statistics.intervals import Interval
from ablation.text import capitalized

MAX_PANELS = 6  # of more pairs of components, those with the smallest p are drawn
APART = 0.04  # between the bars of two lines at the same level, in levels


def interaction(comparison: Comparison) -> InteractionPlot | None:
    """Compute a panel for each pair of components; None where the design cannot estimate interactions."""
    design = comparison.factorial
    if design is None or not design.has_interactions:
        return None
    pairs = list(combinations(range(len(design.sizes)), 2))
    chosen = sorted(sorted(pairs, key=lambda pair: _smallest_p(comparison, design, pair))[:MAX_PANELS])
    panels = []
    for pair in chosen:
        panel = _panel(comparison, design, pair)
        if panel is not None:
            panels.append(panel)
    if not panels:
        return None
    lines = [line for panel in panels for line in panel.lines]
    means = [mean for line in lines for mean in line.mean.tolist()]
    ends = [
        Interval(low, high) for line in lines for low, high in zip(line.low.tolist(), line.high.tolist(), strict=True)
    ]
    y = limits.mean_scale(means, ends, comparison.metric.largest)
    return InteractionPlot(
        panels=tuple(panels),
        y=y,
        y_label=capitalized(comparison.metric.name),
        notes=(
            *captions.exploratory_notes(comparison),
            comparison.metric.caption,
            *_notes(design, len(pairs), len(panels)),
            *captions.cut_note(ends, y),
        ),
    )


def _ends(lines: Sequence[Series]) -> list[Interval]:
    ends = []
    for line in lines:
        for low, high in zip(line.low.tolist(), line.high.tolist(), strict=True):
            ends.append(Interval(low, high))
    return ends


def _effects_of(comparison: Comparison, design: Design, pair: tuple[int, int]) -> list[Effect]:
    """The interactions of the removals of two components."""
    first, second = (set(design.removals[index]) for index in pair)
    found = []
    for effect in comparison.effects:
        if effect.kind == INTERACTION and effect.components[0] in first and effect.components[1] in second:
            found.append(effect)
    return found


def _smallest_p(comparison: Comparison, design: Design, pair: tuple[int, int]) -> float:
    ps = [effect.p for effect in _effects_of(comparison, design, pair) if isfinite(effect.p)]
    return min(ps, default=inf)


def _panel(comparison: Comparison, design: Design, pair: tuple[int, int]) -> InteractionPanel | None:
    """Average each combination of levels over the other components; None if a combination has no run."""
    first, second = pair
    lines = []
    for level, name in enumerate(line_names(design.removals[second])):
        line = _line(design, {second: level}, first, Series(level, name, baseline=level == 0))
        if line is None:
            return None
        lines.append(line)
    shifts = APART * (np.arange(len(lines)) - (len(lines) - 1) / 2)
    shifted = [replace(line, x=line.x + shift) for line, shift in zip(lines, shifts, strict=True)]
    return InteractionPanel(
        title=" × ".join(component_name(design.removals[index]) for index in pair),
        estimate=_estimate(comparison, design, pair),
        x_label=component_name(design.removals[first]),
        levels=level_names(design.removals[first]),
        lines=tuple(shifted),
    )


def _line(design: Design, fixed: dict[int, int], along: int, line: Series) -> Series | None:
    means, lows, highs = [], [], []
    for level in range(design.sizes[along]):
        cells = design.at({**fixed, along: level})
        estimate = contrast(dict.fromkeys(cells, 1 / max(1, len(cells))), design.cells)
        if not isfinite(estimate.value):
            return None
        ends = estimate.interval()
        means.append(estimate.value)
        lows.append(ends.low if isfinite(ends.low) else estimate.value)
        highs.append(ends.high if isfinite(ends.high) else estimate.value)
    return replace(
        line, x=np.arange(len(means), dtype=float), mean=np.array(means), low=np.array(lows), high=np.array(highs)
    )


def component_name(removals: Sequence[str]) -> str:
    """`norm`; of `width.half` and `width.quarter`, `width`."""
    if len(removals) == 1:
        return printable(removals[0])
    return printable(removals[0].partition(".")[0])


def level_names(removals: Sequence[str]) -> tuple[str, ...]:
    """`with`, `without`; with alternatives `baseline`, `half`, `quarter`."""
    if len(removals) == 1:
        return "with", "without"
    return ("baseline", *(printable(removal.partition(".")[2] or removal) for removal in removals))


def line_names(removals: Sequence[str]) -> list[str]:
    """`with norm`, `without norm`; with alternatives `width: baseline`, `width: half`, `width: quarter`."""
    name = component_name(removals)
    if len(removals) == 1:
        return [f"{level} {name}" for level in level_names(removals)]
    return [f"{name}: {level}" for level in level_names(removals)]


def _estimate(comparison: Comparison, design: Design, pair: tuple[int, int]) -> str:
    """The interaction, `−0.031 [−0.042, −0.020]`; empty where it is not a single number."""
    found = _effects_of(comparison, design, pair)
    if len(found) != 1 or not isfinite(found[0].difference):
        return ""
    written = metric_format(comparison)
    return typeset(f"{written.difference(found[0].difference)} {written.bracketed(found[0].interval)}".strip())


def _notes(design: Design, pairs: int, drawn: int) -> list[str]:
    mean = "Point: mean of the cell's runs."
    if len(design.sizes) > 2:
        mean = "Point: mean of the cells with these two levels, over all levels of the other components."
    notes = [mean, "Bar: its 95 % CI."]
    notes.append("Parallel lines: no interaction. Above a panel: the interaction with its 95 % CI, not corrected.")
    if drawn < pairs:
        notes.append(f"Only {drawn} of {pairs} pairs of components are shown, those with the smallest p.")
    return notes
