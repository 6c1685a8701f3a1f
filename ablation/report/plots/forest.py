"""The forest plot: each variant's final difference from its reference, with its intervals, seeds and verdict."""

import math
from dataclasses import replace

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.redaction import printable
from ablation.report.plots import forest_captions, limits
from ablation.report.plots.forest_data import ALONE, BONFERRONI, EQUIVALENCE, ForestPlot, ForestRow, is_drawn
from ablation.report.plots.variant_curves import only
from ablation.report.wording.verdict_text import verdict_detail, verdict_text
from ablation.statistics.intervals import UNKNOWN, Interval
from ablation.statistics.pair import Pair
from ablation.statistics.verdict import EQUIVALENT, TOO_FEW, WHERE_TRAINED, PairResult

MAX_ROWS = 60  # of more differences, only the largest are drawn
MAX_DOTS = 2000  # of all rows together; with more, none is drawn
TOLERANCE = 1e-9  # relative difference below which two intervals are drawn as one


def forest(comparison: Comparison) -> ForestPlot | None:
    """Compute the rows in the comparison's order; None where there is no difference."""
    all_rows = _rows(comparison)
    if not all_rows:
        return None
    reference = only(row.reference for row in all_rows)
    rows = _with_few_dots(largest(all_rows))
    if reference is None:
        rows = [replace(row, name=f"{row.name} − {row.reference}") for row in rows]
    scale = limits.forest_scale(rows, comparison.margin)
    left, right = "worse", "better"
    if not comparison.metric.higher:
        left, right = right, left
    return ForestPlot(
        rows=tuple(rows),
        x=scale,
        metric=comparison.metric,
        reference=reference or "its reference",
        left=left,
        right=right,
        margin=comparison.margin,
        decimals=comparison.decimals,
        notes=tuple(forest_captions.forest_notes(comparison, rows, scale, len(all_rows))),
        disclosures=tuple(forest_captions.disclosures(comparison)),
    )


def _rows(comparison: Comparison) -> list[ForestRow]:
    rows = []
    for place, variant in enumerate(comparison.variants):
        if variant.result is not None and math.isfinite(variant.result.difference):
            rows.append(_row(comparison, place, variant, variant.result))
    return rows


def _row(comparison: Comparison, place: int, variant: ComparedVariant, result: PairResult) -> ForestRow:
    row = ForestRow(
        place=place,
        name=printable(variant.label),
        difference=result.difference,
        reference=printable(result.reference.label),
        outcome=result.verdict,
        verdict=printable(verdict_text(comparison, variant)),
        detail=printable(verdict_detail(comparison, variant)),
        dots=dots(result.pair),
        paired=result.pair.paired,
        seeds=_seeds(result.pair),
        by_later_step=result.by_later_step,
    )
    if result.verdict == "":  # in a factorial study
        return replace(row, thick=result.interval)
    if _is_by_equivalence(result):
        return replace(row, thick=result.equivalence_interval, kind=EQUIVALENCE)
    if result.verdict == TOO_FEW or not is_drawn(result.simultaneous):
        return replace(row, thin=result.interval)
    return replace(
        row,
        thick=result.simultaneous,
        thin=UNKNOWN if are_equal(result.simultaneous, result.interval) else result.interval,
        kind=BONFERRONI if comparison.comparisons > 1 else ALONE,
    )


def dots(pair: Pair) -> tuple[float, ...]:
    """The difference of each pair of runs; unpaired, each run minus the reference's mean. Empty for a single one."""
    if pair.paired:
        values = pair.gaps
    else:
        values = pair.offsets
    return tuple(values.tolist()) if len(values) > 1 else ()


def _with_few_dots(rows: list[ForestRow]) -> list[ForestRow]:
    """The rows, without dots if there are more than MAX_DOTS."""
    if sum(len(row.dots) for row in rows) <= MAX_DOTS:
        return rows
    return [replace(row, dots=()) for row in rows]


def _seeds(pair: Pair) -> str:
    if pair.paired or pair.arm.n == pair.reference.n:
        return f"{pair.n}"
    return f"{pair.arm.n} vs {pair.reference.n}"


def _is_by_equivalence(result: PairResult) -> bool:
    """Check that the text of the verdict says `equivalent`, which rests on the 90 % CI."""
    return result.outcome == EQUIVALENT and result.verdict in (EQUIVALENT, WHERE_TRAINED)


def are_equal(one: Interval, other: Interval) -> bool:
    """Check whether two intervals are drawn as one."""
    size = max(map(abs, one))
    return math.isclose(one.low, other.low, abs_tol=TOLERANCE * size) and math.isclose(
        one.high, other.high, abs_tol=TOLERANCE * size
    )


def largest(rows: list[ForestRow]) -> list[ForestRow]:
    """At most MAX_ROWS rows, those of the largest differences, in their order."""
    if len(rows) <= MAX_ROWS:
        return rows
    by_size = sorted(rows, key=lambda row: (-abs(row.difference), row.place))
    return sorted(by_size[:MAX_ROWS], key=lambda row: row.place)
