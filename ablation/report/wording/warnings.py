"""What bars a comparison, and what to be careful of, in sentences: few of them, however many arms there are."""

import re
from collections.abc import Iterable, Mapping, Sequence

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison, Difference
from ablation.statistics.verdict import PairResult
from ablation.text import list_with_more

SHOWN = 3  # differences of a refused arm that a sentence names; equal warnings that are told in full
LISTED = 6  # names in one sentence; the table has all


def refused(rows: Sequence[ComparedVariant]) -> Iterable[str]:
    """Arms that are refused for the same are one sentence; of many for the same keys the table has the values."""
    groups: dict[tuple, list[ComparedVariant]] = {}
    for row in rows:
        if row.comparability.blocking:
            groups.setdefault((row.reference, *(each.key for each in row.comparability.blocking)), []).append(row)
    for (against, *keys), alike in list(groups.items())[:LISTED]:
        told: dict[str, list[str]] = {}
        for row in alike:
            told.setdefault(_differences(row.comparability.blocking), []).append(row.label)
        if len(told) > SHOWN:
            told = {_some(keys): [row.label for row in alike]}
        for what, labels in told.items():
            yield f"Not compared: {names(labels)}, which differ{'s' * (len(labels) == 1)} from {against} in {what} too."
    rest = sum(map(len, list(groups.values())[LISTED:]))
    if rest:
        yield f"Not compared either: {rest} more, for what the table says."


def _some(items: Sequence[str]) -> str:
    return list_with_more(items, SHOWN)


def _differences(many: Sequence[Difference]) -> str:
    """`train.batch_size (64 there, 32 here) and 2 more`."""
    return _some([f"{each.key} ({each.baseline} there, {each.variant} here)" for each in many])


def careful(comparison: Comparison) -> list[str]:
    """What a reader should know who relies on this: warnings of findings, runs that are lost, warnings of the whole."""
    said = [f"Careful: {text}." for text in _warned([row.result for row in comparison.variants if row.result])]
    lost = {row.label: len(row.diverged) for row in comparison.variants if row.diverged}
    if lost:
        told = names([f"{count} of {label}" for label, count in lost.items()])
        said.append(f"Careful: runs that diverged are in no mean: {told}.")
    return [*said, *(f"{warning.rstrip('.')}." for warning in comparison.warnings)]


def _warned(findings: Sequence[PairResult]) -> Iterable[str]:
    """Each warning once; of many that differ in arms and numbers alone the first one, and of whom the others are."""
    kinds: dict[str, dict[str, str]] = {}
    for found in findings:
        for text in found.warnings:
            kinds.setdefault(kind(text, found), {}).setdefault(text, found.arm.label)
    for texts in kinds.values():
        yield from [warned(texts)] if len(texts) > SHOWN else texts


def warned(texts: Mapping[str, str]) -> str:
    """Warnings of one kind, each with whom it is of, as one."""
    (first, _), *others = texts.items()
    return f"{first}; much the same holds for {names([label for _, label in others])}"


def kind(text: str, found: PairResult) -> str:
    """What a warning is but for the arms and numbers in it."""
    for label in sorted((found.arm.label, found.reference.label), key=len, reverse=True):
        text = f" {text} ".replace(f" {label} ", " arm " if label == found.arm.label else " other ").strip()
    return re.sub(r"\d[\d.e+-]*", "0", text)


def marked(comparison: Comparison) -> Iterable[str]:
    """What differs and should be known, over all arms."""
    keys = dict.fromkeys(
        difference.key for row in comparison.variants for difference in row.comparability.informational
    )
    if keys:
        yield f"Runs differ, which bars no comparison, in {names(list(keys))}."


def names(items: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`; of many the first LISTED and how many more."""
    return list_with_more(items, LISTED)
