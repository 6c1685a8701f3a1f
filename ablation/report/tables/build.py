"""Compute the table of a comparison."""

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.tables.caption import caption, general_notes
from ablation.report.tables.columns import Row, build_columns, is_judged
from ablation.report.tables.effects import effects_grid
from ablation.report.tables.records import effect_record, variant_records
from ablation.report.tables.table import Grid, Table, TableHeader
from ablation.report.wording.footnotes import Footnotes
from ablation.report.wording.number_format import ROUNDING_NOISE


def build_table(comparison: Comparison) -> Table:
    """Build the table from which every target is written."""
    records = variant_records(comparison)
    rows = [Row(variant, record) for variant, record in zip(comparison.variants, records, strict=True)]
    footnotes = Footnotes(comparison.variants)
    columns = build_columns(comparison, rows, footnotes)
    return Table(
        header=_header(comparison),
        variants=Grid(
            caption(comparison, columns),
            tuple(columns),
            (*footnotes.lines(), *general_notes(comparison)),
            () if is_judged(comparison) else best_rows(comparison),
        ),
        records=records,
        effects=effects_grid(comparison),
        effect_records=tuple(map(effect_record, comparison.effects)),
    )


def best_rows(comparison: Comparison) -> tuple[int, ...]:
    """Indices of the rows with the best mean; empty where all rows tie."""
    means = {row: variant.arm.mean for row, variant in enumerate(comparison.variants) if variant.arm.n}
    if not means:
        return ()
    best = max(means.values()) if comparison.metric.higher else min(means.values())
    rows = tuple(row for row, mean in means.items() if abs(mean - best) < ROUNDING_NOISE)
    return rows if len(rows) < len(means) else ()


def _header(comparison: Comparison) -> TableHeader:
    data = dict.fromkeys(run.data for variant in comparison.variants for run in variant.runs)
    return TableHeader(
        metric=comparison.metric,
        data=tuple(data),
        study=comparison.study,
        plan=comparison.plan,
        question=comparison.question,
        baseline=comparison.baseline,
        margin=comparison.margin,
        max_seeds=comparison.max_seeds,
        comparisons=comparison.comparisons,
        excluded=tuple((path.name, reason) for path, reason in comparison.excluded),
        superseded=tuple(run.path.name for run in comparison.superseded),
        warnings=comparison.warnings,
        exploratory=comparison.exploratory,
        plan_changes=comparison.plan_changes,
        disclosures=comparison.disclosures,
    )
