"""The table of a comparison: computed once, then written by one writer per target.

Its cells hold plain text and the number behind it; its records hold every number. Writers compute no numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import nan

from ablation.comparison.analysis.comparison import Metric
from ablation.comparison.analysis.setting import Setting
from ablation.comparison.reading.disclosure import PlanChange
from ablation.report.tables.records import EffectRecord, VariantRecord
from ablation.report.tables.style import TableStyle


@dataclass(frozen=True)
class Cell:
    """Content of a cell, independent of the target.

    text: the value. detail: text after it, such as `± 0.013` or `of 5`. marks: superscripts of footnotes.
    value: the number behind the text, by which the page sorts; nan for text.
    """

    text: str
    detail: str = ""
    marks: str = ""
    value: float = nan

    @property
    def full_text(self) -> str:
        """The text, its detail and its marks, separated by spaces."""
        return " ".join(filter(None, [self.text, self.detail, self.marks]))


@dataclass(frozen=True)
class Column:
    """A column with a cell for each row.

    key: a fixed name, whatever the title. is_text: whether it holds texts, which may be folded, rather than numbers.
    supplementary: whether only the page shows it; such a column never decides a verdict.
    """

    key: str
    title: str
    cells: tuple[Cell, ...]
    is_text: bool = False
    supplementary: bool = False


@dataclass(frozen=True)
class PaperLayout:
    """What the LaTeX table shows otherwise than the others.

    columns: keys, in their order; empty for all. notes: what the omitted columns say. bold: cells as (row, key of the
    column). caption: sentences behind the caption. groups: indices of the rows that begin a group.
    """

    columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    bold: frozenset[tuple[int, str]] = frozenset()
    caption: str = ""
    groups: tuple[int, ...] = ()


@dataclass(frozen=True)
class Grid:
    """Rows and columns between a caption and notes.

    caption: sentences. title: the user's own caption, beside which the caption is a note; empty without one.
    notes: one line each, the numbered ones first. setting: further notes, on data, recipe, runs and compute.
    short_setting: those of them that a screen shows. best_rows: indices of the rows with the best mean, where variants
    are not compared. explanations: by its key, the sentence of the caption that explains a column.
    chosen: keys of the columns that the user chose, in their order; empty for the usual ones. paper: how a paper shows
    the table.
    """

    caption: str
    columns: tuple[Column, ...]
    notes: tuple[str, ...] = ()
    best_rows: tuple[int, ...] = ()
    explanations: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    setting: tuple[str, ...] = ()
    short_setting: tuple[str, ...] = ()
    chosen: tuple[str, ...] = ()
    paper: PaperLayout = PaperLayout()

    @property
    def main_columns(self) -> tuple[Column, ...]:
        """Columns shown by every target but LaTeX: those that were chosen, or else all that are not supplementary."""
        if self.chosen:
            return self._columns(self.chosen)
        return tuple(column for column in self.columns if not column.supplementary)

    @property
    def paper_columns(self) -> tuple[Column, ...]:
        """Columns of the LaTeX table: those that were chosen, or else those that a paper needs."""
        if self.chosen or not self.paper.columns:
            return self.main_columns
        return self._columns(self.paper.columns)

    def _columns(self, keys: Sequence[str]) -> tuple[Column, ...]:
        by_key = {column.key: column for column in self.columns}
        return tuple(by_key[key] for key in keys)

    def caption_of(self, columns: Sequence[Column]) -> str:
        """The caption without the explanations of columns that are not among these."""
        shown, text = {column.key for column in columns}, self.caption
        for key, sentence in self.explanations.items():
            if key not in shown:
                text = text.replace(f" {sentence}", "")
        return text


@dataclass(frozen=True)
class TableHeader:
    """Subject and method of a comparison.

    setting: of its runs. data: names of data sets. plan: hash of the study's plan. exploratory: why this is not the
    planned comparison. plan_changes, disclosures: as in Comparison. comparisons: number of them in Holm's correction.
    excluded: directory names of runs, with the reason. superseded: directory names of runs replaced by a newer rerun.
    """

    metric: Metric
    setting: Setting
    data: tuple[str, ...]
    study: str | None
    plan: str | None
    question: str
    baseline: str | None
    margin: float | None
    max_seeds: int | None
    comparisons: int
    excluded: tuple[tuple[str, str], ...]
    superseded: tuple[str, ...]
    warnings: tuple[str, ...]
    exploratory: tuple[str, ...] = ()
    plan_changes: tuple[PlanChange, ...] = ()
    disclosures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A comparison, ready to be written.

    variants: the grid with a row for each variant. effects: the second grid of a factorial design. records,
    effect_records: every number of the same rows. style: how it is written.
    """

    header: TableHeader
    variants: Grid
    records: tuple[VariantRecord, ...]
    effects: Grid | None = None
    effect_records: tuple[EffectRecord, ...] = ()
    style: TableStyle = TableStyle()

    @property
    def grids(self) -> tuple[Grid, ...]:
        """The grid of variants, then the grid of effects if there is one."""
        return (self.variants,) if self.effects is None else (self.variants, self.effects)
