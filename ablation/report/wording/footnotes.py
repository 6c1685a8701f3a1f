"""Numbered footnotes of a table; similar ones are merged, so that many variants need only a few."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ablation.comparison.analysis.comparison import ComparedVariant, Difference
from ablation.report.wording.verdict_text import NOT_COMPARABLE
from ablation.report.wording.warnings import SimilarWarnings, names, warning_kind
from ablation.text import list_with_more

LISTED = 12  # differences, or seeds, in one note
SEPARATE = 6  # notes of one kind; more of them are merged into one
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Note:
    """A note on a variant.

    kind: the same for notes that differ only in labels and values. keys: the differing keys, in a note on differences.
    """

    kind: str
    text: str
    keys: tuple[str, ...] = ()


class Footnotes:
    """Footnotes on variants, numbered in reading order; equal texts share a number."""

    def __init__(self, variants: Sequence[ComparedVariant]) -> None:
        self._verdict_notes = _merge_similar({variant.label: _notes(variant) for variant in variants})
        self._numbers: dict[str, int] = {}
        for variant in variants:
            self._number([*_diverged_note(variant), *self._verdict_notes[variant.label]])

    def count_marks(self, variant: ComparedVariant) -> str:
        """Superscripts beside the number of runs of a variant."""
        return self._number(_diverged_note(variant))

    def verdict_marks(self, variant: ComparedVariant) -> str:
        """Superscripts beside a variant's verdict."""
        return self._number(self._verdict_notes[variant.label])

    def lines(self) -> list[str]:
        """All notes, each with its superscript."""
        return [f"{_superscript(number)} {text}" for text, number in self._numbers.items()]

    def _number(self, texts: Iterable[str]) -> str:
        return " ".join([_superscript(self._numbers.setdefault(text, len(self._numbers) + 1)) for text in texts])


def _superscript(number: int) -> str:
    return str(number).translate(SUPERSCRIPTS)


def _diverged_note(variant: ComparedVariant) -> list[str]:
    if not variant.diverged:
        return []
    seeds = sorted(run.seed for run in variant.diverged)
    noun = "seed" if len(seeds) == 1 else "seeds"
    return [f"diverged, excluded from the mean: {noun} {list_with_more(seeds, LISTED)}"]


def _notes(variant: ComparedVariant) -> list[Note]:
    """The notes on a variant's verdict."""
    notes = _difference_notes(variant, NOT_COMPARABLE, variant.comparability.blocking)
    if variant.result:
        for text in variant.result.diagnostics:
            notes.append(Note(warning_kind(text, variant.result), text))
    return notes + _difference_notes(variant, "note", variant.comparability.informational)


def _difference_notes(variant: ComparedVariant, heading: str, differences: Sequence[Difference]) -> list[Note]:
    if not differences:
        return []
    texts = []
    for difference in differences:
        reference = variant.reference or "the other"
        texts.append(f"{difference.key} is {difference.baseline} in {reference}, {difference.variant} here")
    keys = tuple(difference.key for difference in differences)
    return [Note(heading, f"{heading}: {list_with_more(texts, LISTED, '; ')}", keys)]


def _merge_similar(notes_by_label: dict[str, list[Note]]) -> dict[str, list[str]]:
    """Return the note texts of each variant; more than SEPARATE similar notes share one text."""
    labels_by_kind: dict[tuple[str, ...], SimilarWarnings] = {}
    for label, notes in notes_by_label.items():
        for note in notes:
            similar = labels_by_kind.setdefault((note.kind, *note.keys), SimilarWarnings())
            similar.labels_by_text.setdefault(note.text, label)
    texts: dict[str, list[str]] = {}
    for label, notes in notes_by_label.items():
        texts[label] = [_text(note, labels_by_kind[note.kind, *note.keys]) for note in notes]
    return texts


def _text(note: Note, similar: SimilarWarnings) -> str:
    if len(similar.labels_by_text) <= SEPARATE:
        return note.text
    if note.keys:
        return f"{note.kind}, with values that differ by row: {names(note.keys)}"
    return similar.merged()
