"""Verdicts on variants, as sentences: largest differences first, then variants without a verdict."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.report.wording.number_format import confidence_interval, number, p_value
from ablation.report.wording.warnings import names
from ablation.statistics.protocol import MIN_SEEDS
from ablation.statistics.sequential import WAITING
from ablation.statistics.verdict import BETTER, EQUIVALENT, INCONCLUSIVE, TOO_FEW, WORSE, PairResult
from ablation.text import plural

MAX_SENTENCES = 12  # variants with the same verdict that each get a sentence
FIRST = 6  # variants with a sentence where there are more; a last sentence names the rest
SEEDS_EXAMPLE = f"seed={','.join(map(str, range(MIN_SEEDS)))}"


@dataclass(frozen=True)
class Judged:
    """A compared variant with its result."""

    variant: ComparedVariant
    result: PairResult


def judged_variants(comparison: Comparison, verdict: str) -> list[Judged]:
    """Variants with this verdict, largest difference first."""
    judged = []
    for variant in comparison.variants:
        if variant.result is not None and variant.result.verdict == verdict:
            judged.append(Judged(variant, variant.result))
    return sorted(judged, key=lambda each: -abs(each.result.difference))


def verdict_sentences(comparison: Comparison) -> Iterable[str]:
    """Yield a sentence for each variant that is worse, better or equivalent; if there are many, name the rest."""
    for verdict in (WORSE, BETTER, EQUIVALENT):
        judged = judged_variants(comparison, verdict)
        shown = _first(judged)
        for each in shown:
            yield _verdict_sentence(comparison, each, verdict)
        hidden = [each.variant.label for each in judged[len(shown) :]]
        if hidden:
            yield f"{plural(len(hidden), 'more variant')} {_be(hidden)} {verdict}: {names(hidden)}."


def inconclusive_sentences(comparison: Comparison) -> Iterable[str]:
    """Yield a sentence for each inconclusive variant; if there are many, name the rest."""
    judged = judged_variants(comparison, INCONCLUSIVE)
    shown = _first(judged)
    for each in shown:
        difference = number(each.result.difference, comparison.decimals, sign=True)
        interval = _in_brackets([confidence_interval(each.result.interval, comparison.decimals)])
        yield f"No difference shown for {_name(comparison, each.variant)}: {difference}{interval}."
    hidden = [each.variant.label for each in judged[len(shown) :]]
    if hidden:
        yield f"No difference shown for {plural(len(hidden), 'more variant')}: {names(hidden)}."


def _first(judged: Sequence[Judged]) -> Sequence[Judged]:
    return judged if len(judged) <= MAX_SENTENCES else judged[:FIRST]


def _be(labels: Sequence[str]) -> str:
    return "is" if len(labels) == 1 else "are"


def _verdict_sentence(comparison: Comparison, judged: Judged, verdict: str) -> str:
    """Write the sentence about one verdict.

    Example: `plain34 is worse: -0.498 test accuracy (95 % CI -0.672 to -0.323, p = 0.002 after Holm, n = 3).`
    """
    result = judged.result
    evidence = [confidence_interval(result.interval, comparison.decimals)]
    if verdict == EQUIVALENT and comparison.margin is not None:
        evidence.append(f"within the margin of {comparison.margin:g}")
    elif comparison.max_seeds is None:
        evidence.append(f"p = {p_value(result.p_holm)} after Holm")
    evidence.append(_seeds(result))
    difference = number(result.difference, comparison.decimals, sign=True)
    name = _name(comparison, judged.variant)
    return f"{name} is {verdict}: {difference} {comparison.metric.name}{_in_brackets(evidence)}."


def _name(comparison: Comparison, variant: ComparedVariant) -> str:
    """The label, with remarks on a reference other than the baseline, on co-changes and on a different budget."""
    remarks = []
    if variant.reference != comparison.baseline:
        remarks.append(f"compared with {variant.reference}")
    if variant.co_changes:
        remarks.append(f"with {', '.join(variant.co_changes)}")
    if variant.budget:
        remarks.append("with a different training budget")
    return f"{variant.label}{_in_brackets(remarks)}"


def _in_brackets(texts: Sequence[str]) -> str:
    """Join the texts that are not empty as ` (a, b)`; empty where all are."""
    joined = ", ".join(filter(None, texts))
    return f" ({joined})" if joined else ""


def _seeds(result: PairResult) -> str:
    if result.arm.n == result.reference.n:
        return f"n = {result.arm.n}"
    return f"n = {result.arm.n} and {result.reference.n}"


# ---------------------------------------------------------------- no verdict


def undecided_sentences(comparison: Comparison) -> Iterable[str]:
    """Say which variants have no verdict yet, and what each one needs."""
    waiting = [each.variant.label for each in judged_variants(comparison, WAITING)]
    if waiting:
        yield f"Not yet decided: {names(waiting)}. Run the study's command again to add seeds."
    too_few = [f"{each.variant.label} has {each.variant.arm.n}" for each in judged_variants(comparison, TOO_FEW)]
    if too_few:
        yield (
            f"Too few seeds for a verdict: {names(too_few)}. A variant and its reference each need {MIN_SEEDS}, "
            f"for example {SEEDS_EXAMPLE}."
        )
    yield from _without_runs(comparison)


def _without_runs(comparison: Comparison) -> Iterable[str]:
    """Name the variants without a verdict because they, or their references, have no completed run."""
    compared = [variant for variant in comparison.variants if variant.reference]
    if not compared:
        yield f"There is nothing to compare {comparison.baseline} with."
    has_runs = {variant.label: bool(variant.runs) for variant in comparison.variants}
    empty: dict[str, None] = {}
    affected = []
    for variant in compared:
        pair = (str(variant.reference), variant.label)
        missing = [label for label in pair if not has_runs[label]]
        if missing:
            affected.append(variant.label)
            empty.update(dict.fromkeys(missing))
    if affected:
        yield f"No verdict on {names(affected)}: no run of {names(list(empty))} has completed."


def missing_runs_sentences(comparison: Comparison) -> Iterable[str]:
    """Say which variants have fewer runs than planned."""
    incomplete = []
    for variant in comparison.variants:
        if variant.planned_seeds and len(variant.runs) < variant.planned_seeds:
            incomplete.append(f"{variant.label} has {len(variant.runs)} of {variant.planned_seeds}")
    if incomplete:
        yield f"Planned runs are missing: {names(incomplete)}."
