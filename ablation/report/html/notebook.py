"""A comparison as HTML within another page: what a notebook shows as the value of a cell."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ablation.report.html import template_engine
from ablation.report.html.rows import VerdictMark, verdict_mark
from ablation.report.overview.experiments import Compared, disclosures
from ablation.report.plots.palette import DARK_SHADES, LIGHT_SHADES
from ablation.report.tables.table import Column, Grid

PAGE, STYLE = "notebook.html", "notebook.css"
MAX_ROWS = 100  # of one table; the frame has all


@dataclass(frozen=True)
class NotebookGrid:
    """A table. marks: of the verdicts, by row. more: the number of rows left out."""

    title: str
    caption: str
    columns: tuple[Column, ...]
    marks: tuple[VerdictMark, ...]
    best_rows: tuple[int, ...]
    notes: tuple[str, ...]
    more: int


def comparison_html(item: Compared, sentences: Sequence[str]) -> str:
    """Render the verdicts and tables of a comparison. sentences: the findings. Every text is escaped.

    The style applies to this fragment alone, and follows the theme of the notebook. Without it, which some viewers
    remove, the fragment is plain paragraphs and tables.
    """
    disclosed = disclosures(item)
    above = {*disclosed, *sentences}
    return template_engine.environment().get_template(PAGE).render(
        name=item.experiment.name,
        question=item.comparison.question,
        disclosures=disclosed,
        sentences=[sentence for sentence in sentences if sentence not in disclosed],
        grids=[_grid(grid, above) for grid in item.table.grids],
        style=Markup(_style()),
    )  # fmt: skip


def _grid(grid: Grid, above: Collection[str]) -> NotebookGrid:
    """The table, without what its caption and notes repeat. above: the sentences above it."""
    columns = grid.main_columns
    caption = grid.caption_of(columns)
    for sentence in above:
        caption = caption.removeprefix(f"{sentence} ")
    rows = len(columns[0].cells)
    verdicts = {column.key: column for column in columns}.get("verdict")
    marks = [verdict_mark("" if verdicts is None else verdicts.cells[row].text) for row in range(min(rows, MAX_ROWS))]
    return NotebookGrid(
        title=grid.title,
        caption=caption,
        columns=columns,
        marks=tuple(marks),
        best_rows=grid.best_rows,
        notes=tuple(note for note in (*grid.notes, *grid.short_setting) if note not in above),
        more=max(0, rows - MAX_ROWS),
    )


def _style() -> str:
    """The style sheet, with the colours of the report in both themes."""
    light, dark = [], []
    for name, shade in LIGHT_SHADES.items():
        light.append(f"--{name}:{shade.text};--{name}-wash:{shade.wash}")
    for name, shade in DARK_SHADES.items():
        dark.append(f"--{name}:{shade.text};--{name}-wash:{shade.wash}")
    text = template_engine.text_of(STYLE)
    return text.replace("/* light shades */", ";".join(light)).replace("/* dark shades */", ";".join(dark))
