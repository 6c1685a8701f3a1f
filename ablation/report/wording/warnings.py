"""Sentences on variants that are not comparable, on warnings and on notes; similar ones are merged into one."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison, Difference
from ablation.report.blocks.block_columns import opposite_blocks
from ablation.statistics.verdict import PairResult
from ablation.text import list_with_more, plural

FULL = 3  # differences of a variant that a sentence lists; warnings of one kind that are written in full
NAMED = 6  # names in one sentence; the table has all
GROUPS = 6  # sentences about variants that are not comparable


def names(labels: Sequence[str]) -> str:
    """Join labels as `a`, `a and b` or `a, b and c`; beyond NAMED labels, give the number of further ones."""
    return list_with_more(labels, NAMED)


# ---------------------------------------------------------------- not comparable


def not_comparable_sentences(variants: Sequence[ComparedVariant]) -> Iterable[str]:
    """Say which variants are not comparable and why; variants with the same reason share a sentence."""
    groups: dict[tuple[str, ...], list[ComparedVariant]] = {}
    for variant in variants:
        if variant.comparability.blocking:
            keys = [difference.key for difference in variant.comparability.blocking]
            groups.setdefault((str(variant.reference), *keys), []).append(variant)
    shown = list(groups.items())[:GROUPS]
    for (reference, *keys), alike in shown:
        yield from _group_sentences(reference, keys, alike)
    rest = sum(map(len, groups.values())) - sum(len(alike) for _, alike in shown)
    if rest:
        yield f"Not comparable: {plural(rest, 'more variant')}; the table gives the reasons."


def _group_sentences(reference: str, keys: Sequence[str], variants: Sequence[ComparedVariant]) -> Iterable[str]:
    """Yield the sentences on variants that differ from the reference in the same keys.

    Values are included unless they form more than FULL combinations.
    """
    labels_by_reason: dict[str, list[str]] = {}
    for variant in variants:
        reason = _with_values(variant.comparability.blocking)
        labels_by_reason.setdefault(reason, []).append(variant.label)
    if len(labels_by_reason) > FULL:
        labels_by_reason = {list_with_more(keys, FULL): [variant.label for variant in variants]}
    for reason, labels in labels_by_reason.items():
        verb = "differs" if len(labels) == 1 else "differ"
        yield f"Not comparable: {names(labels)} also {verb} from {reference} in {reason}."


def _with_values(differences: Sequence[Difference]) -> str:
    """Format differences: `train.batch_size (32, not 64) and 2 more`."""
    texts = [f"{difference.key} ({difference.variant}, not {difference.baseline})" for difference in differences]
    return list_with_more(texts, FULL)


# ---------------------------------------------------------------- warnings


def warning_sentences(comparison: Comparison) -> list[str]:
    """Return the warnings to read before relying on the comparison: outliers, diverged runs, general warnings."""
    sentences = [f"Warning: {text}." for text in _diagnostics(comparison)]
    diverged = [f"{len(variant.diverged)} of {variant.label}" for variant in comparison.variants if variant.diverged]
    if diverged:
        sentences.append(f"Warning: diverged runs are excluded from all means: {names(diverged)}.")
    for text in (*comparison.warnings, *opposite_blocks(comparison.variants)):
        sentences.append(f"{text.rstrip('.')}.")
    return sentences


def _diagnostics(comparison: Comparison) -> Iterable[str]:
    """Yield the distinct warnings of all results; more than FULL of one kind are merged into one."""
    merged: dict[str, SimilarWarnings] = {}
    for variant in comparison.variants:
        if variant.result is None:
            continue
        for text in variant.result.diagnostics:
            similar = merged.setdefault(warning_kind(text, variant.result), SimilarWarnings())
            similar.labels_by_text.setdefault(text, variant.result.arm.label)
    for similar in merged.values():
        if len(similar.labels_by_text) > FULL:
            yield similar.merged()
        else:
            yield from similar.labels_by_text


@dataclass
class SimilarWarnings:
    """Warnings of one kind: each text, with the label of the first variant it concerns."""

    labels_by_text: dict[str, str] = field(default_factory=dict)

    def merged(self) -> str:
        """Return the first warning, followed by the variants with similar ones."""
        first, *rest = self.labels_by_text
        return f"{first}; similarly for {names([self.labels_by_text[text] for text in rest])}"


def warning_kind(text: str, result: PairResult) -> str:
    """Replace the labels and numbers in a warning with placeholders, so that warnings of one kind are equal."""
    placeholders = {result.arm.label: "variant", result.reference.label: "reference"}
    for label in sorted(placeholders, key=len, reverse=True):
        text = f" {text} ".replace(f" {label} ", f" {placeholders[label]} ").strip()
    return re.sub(r"\d[\d.e+-]*", "0", text)


# ---------------------------------------------------------------- notes without consequence


def informational_sentences(comparison: Comparison) -> Iterable[str]:
    """Say what else differs between runs without affecting the comparison."""
    keys: dict[str, None] = {}
    for variant in comparison.variants:
        for difference in variant.comparability.informational:
            keys[difference.key] = None
    if keys:
        yield f"Note: runs also differ in {names(list(keys))}, which does not affect the comparison."
