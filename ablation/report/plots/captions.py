"""Captions of learning curves: the same sentences below the figures and on the page."""

from collections.abc import Callable, Sequence

from ablation.comparison.analysis import learning_curves
from ablation.comparison.analysis.comparison import PERCENT, ComparedVariant, Comparison
from ablation.redaction import printable
from ablation.report.plots.axis import Scale
from ablation.report.plots.forest_data import is_drawn
from ablation.report.plots.plot_data import Panel, Series
from ablation.report.plots.variant_curves import NOT_COMPARABLE
from ablation.report.wording.verdict_text import exploratory_sentence
from ablation.statistics.intervals import Interval
from ablation.statistics.protocol import MIN_SEEDS
from ablation.text import list_with_more, plural

MAX_NAMES = 4  # names in one sentence
SHARES = frozenset(learning_curves.METRICS[key] for key in learning_curves.HIGHER)  # titles of curves of accuracies


def exploratory_notes(comparison: Comparison) -> list[str]:
    """Say why the comparison is exploratory, in printable text; empty if it is not."""
    return [printable(sentence) for sentence in exploratory_sentence(comparison)]


def overlay_notes(variants: Sequence[ComparedVariant], panels: Sequence[Panel], percent: bool = False) -> list[str]:
    """Explain the lines, bands, marks and crosses of the overlay, and list what is not drawn."""
    notes = _mean_and_band(variants, panels)
    if _has_bands(panels):
        notes += paired_note(variants)
    if any(variant.comparability.blocking for variant in variants):
        notes.append(f"{NOT_COMPARABLE.strip()} Not comparable: it differs in more than was declared.")
    notes += _not_drawn(variants, panels)
    if any(_has_cut_band(panel) for panel in panels):
        notes.append("On a log axis, a band that contains 0 continues to the lower edge.")
    if any(variant.diverged for variant in variants):
        notes.append("Cross: a run that diverged; no mean includes it.")
    for panel in panels:
        if panel.threshold is not None:
            is_share = percent and panel.metric in SHARES
            value = f"{PERCENT * panel.threshold:g} %" if is_share else f"{panel.threshold:g}"
            notes.append(f"Dashed: the threshold of {value}.")
    return notes


def _has_cut_band(panel: Panel) -> bool:
    return panel.y.log and any(series.has_band and (series.low <= 0).any() for series in panel.with_mean)


def _mean_and_band(variants: Sequence[ComparedVariant], panels: Sequence[Panel]) -> list[str]:
    seeds = [len(variant.runs) for variant in variants if variant.runs]
    if not seeds:
        return []
    if max(seeds) == 1:
        return ["One seed." if len(variants) == 1 else "One seed each."]
    line, band = ("Point", "Bar") if _are_points(panels) else ("Line", "Band")
    notes = [f"{line}: mean over {_counted(seeds)}."]
    if _has_bands(panels):
        notes.append(f"{band}: 95 % CI of the mean (Student's t){_from_enough(seeds)}.")
    return notes


def _are_points(panels: Sequence[Panel]) -> bool:
    """Check that every mean has a single epoch, which is drawn as a point with a bar."""
    return all(len(series.x) == 1 for panel in panels for series in panel.with_mean)


def _counted(seeds: Sequence[int]) -> str:
    """Format the seed counts: `3 seeds`, or `2 to 5 seeds`."""
    fewest, most = min(seeds), max(seeds)
    return plural(most, "seed") if fewest == most else f"{fewest} to {plural(most, 'seed')}"


def _from_enough(seeds: Sequence[int]) -> str:
    """Limit a sentence about bands to variants with enough seeds, where some have too few."""
    return f", of {MIN_SEEDS} seeds or more" if min(seeds) < MIN_SEEDS else ""


def _has_bands(panels: Sequence[Panel]) -> bool:
    return bool(_names(panels, lambda series: series.has_band))


def _names(panels: Sequence[Panel], chosen: Callable[[Series], bool]) -> str:
    """Join the names of the chosen series, each once."""
    names: dict[str, None] = {}
    for panel in panels:
        for series in panel.series:
            if chosen(series):
                names[series.name] = None
    return list_with_more(names, MAX_NAMES)


def paired_note(variants: Sequence[ComparedVariant]) -> list[str]:
    """Say that bands, which are of means, are not paired although verdicts are; empty where no verdict is paired."""
    tested = [variant for variant in variants if variant.result is not None and variant.result.verdict]
    paired = [printable(variant.label) for variant in tested if variant.result and variant.result.pair.paired]
    if not paired:
        return []
    if len(paired) == len(tested):
        return ["The verdicts are paired by seed; the bands are not."]
    return [f"The verdicts on {list_with_more(paired, MAX_NAMES)} are paired by seed; the bands are not."]


def _not_drawn(variants: Sequence[ComparedVariant], panels: Sequence[Panel]) -> list[str]:
    """List runs without x values, variants whose seeds share no range of x, and epochs without a finite value."""
    notes = []
    unplaced = _count_unplaced(variants, panels)
    if unplaced:
        notes.append(f"Not drawn, because they recorded no value on this axis: {plural(unplaced, 'run')}.")
    without_mean = _names(panels, lambda series: bool(series.seeds) and not series.has_mean)
    if without_mean:
        notes.append(f"No mean, because the seeds share no range of this axis: {without_mean}.")
    return notes + _gaps(panels)


def _count_unplaced(variants: Sequence[ComparedVariant], panels: Sequence[Panel]) -> int:
    """Count the runs missing from the panel with the fewest lines."""
    runs = sum(len(variant.runs) for variant in variants)
    return runs - min(panel.seed_count for panel in panels)


def _gaps(panels: Sequence[Panel]) -> list[str]:
    if _names(panels, lambda series: series.has_gaps):
        return ["Epochs without a finite value are left out."]
    return []


def difference_notes(
    seeds: Sequence[int],
    panels: Sequence[Panel],
    x_key: str,
    excluded: Sequence[str],
    drawn: Sequence[ComparedVariant] = (),
) -> list[str]:
    """Explain the lines and bands of the difference plot, and list the variants that are not drawn.

    seeds: seed counts of variants and references. excluded: names of the variants that are not comparable. drawn: the
    variants with a line.
    """
    counted = "one seed each" if max(seeds) == 1 else _counted(seeds)
    notes = [f"Line: the variant's mean minus its reference's, {counted}."]
    if _has_bands(panels):
        point = "epoch" if x_key == "epoch" else "point"
        notes.append(f"Band: pointwise Welch 95 % CI at each {point}, not a simultaneous band{_from_enough(seeds)}.")
        notes += paired_note(drawn)
    notes += _gaps(panels)
    if excluded:
        notes.append(f"Excluded, not comparable: {list_with_more(excluded, MAX_NAMES)}.")
    without_mean = _names(panels, lambda series: not series.has_mean)
    if without_mean:
        notes.append(f"No range of this axis shared with the reference: {without_mean}.")
    return notes


def cut_note(ends: Sequence[Interval], y: Scale) -> list[str]:
    """Explain intervals that continue beyond the axis."""
    if any(is_drawn(interval) and (interval.low < y.low or interval.high > y.high) for interval in ends):
        return ["A bar that ends at the edge continues beyond it."]
    return []
