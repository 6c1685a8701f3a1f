"""The effects of a factorial design: the second grid of its table."""

from collections.abc import Iterable

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.tables.table import Cell, Column, Grid
from ablation.report.wording.number_format import aligned, excludes_zero, p_value, plus_minus
from ablation.statistics.factorial import GAP, INTERACTION, MAIN, SHAPLEY, Effect
from ablation.statistics.verdict import INCONCLUSIVE
from ablation.text import capitalized, list_with_more

MEANINGS = {
    MAIN: "what a removal changes, averaged over all other components",
    INTERACTION: "what removing both changes beyond the sum of the two",
    GAP: "the difference between a component's leave-one-out and add-one-in effects",
    SHAPLEY: "what a component adds, averaged over all orders of adding",
}


def effects_grid(comparison: Comparison) -> Grid | None:
    """Build a row for each effect; None for designs without effects, whose variants are judged instead."""
    effects, decimals = comparison.effects, comparison.decimals
    if not effects:
        return None
    columns = [
        Column("effect", "Effect", tuple(Cell(effect.kind) for effect in effects), is_text=True),
        Column("components", "Of", tuple(Cell(" × ".join(effect.components)) for effect in effects), is_text=True),
        Column("difference", "Difference", tuple(_difference_cell(effect, decimals) for effect in effects)),
        Column("p", "p", tuple(Cell(p_value(effect.p), value=effect.p) for effect in effects)),
    ]
    if comparison.comparisons > 1:
        corrected = tuple(Cell(p_value(effect.p_holm), value=effect.p_holm) for effect in effects)
        columns.append(Column("p_adjusted", "p, Holm", corrected))
    columns.append(Column("verdict", "Verdict", tuple(Cell(effect.verdict) for effect in effects), is_text=True))
    return Grid(_caption(comparison), tuple(columns), tuple(_excluding_zero(comparison)))


def _excluding_zero(comparison: Comparison) -> Iterable[str]:
    """Explain inconclusive effects beside intervals that exclude 0."""
    labels = []
    for effect in comparison.effects:
        if effect.verdict == INCONCLUSIVE and excludes_zero(effect.interval):
            labels.append(effect.components[0])
    if labels:
        yield (
            f"Inconclusive, although the interval excludes 0: {list_with_more(labels)}. The interval is for one effect "
            f"alone; the verdict is corrected for {comparison.comparisons}."
        )


def _difference_cell(effect: Effect, decimals: int) -> Cell:
    text = aligned(effect.difference, decimals, sign=True)
    return Cell(text, plus_minus(effect.interval, decimals), value=effect.difference)


def _caption(comparison: Comparison) -> str:
    kinds = {effect.kind for effect in comparison.effects}
    meanings = [f"{kind}: {meaning}" for kind, meaning in MEANINGS.items() if kind in kinds]
    holm = ""
    if comparison.comparisons > 1:
        holm = f", with Holm's correction over {comparison.comparisons} comparisons"
    return (
        f"Effects on {comparison.metric.name}: contrasts of the variants' means ± half the width of their 95 % CI. "
        f"{capitalized('; '.join(meanings))}. Only main effects are judged{holm}."
    )
