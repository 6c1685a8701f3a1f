"""The effects of a factorial design: the second grid of its table."""

from collections.abc import Iterable, Sequence

from ablation.comparison.analysis.comparison import Comparison
from ablation.comparison.analysis.setting import setting
from ablation.report.methods import setting_sentences
from ablation.report.tables.column_choice import column_key
from ablation.report.tables.paper import effects_layout
from ablation.report.tables.table import Cell, Column, Grid
from ablation.report.wording.metric_format import MetricFormat, metric_format
from ablation.report.wording.number_format import excludes_zero, p_value
from ablation.report.wording.verdict_text import exploratory_sentence
from ablation.statistics.factorial import GAP, INTERACTION, MAIN, SHAPLEY, Effect
from ablation.statistics.verdict import INCONCLUSIVE
from ablation.text import capitalized, list_with_more

NAMING = ("effect", "components")  # keys of the columns that name an effect
MEANINGS = {
    MAIN: "what a removal changes, averaged over all other components",
    INTERACTION: "what removing both changes beyond the sum of the two",
    GAP: "the difference between a component's leave-one-out and add-one-in effects",
    SHAPLEY: "what a component adds, averaged over all orders of adding",
}


def effects_grid(comparison: Comparison, chosen: Sequence[str] = ()) -> Grid | None:
    """Build a row for each effect; None for designs without effects, whose variants are judged instead.

    chosen: keys of columns; those that this table has too are shown, in their order, and all if there is none.
    """
    effects, written = comparison.effects, metric_format(comparison)
    if not effects:
        return None
    columns = [
        Column("effect", "Effect", tuple(Cell(effect.kind) for effect in effects), is_text=True),
        Column("components", "Of", tuple(Cell(" × ".join(effect.components)) for effect in effects), is_text=True),
        _difference_column(effects, written),
        Column("p", "p", tuple(Cell(p_value(effect.p), value=effect.p) for effect in effects)),
    ]
    if comparison.comparisons > 1:
        corrected = tuple(Cell(p_value(effect.p_holm), value=effect.p_holm) for effect in effects)
        columns.append(Column("p_adjusted", "p, Holm", corrected))
    columns.append(Column("verdict", "Verdict", tuple(Cell(effect.verdict) for effect in effects), is_text=True))
    return Grid(
        caption=_caption(comparison),
        columns=tuple(columns),
        notes=tuple(_excluding_zero(comparison)),
        chosen=_chosen(columns, chosen),
        paper=effects_layout(columns),
    )


def _chosen(columns: Sequence[Column], keys: Sequence[str]) -> tuple[str, ...]:
    own_keys = [column.key for column in columns]
    shared = [column_key(key, own_keys) for key in keys]
    shown = [key for key in shared if key in own_keys]
    return (*NAMING, *shown) if shown else ()


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


def _difference_column(effects: Sequence[Effect], written: MetricFormat) -> Column:
    cells = []
    for effect in effects:
        text = written.cell(effect.difference, sign=True)
        cells.append(Cell(text, written.plus_minus(effect.interval), value=effect.difference))
    return Column("difference", written.difference_heading("Difference"), tuple(cells))


def _caption(comparison: Comparison) -> str:
    kinds = {effect.kind for effect in comparison.effects}
    meanings = [f"{kind}: {meaning}" for kind, meaning in MEANINGS.items() if kind in kinds]
    holm = ""
    if comparison.comparisons > 1:
        holm = f", with Holm's correction over {comparison.comparisons} comparisons"
    setting_text = setting_sentences.caption_sentence(setting(comparison))
    sentences = [
        *exploratory_sentence(comparison),
        f"Effects on {comparison.metric.name}: contrasts of the variants' means ± half the width of their 95 % CI.",
        comparison.metric.caption,
        *filter(None, [setting_text]),
        f"{capitalized('; '.join(meanings))}. Only main effects are judged{holm}.",
    ]
    return " ".join(sentences)
