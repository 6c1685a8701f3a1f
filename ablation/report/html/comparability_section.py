"""The page's section on differences that were not declared: whether variants are comparable."""

from collections.abc import Iterable
from dataclasses import dataclass

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.text import list_with_more

MAX_VALUES = 3  # pairs of values of one key, where there are more than one more
MAX_NAMES = 6  # variants that are named
MAX_ROWS = 500


@dataclass(frozen=True)
class DifferenceRow:
    """A setting or fact that differs. more: how many further pairs of values this row stands for, 0 for one pair."""

    blocking: bool
    key: str
    baseline: str
    variant: str
    more: int
    variants: str


@dataclass(frozen=True)
class ComparabilitySection:
    """note: what the rows mean, or why there is none."""

    note: str
    rows: tuple[DifferenceRow, ...]
    more: int


def comparability_section(comparison: Comparison) -> ComparabilitySection:
    rows = comparability_rows(comparison.variants)
    note = (
        "Everything that differs between variants beyond what was declared. A variant with a blocking difference is "
        "not comparable and gets no verdict; a noted difference has no consequence."
    )
    if not rows:
        note = _none_note(comparison)
    return ComparabilitySection(note, tuple(rows[:MAX_ROWS]), max(0, len(rows) - MAX_ROWS))


def _none_note(comparison: Comparison) -> str:
    if any(variant.result or variant.comparability.blocking for variant in comparison.variants):
        return "None: variants differ only in what was declared."
    if comparison.baseline:
        return "Nothing was compared, because no pair of variants has completed runs on both sides."
    return (
        "Nothing was compared, because no baseline is named. The warnings above list the differences that make "
        "variants not comparable and that no label shows. No other differences were checked."
    )


def comparability_rows(variants: Iterable[ComparedVariant]) -> list[DifferenceRow]:
    """Differences of all variants, equal ones as one row; blocking ones first.

    Of a key with many pairs of values those of most variants; its last row stands for all others.
    """
    groups: dict[tuple[bool, str], dict[tuple[str, str], list[str]]] = {}
    for variant in variants:
        for blocking, differences in (
            (True, variant.comparability.blocking),
            (False, variant.comparability.informational),
        ):
            for one in differences:
                by_values = groups.setdefault((blocking, one.key), {})
                by_values.setdefault((one.baseline, one.variant), []).append(variant.label)
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
    for (baseline, own), labels in shown:
        rows.append(DifferenceRow(blocking, key, baseline, own, 0, _variants(labels)))
    if rest:
        labels: list[str] = []
        for _, more in rest:
            labels += more
        rows.append(DifferenceRow(blocking, key, "", "", len(rest), _variants(labels)))
    return rows


def _variants(labels: list[str]) -> str:
    if len(labels) > MAX_NAMES:
        return f"{len(labels)} variants"
    return list_with_more(labels)
