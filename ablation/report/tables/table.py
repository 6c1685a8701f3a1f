"""The table of a comparison: computed once, then written by one writer per target.

Its cells hold plain text and the number behind it; its records hold every number. No target computes one of its own.
"""

from dataclasses import dataclass
from math import nan

from ablation.comparison.analysis.comparison import Metric
from ablation.report.tables.records import EffectRecord, VariantRecord


@dataclass(frozen=True)
class Cell:
    """What stands in one place of the table, for no target yet.

    text: the value. detail: what follows it, such as `± 0.013` or `of 5`. marks: raised numbers of footnotes.
    value: the number behind it, by which a page sorts; nan for text.
    """

    text: str
    detail: str = ""
    marks: str = ""
    value: float = nan

    @property
    def full_text(self) -> str:
        """The value, its detail and its marks, with a space between them."""
        return " ".join(filter(None, [self.text, self.detail, self.marks]))


@dataclass(frozen=True)
class Column:
    """A column with a cell for each row.

    key: names it, whatever its title says. is_text: its cells are texts, which may be folded, and not numbers.
    supplementary: it never decides a verdict, and only the page shows it.
    """

    key: str
    title: str
    cells: tuple[Cell, ...]
    is_text: bool = False
    supplementary: bool = False


@dataclass(frozen=True)
class Grid:
    """Rows and columns between a caption and notes.

    caption: sentences. notes: a line each, the numbered ones first. best_rows: those with the best mean, where
    nothing is compared.
    """

    caption: str
    columns: tuple[Column, ...]
    notes: tuple[str, ...] = ()
    best_rows: tuple[int, ...] = ()

    @property
    def main_columns(self) -> tuple[Column, ...]:
        """The columns that every target shows."""
        return tuple(column for column in self.columns if not column.supplementary)

    def column(self, key: str) -> Column | None:
        """The column of this key; None where it is left out."""
        for column in self.columns:
            if column.key == key:
                return column
        return None


@dataclass(frozen=True)
class TableHeader:
    """What the comparison is of and how it was made.

    data: names of data sets. comparisons: that Holm's correction counts. plan: the hash of a study's plan.
    excluded: folder names of runs, with the reason. superseded: those of runs that a newer rerun replaces.
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


@dataclass(frozen=True)
class Table:
    """A comparison, ready to be written.

    variants: a row each, as readers see them. effects: of a factorial design, a second grid. records, effect_records:
    every number of the same rows.
    """

    header: TableHeader
    variants: Grid
    records: tuple[VariantRecord, ...]
    effects: Grid | None = None
    effect_records: tuple[EffectRecord, ...] = ()

    @property
    def grids(self) -> tuple[Grid, ...]:
        """The variants, and where there are any the effects."""
        return (self.variants,) if self.effects is None else (self.variants, self.effects)
