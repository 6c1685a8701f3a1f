"""The page's section on undeclared differences, some of which make variants not comparable."""

from collections.abc import Iterable
from dataclasses import dataclass

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.text import list_with_more

MAX_VALUES = 3  # pairs of values shown for a key; the rest share a row, unless it is a single pair
MAX_NAMES = 6  # variants named in a row
MAX_ROWS = 500


@dataclass(frozen=True)
class DifferenceRow:
    """A setting or fact that differs. more: number of further pairs of values it summarises, 0 for a single pair."""

    blocking: bool
    key: str
    baseline: str
    variant: str
    more: int
    variants: str


@dataclass(frozen=True)
class ComparabilitySection:
    """The section. note: meaning of the rows, or the reason for having none. more: number of omitted rows."""

    note: str
    rows: tuple[DifferenceRow, ...]
    more: int


def comparability_section(comparison: Comparison) -> ComparabilitySection:
    """Build the section; rows beyond MAX_ROWS are only counted."""
    rows = comparability_rows(comparison.variants)
    note = (
        "Everything that differs between variants beyond what was declared. A variant with a blocking difference is "
        "not comparable and gets no verdict; a noted difference has no consequence."
    )
    if not rows:
        note = _none_note(comparison)
    return ComparabilitySection(note, tuple(rows[:MAX_ROWS]), max(0, len(rows) - MAX_ROWS))


def _none_note(comparison: Comparison) -> str:
    if not comparison.is_own:
        return (
            "None that is recorded. These runs are of another program: nothing shows that the variants have the same "
            "initial weights, data or training budget. The warnings above say what is known."
        )
    if any(variant.result or variant.comparability.blocking for variant in comparison.variants):
        return "None: variants differ only in what was declared."
    if comparison.baseline:
        return "Nothing was compared, because no pair of variants has completed runs on both sides."
    return (
        "Nothing was compared, because no baseline is named. The warnings above list the differences that make "
        "variants not comparable and that no label shows. No other differences were checked."
    )


def comparability_rows(variants: Iterable[ComparedVariant]) -> list[DifferenceRow]:
    """Build the rows: variants with the same difference share a row, and blocking differences come first.

    A key with many pairs of values shows the most frequent ones; a last row summarises the rest.
    """
    groups: dict[tuple[bool, str], dict[tuple[str, str], list[str]]] = {}
    for variant in variants:
        for blocking, differences in (
            (True, variant.comparability.blocking),
            (False, variant.comparability.informational),
        ):
            for difference in differences:
                by_values = groups.setdefault((blocking, difference.key), {})
                by_values.setdefault((difference.baseline, difference.variant), []).append(variant.label)
    rows = []
    for blocking, key in sorted(groups, key=lambda group: not group[0]):
        rows += _rows_of_key(blocking, key, groups[blocking, key])
    return rows


def _rows_of_key(blocking: bool, key: str, by_values: dict[tuple[str, str], list[str]]) -> list[DifferenceRow]:
    most_variants_first = sorted(by_values.items(), key=lambda item: -len(item[1]))
    shown, rest = most_variants_first, []
    if len(by_values) > MAX_VALUES + 1:
        shown, rest = most_variants_first[:MAX_VALUES], most_variants_first[MAX_VALUES:]
    rows = []
    for (baseline, variant), labels in shown:
        rows.append(DifferenceRow(blocking, key, baseline, variant, 0, _variants(labels)))
    if rest:
        labels: list[str] = []
        for _, rest_labels in rest:
            labels += rest_labels
        rows.append(DifferenceRow(blocking, key, "", "", len(rest), _variants(labels)))
    return rows


def _variants(labels: list[str]) -> str:
    if len(labels) > MAX_NAMES:
        return f"{len(labels)} variants"
    return list_with_more(labels)
