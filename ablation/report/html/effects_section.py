"""The page's section on the effects of a factorial design: forest plot, interaction plot and table."""

from dataclasses import dataclass

from ablation.report.html.charts.interaction_charts import InteractionChart, interaction_charts
from ablation.report.html.charts.interval_bars import IntervalBars, forest_bars
from ablation.report.plots.plot_data import PlotData
from ablation.report.tables.table import Grid, Table


@dataclass(frozen=True)
class EffectsSection:
    """The section. bars: None without a known effect. note, interaction_note: the captions. grid: the table."""

    note: str
    bars: IntervalBars | None
    interaction_note: str
    y_label: str
    charts: tuple[InteractionChart, ...]
    grid: Grid


def effects_section(table: Table, plots: PlotData) -> EffectsSection | None:
    """Build the section; None for designs without effects."""
    if table.effects is None:
        return None
    forest, interaction = plots.effects, plots.interaction
    return EffectsSection(
        note="" if forest is None else " ".join([*forest.disclosures, *forest.notes]),
        bars=None if forest is None else forest_bars(forest),
        interaction_note="" if interaction is None else " ".join(interaction.notes),
        y_label="" if interaction is None else interaction.y_label,
        charts=interaction_charts(interaction),
        grid=table.effects,
    )
