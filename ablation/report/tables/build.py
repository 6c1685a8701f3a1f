"""Compute the table of a comparison."""

from collections.abc import Sequence

from ablation.comparison.analysis.comparison import Comparison, NumberStyle
from ablation.comparison.analysis.setting import Setting, setting
from ablation.comparison.display.numbers import with_numbers
from ablation.comparison.display.row_order import ordered
from ablation.report.methods import setting_sentences
from ablation.report.tables.caption import caption, explanations, general_notes
from ablation.report.tables.column_choice import chosen_columns
from ablation.report.tables.columns import Row, build_columns, is_judged
from ablation.report.tables.effects import effects_grid
from ablation.report.tables.paper import variants_layout
from ablation.report.tables.records import VariantRecord, effect_record, variant_records
from ablation.report.tables.style import TableStyle
from ablation.report.tables.table import Grid, Table, TableHeader
from ablation.report.wording.footnotes import Footnotes
from ablation.report.wording.number_format import ROUNDING_NOISE

STYLE = TableStyle()


def in_style(comparison: Comparison, style: TableStyle) -> Comparison:
    """The comparison with the numbers and the order of rows of a style, for tables, figures, page and sentences.

    Names are chosen when runs are compared. Raises AblateError for a loss in percent.
    """
    numbers = NumberStyle(style.percent, style.decimals)
    return ordered(with_numbers(comparison, numbers), style.sort)


def build_table(comparison: Comparison, style: TableStyle = STYLE) -> Table:
    """Build the table from which every target is written. Raises AblateError for a column that it does not have.

    style: how it is written. comparison: as from `in_style`.
    """
    records, facts = variant_records(comparison), setting(comparison)
    return Table(
        header=_header(comparison, facts),
        variants=_variants_grid(comparison, records, style, facts),
        records=records,
        effects=effects_grid(comparison, style.columns),
        effect_records=tuple(map(effect_record, comparison.effects)),
        style=style,
    )


def _variants_grid(comparison: Comparison, records: Sequence[VariantRecord], style: TableStyle, facts: Setting) -> Grid:
    rows = [Row(variant, record) for variant, record in zip(comparison.variants, records, strict=True)]
    footnotes = Footnotes(comparison.variants)
    columns = build_columns(comparison, rows, footnotes)
    return Grid(
        caption=caption(comparison, columns, facts),
        columns=tuple(columns),
        notes=(*footnotes.lines(), *general_notes(comparison)),
        best_rows=() if is_judged(comparison) else best_rows(comparison),
        explanations=explanations(comparison, columns),
        title=style.caption or "",
        setting=setting_sentences.notes(facts),
        short_setting=setting_sentences.short_notes(facts),
        chosen=chosen_columns(columns, style.columns),
        paper=variants_layout(comparison, columns),
    )


def best_rows(comparison: Comparison) -> tuple[int, ...]:
    """Indices of the rows with the best mean; empty where all rows tie."""
    means = {row: variant.arm.mean for row, variant in enumerate(comparison.variants) if variant.arm.n}
    if not means:
        return ()
    best = max(means.values()) if comparison.metric.higher else min(means.values())
    rows = tuple(row for row, mean in means.items() if abs(mean - best) < ROUNDING_NOISE)
    return rows if len(rows) < len(means) else ()


def _header(comparison: Comparison, facts: Setting) -> TableHeader:
    data = dict.fromkeys(run.data for variant in comparison.variants for run in variant.runs if run.data)
    return TableHeader(
        metric=comparison.metric,
        setting=facts,
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
