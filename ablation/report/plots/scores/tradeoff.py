"""The metric against what a variant costs: parameters, MACs and time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf
from statistics import fmean

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.report.plots import captions, limits
from ablation.report.plots.axis import Scale
from ablation.report.plots.forest_data import BASELINE, PLAIN
from ablation.report.plots.plot_data import CostPanel, CostPoint, TradeoffPlot
from ablation.report.plots.variant_curves import TIME_UNITS, marked_names
from ablation.report.wording.number_format import is_known
from ablation.statistics import intervals
from ablation.text import capitalized, plural

LOG_FROM = 10  # costs that span more than this factor get a log axis
SAME_TIME = 1.1  # largest ratio of times that counts as equal: a time varies from one training to the next
ROOM = 0.08  # beside the points, in shares of their span
MAX_VARIANTS = 500  # more points would hide each other


@dataclass(frozen=True)
class Cost:
    """Something that a variant costs. least_ratio: of the largest to the smallest value, above which a cost varies."""

    label: str
    value: Callable[[ComparedVariant], float | None]
    least_ratio: float = 1.0


def _seconds(variant: ComparedVariant) -> float | None:
    seconds = [run.seconds for run in variant.runs if run.seconds is not None]
    return fmean(seconds) if len(seconds) == len(variant.runs) else None


TIME = Cost("Seconds of training", _seconds, SAME_TIME)
COSTS = (
    Cost("Trainable parameters", lambda variant: variant.runs[0].parameters),
    Cost("MACs per image", lambda variant: variant.runs[0].macs),
    TIME,
)


def tradeoff(comparison: Comparison) -> TradeoffPlot | None:
    """Compute a panel for each cost that varies; None where none does, and for more than MAX_VARIANTS variants."""
    points = _points(comparison)
    if not 1 < len(points) <= MAX_VARIANTS:
        return None
    panels = []
    for cost in COSTS:
        known = [cost.value(comparison.variants[point.variant]) for point in points]
        costs = [value for value in known if value is not None]
        if len(costs) < len(known):
            continue
        if min(costs) >= 0 and max(costs) > cost.least_ratio * min(costs):
            panels.append(_panel(comparison, cost, points, costs))
    if not panels:
        return None
    judged = any(point.outcome != PLAIN for point in points)
    y = _y_scale(comparison, points)
    return TradeoffPlot(
        panels=tuple(panels),
        y=y,
        y_label=capitalized(comparison.metric.name),
        judged=judged,
        notes=(*captions.exploratory_notes(comparison), *_notes(comparison, panels, points, y)),
    )


def _points(comparison: Comparison) -> list[CostPoint]:
    """A point for each variant with a mean, so far without its cost."""
    points = []
    names = marked_names(comparison.variants)
    for place, (variant, name) in enumerate(zip(comparison.variants, names, strict=True)):
        if variant.runs and variant.arm.n:
            points.append(
                CostPoint(
                    variant=place,
                    name=name,
                    x=0.0,
                    y=variant.arm.mean,
                    ends=intervals.mean_interval(variant.arm.array),
                    outcome=_outcome(comparison, variant),
                )
            )
    return points


def _outcome(comparison: Comparison, variant: ComparedVariant) -> str:
    if variant.label == comparison.baseline:
        return BASELINE
    return variant.result.verdict or PLAIN if variant.result else PLAIN


def _panel(comparison: Comparison, cost: Cost, points: Sequence[CostPoint], costs: Sequence[float]) -> CostPanel:
    label = cost.label
    if cost is TIME:
        for least, unit, name in TIME_UNITS:
            if max(costs) >= least:
                costs, label = [seconds / unit for seconds in costs], label.replace("Seconds", name)
                break
    placed = [replace(point, x=float(value)) for point, value in zip(points, costs, strict=True)]
    return CostPanel(label, _x_scale(costs), tuple(placed), front(placed, comparison.metric.higher))


def _x_scale(costs: Sequence[float]) -> Scale:
    low, high = min(costs), max(costs)
    if low > 0 and high > LOG_FROM * low:
        factor = (high / low) ** ROOM
        return Scale(low / factor, high * factor, log=True)
    room = ROOM * (high - low)
    return Scale(low - room, high + room)


def _y_scale(comparison: Comparison, points: Sequence[CostPoint]) -> Scale:
    means, ends = [point.y for point in points], [point.ends for point in points]
    return limits.mean_scale(means, ends, comparison.metric.largest)


def front(points: Sequence[CostPoint], higher: bool) -> tuple[CostPoint, ...]:
    """The points that no other exceeds in mean at the same or a lower cost (Pareto), by cost; at least two, or none.

    higher: True if a higher value is better.
    """
    sign = 1 if higher else -1
    best, found = -inf, []
    for point in sorted(points, key=lambda point: (point.x, -sign * point.y, point.variant)):
        if sign * point.y > best:
            best = sign * point.y
            found.append(point)
    return tuple(found) if len(found) > 1 else ()


def _notes(comparison: Comparison, panels: Sequence[CostPanel], points: Sequence[CostPoint], y: Scale) -> list[str]:
    counts = sorted({comparison.variants[point.variant].arm.n for point in points})
    seeds = plural(counts[-1], "seed")
    if counts[0] < counts[-1]:
        seeds = f"{counts[0]} to {seeds}"
    notes = [comparison.metric.caption, f"Point: mean over {seeds}."]
    if any(is_known(point.ends) for point in points):
        notes.append("Bar: its 95 % CI (Student's t).")
        notes += captions.cut_note([point.ends for point in points], y)
    if any(panel.front for panel in panels):
        notes.append(
            "Dotted: the variants that no other exceeds in mean at the same or a lower cost; it takes no account of "
            "the CIs."
        )
    if any(panel.label.endswith("of training") for panel in panels):
        notes.append("Time: mean over the runs, which depends on the machine and on what else ran on it.")
    return notes
