"""Captions of figures: the same sentences below the figures and on the page."""

from collections.abc import Callable, Sequence
from math import isfinite

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.report.plots.axis import Scale
from ablation.report.plots.plot_data import Panel, Series
from ablation.report.plots.variant_curves import NOT_COMPARABLE
from ablation.report.wording.verdict_text import assumption_sentence
from ablation.statistics.protocol import MIN_SEEDS
from ablation.statistics.verdict import PairResult
from ablation.text import list_with_more, plural

MAX_NAMES = 4  # names in one sentence


def overlay_notes(variants: Sequence[ComparedVariant], panels: Sequence[Panel]) -> list[str]:
    """Explain the lines, bands, marks and crosses of the overlay, and list what is not drawn."""
    notes = _mean_and_band(variants, panels)
    if _count_blocked(variants):
        notes.append(f"{NOT_COMPARABLE.strip()} Not comparable: it differs in more than was declared.")
    notes += _not_drawn(variants, panels)
    if any(variant.diverged for variant in variants):
        notes.append("Cross: a run that diverged; no mean includes it.")
    for panel in panels:
        if panel.threshold is not None:
            notes.append(f"Dashed: the threshold of {panel.threshold:g}.")
    return notes


def _mean_and_band(variants: Sequence[ComparedVariant], panels: Sequence[Panel]) -> list[str]:
    seeds = [len(variant.runs) for variant in variants if variant.runs]
    if not seeds:
        return []
    if max(seeds) == 1:
        return ["One seed." if len(variants) == 1 else "One seed each."]
    notes = [f"Line: mean over {_counted(seeds)}."]
    if _has_bands(panels):
        notes.append(f"Band: 95 % CI of the mean (Student's t){_from_enough(seeds)}.")
    return notes


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


def _count_blocked(variants: Sequence[ComparedVariant]) -> int:
    """Count the variants that are not comparable."""
    return sum(1 for variant in variants if variant.comparability.blocking)


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


def difference_notes(seeds: Sequence[int], panels: Sequence[Panel], x_key: str, excluded: Sequence[str]) -> list[str]:
    """Explain the lines and bands of the difference plot, and list the variants that are not drawn.

    seeds: seed counts of variants and references. excluded: names of the variants that are not comparable.
    """
    counted = "one seed each" if max(seeds) == 1 else _counted(seeds)
    notes = [f"Line: the variant's mean minus its reference's, {counted}."]
    if _has_bands(panels):
        point = "epoch" if x_key == "epoch" else "point"
        notes.append(f"Band: pointwise Welch 95 % CI at each {point}, not a simultaneous band{_from_enough(seeds)}.")
    notes += _gaps(panels)
    if excluded:
        notes.append(f"Excluded, not comparable: {list_with_more(excluded, MAX_NAMES)}.")
    without_mean = _names(panels, lambda series: not series.has_mean)
    if without_mean:
        notes.append(f"No range of this axis shared with the reference: {without_mean}.")
    return notes


def forest_notes(comparison: Comparison, drawn: Sequence[PairResult], x: Scale, total: int) -> list[str]:
    """Explain the intervals and verdicts of the forest plot, and say how many variants are not drawn.

    drawn: the results of its rows. x: the scale of its axis. total: number of differences, drawn or not.
    """
    notes = ["Bar: Welch's 95 % CI of this difference alone."]
    if any(_is_cut(result, x) for result in drawn):
        notes.append("Arrow: the interval continues beyond the axis.")
    notes += _correction(comparison, total)
    if comparison.margin:
        notes.append(f"Green band: the equivalence margin, {comparison.margin:g} to either side.")
    assumption = assumption_sentence(comparison)
    if assumption:
        notes.append(assumption)
    if len(drawn) < total:
        notes.append(f"Only the {len(drawn)} largest of {total:,} differences are shown.")
    blocked = _count_blocked(comparison.variants)
    if blocked:
        notes.append(f"Not shown, because not comparable: {plural(blocked, 'variant')}.")
    return notes


def _is_cut(result: PairResult, x: Scale) -> bool:
    low, high = result.interval
    return isfinite(low) and (low < x.low or high > x.high)


def _correction(comparison: Comparison, total: int) -> list[str]:
    """Explain why an interval may exclude zero although the verdict is inconclusive."""
    comparisons = max(comparison.comparisons, total)
    if comparison.effects_only:
        return ["Individual differences are not tested; only effects are."]
    if comparisons < 2:
        return []
    looks = " and for the interim analyses" if comparison.max_seeds else ""
    return [
        f"Verdicts are corrected for {comparisons} comparisons (Holm){looks}, so an interval may exclude 0 where the "
        "verdict is inconclusive."
    ]
