"""The forest plot: each variant's final difference from its reference, with its 95 % CI and verdict."""

import math

from ablation.comparison.analysis.comparison import Comparison
from ablation.redaction import printable
from ablation.report.plots import captions, limits
from ablation.report.plots.plot_data import ForestPlot, ForestRow
from ablation.report.plots.variant_curves import only

MAX_ROWS = 60  # of more differences, only the largest are drawn


def forest(comparison: Comparison) -> ForestPlot | None:
    """Compute the rows in the comparison's order; None where there is no difference."""
    all_rows = _rows(comparison)
    if not all_rows:
        return None
    reference = only(printable(row.result.reference.label) for row in all_rows)
    rows = _largest(all_rows)
    if reference is None:
        rows = [_with_reference(row) for row in rows]
    results = [row.result for row in rows]
    scale = limits.forest_scale(results, comparison.margin)
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
        notes=tuple(captions.forest_notes(comparison, results, scale, len(all_rows))),
    )


def _rows(comparison: Comparison) -> list[ForestRow]:
    rows = []
    for place, variant in enumerate(comparison.variants):
        if variant.result is not None and math.isfinite(variant.result.difference):
            rows.append(ForestRow(place, printable(variant.label), variant.result))
    return rows


def _with_reference(row: ForestRow) -> ForestRow:
    name = f"{row.name} − {printable(row.result.reference.label)}"
    return ForestRow(row.variant, name, row.result)


def _largest(rows: list[ForestRow]) -> list[ForestRow]:
    if len(rows) <= MAX_ROWS:
        return rows
    by_size = sorted(rows, key=lambda row: (-abs(row.result.difference), row.variant))
    return sorted(by_size[:MAX_ROWS], key=lambda row: row.variant)
