"""The effects of a factorial design as a forest plot: main effects with their verdicts, and interactions."""

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite

from ablation.comparison.analysis.comparison import Comparison
from ablation.redaction import printable
from ablation.report.plots import forest_captions, limits
from ablation.report.plots.forest import largest
from ablation.report.plots.forest_data import BONFERRONI, EFFECT, ForestPlot, ForestRow, is_drawn
from ablation.report.tables.effects import MEANINGS
from ablation.report.wording.number_format import excludes_zero
from ablation.statistics.factorial import INTERACTION, MAIN, Effect
from ablation.statistics.protocol import LEVEL
from ablation.statistics.verdict import INCONCLUSIVE, TOO_FEW, WHERE_TRAINED
from ablation.text import capitalized, list_with_more

GROUPS = {MAIN: "Main effects", INTERACTION: "Interactions"}


def effects(comparison: Comparison) -> ForestPlot | None:
    """Compute a row for each main effect and each interaction; None without an effect that is known."""
    all_rows = []
    for place, effect in enumerate(comparison.effects):
        if effect.kind in GROUPS and isfinite(effect.difference):
            all_rows.append(_row(comparison, place, effect))
    if not all_rows:
        return None
    rows = largest(all_rows)
    scale = limits.forest_scale(rows, None)
    return ForestPlot(
        rows=tuple(rows),
        x=scale,
        metric=comparison.metric,
        reference="",
        left="lower",
        right="higher",
        margin=None,
        decimals=comparison.decimals,
        notes=tuple(_notes(comparison, rows, len(all_rows))),
        disclosures=tuple(forest_captions.disclosures(comparison)),
        quantity=EFFECT,
    )


def _row(comparison: Comparison, place: int, effect: Effect) -> ForestRow:
    row = ForestRow(
        place=place,
        name=printable(" × ".join(effect.components)),
        difference=effect.difference,
        outcome=effect.verdict,
        verdict=_verdict_text(effect),
        group=GROUPS[effect.kind],
        thin=effect.interval,
    )
    comparisons = comparison.comparisons
    if effect.kind != MAIN or comparisons < 2 or effect.verdict == TOO_FEW or not is_drawn(effect.interval):
        return row
    return replace(
        row,
        thick=effect.estimate.interval(1 - LEVEL / comparisons),
        kind=BONFERRONI,
        by_later_step=effect.p_holm <= LEVEL < effect.p * comparisons,
    )


def _verdict_text(effect: Effect) -> str:
    if effect.verdict != WHERE_TRAINED:
        return effect.verdict
    return f"{'higher' if effect.difference > 0 else 'lower'} where it trained"


def _notes(comparison: Comparison, rows: Sequence[ForestRow], total: int) -> list[str]:
    """Explain effects, intervals and verdicts, and say how many effects are not drawn."""
    groups = {row.group for row in rows}
    meanings = [f"{kind}: {MEANINGS[kind]}" for kind, group in GROUPS.items() if group in groups]
    notes = [f"{capitalized('; '.join(meanings))}."]
    if any(is_drawn(row.thick) for row in rows):
        count = comparison.comparisons
        notes.append(f"Thick bar: 95 % CI for all {count} main effects together (Bonferroni).")
        notes.append("Thin line: 95 % CI of this effect alone.")
    elif any(is_drawn(row.thin) for row in rows):
        notes.append("Line: 95 % CI of this effect alone.")
    notes.append(_verdicts(comparison))
    notes += forest_captions.later_steps(rows)
    notes += _excluding_zero(comparison, rows)
    notes += forest_captions.without_verdict(rows)
    if len(rows) < total:
        notes.append(f"Only the {len(rows)} largest of {total:,} effects are shown.")
    return notes


def _verdicts(comparison: Comparison) -> str:
    correction = ""
    if comparison.comparisons > 1:
        correction = f", with Holm's correction for {comparison.comparisons} comparisons"
    return f"Verdicts: t-tests of contrasts of the cells' means, of main effects only{correction}."


def _excluding_zero(comparison: Comparison, rows: Sequence[ForestRow]) -> list[str]:
    """Explain inconclusive verdicts beside a thin line that excludes 0."""
    names = [row.name for row in rows if row.outcome == INCONCLUSIVE and excludes_zero(row.thin)]
    if not names:
        return []
    reason = f"the verdict accounts for all {comparison.comparisons} comparisons"
    excluding = list_with_more(names, forest_captions.MAX_NAMES)
    return [f"For {excluding}, the thin line excludes 0, but it is of this effect alone: {reason}."]
