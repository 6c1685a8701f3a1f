"""What stands below a table and is numbered there: few notes, however many rows there are."""

from collections.abc import Iterable, Sequence

from ablation.comparison.analysis.comparison import ComparedVariant, Difference
from ablation.report.wording.warnings import kind, names, warned
from ablation.text import list_with_more

REFUSED = "not compared"
LISTED = 12  # differences in one note
ALIKE = 6  # notes that differ in their values alone; more of them are one, without the values
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Notes:
    """Numbers what is said of rows, in the order of reading; the same text has one number."""

    def __init__(self, rows: Sequence[ComparedVariant]) -> None:
        self.told = _told(rows)
        self.texts: dict[str, int] = {}
        for row in rows:
            self.mark("", [*lost(row), *self.of(row)])

    def of(self, row: ComparedVariant) -> list[str]:
        """What the numbers beside its verdict stand for."""
        return self.told[id(row)]

    def mark(self, cell: str, texts: Iterable[str]) -> str:
        """The cell with the raised numbers of the texts behind it."""
        numbers = [self.texts.setdefault(text, len(self.texts) + 1) for text in texts]
        return " ".join([cell, *(str(number).translate(RAISED) for number in numbers)])

    def lines(self) -> list[str]:
        return [f"{str(number).translate(RAISED)} {text}" for text, number in self.texts.items()]


def lost(row: ComparedVariant) -> list[str]:
    """Its runs that diverged."""
    seeds = ", ".join(str(run.seed) for run in row.diverged)
    return [f"diverged and not averaged in: seed {seeds}"] if row.diverged else []


def _told(rows: Sequence[ComparedVariant]) -> dict[int, list[str]]:
    """By the row's id; where many say the same with other values, they share one note that says so."""
    said = {id(row): _said(row) for row in rows}
    kinds: dict[tuple, dict[str, str]] = {}
    for row in rows:
        for found, text in said[id(row)]:
            kinds.setdefault(found, {}).setdefault(text, row.label)
    shared = {found: _shared(found, texts) for found, texts in kinds.items() if len(texts) > ALIKE}
    return {row: [shared.get(found, text) for found, text in told] for row, told in said.items()}


def _said(row: ComparedVariant) -> list[tuple[tuple, str]]:
    """What is said of a row, each with its kind."""
    return [
        *_differ(row, REFUSED, row.comparability.blocking),
        *(((kind(text, row.result),), text) for text in (row.result.warnings if row.result else ())),
        *_differ(row, "differs too", row.comparability.informational),
    ]


def _differ(row: ComparedVariant, what: str, differences: Sequence[Difference]) -> list[tuple[tuple, str]]:
    if not differences:
        return []
    other = row.reference or "the other"
    text = list_with_more([f"{d.key} is {d.baseline} in {other}, {d.variant} here" for d in differences], LISTED, "; ")
    return [((what, *(d.key for d in differences)), f"{what}: {text}")]


def _shared(found: tuple, texts: dict[str, str]) -> str:
    """texts: each with the first row that it is of."""
    what, *keys = found
    return f"{what}, in values that differ by row: {names(keys)}" if keys else warned(texts)
