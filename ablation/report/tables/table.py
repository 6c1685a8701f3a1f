"""The table of a comparison: computed once, then written by one writer per target.

Its cells hold plain text and the number behind it; its records hold every number. Writers compute no numbers.
"""

from dataclasses import dataclass
from math import nan

from ablation.comparison.analysis.comparison import Metric
from ablation.comparison.reading.disclosure import PlanChange
from ablation.report.tables.records import EffectRecord, VariantRecord


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
class Grid:
    """Rows and columns between a caption and notes.

    caption: sentences. notes: one line each, the numbered ones first. best_rows: indices of the rows with the best
    mean, where variants are not compared.
    """

    caption: str
    columns: tuple[Column, ...]
    notes: tuple[str, ...] = ()
    best_rows: tuple[int, ...] = ()

    @property
    def main_columns(self) -> tuple[Column, ...]:
        """Columns shown by every target."""
        return tuple(column for column in self.columns if not column.supplementary)


@dataclass(frozen=True)
class TableHeader:
    """Subject and method of a comparison.

    data: names of data sets. plan: hash of the study's plan. exploratory: why this is not the planned comparison.
    plan_changes, disclosures: as in Comparison. comparisons: number of them in Holm's correction.
    excluded: directory names of runs, with the reason. superseded: directory names of runs replaced by a newer rerun.
    """

    metric: Metric
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
    effect_records: every number of the same rows.
    """

    header: TableHeader
    variants: Grid
    records: tuple[VariantRecord, ...]
    effects: Grid | None = None
    effect_records: tuple[EffectRecord, ...] = ()

    @property
    def grids(self) -> tuple[Grid, ...]:
        """The grid of variants, then the grid of effects if there is one."""
        return (self.variants,) if self.effects is None else (self.variants, self.effects)
