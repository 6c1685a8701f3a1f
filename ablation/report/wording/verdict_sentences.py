"""Verdicts on variants, as sentences: largest differences first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.report.wording.metric_format import metric_format
from ablation.report.wording.needed_seeds import needed_seeds, needed_seeds_of_several, needed_seeds_sentence
from ablation.report.wording.number_format import excludes_zero, p_value
from ablation.report.wording.verdict_text import corrected_p, diverged_runs, diverged_share, where_trained
from ablation.report.wording.warnings import names
from ablation.statistics.verdict import BETTER, EQUIVALENT, INCONCLUSIVE, WHERE_TRAINED, WORSE, PairResult
from ablation.text import plural

MAX_SENTENCES = 12  # variants with the same verdict that each get a sentence
FIRST = 6  # variants with a sentence where there are more; a last sentence names the rest


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
    for each in judged_variants(comparison, WHERE_TRAINED):
        yield _where_trained_sentence(comparison, each)


def inconclusive_sentences(comparison: Comparison, detect: float | None = None) -> Iterable[str]:
    """Yield two sentences for each inconclusive variant; if there are many, name the rest.

    The second one says how many seeds would detect a difference that matters. detect: as in `findings.sentences`.
    """
    judged = judged_variants(comparison, INCONCLUSIVE)
    shown = _first(judged)
    for each in shown:
        difference = metric_format(comparison).difference(each.result.difference)
        evidence = _in_brackets([_interval_of_inconclusive(comparison, each.result), *_how(each.result)])
        needed = needed_seeds_sentence(comparison, each.result.estimate, each.result.pair.n, detect)
        yield f"No difference shown for {_name(comparison, each.variant)}: {difference}{evidence}. {needed}"
    hidden = judged[len(shown) :]
    if hidden:
        labels = [each.variant.label for each in hidden]
        needs = [needed_seeds(comparison, each.result.estimate, each.result.pair.n, detect) for each in hidden]
        yield (
            f"No difference shown for {plural(len(hidden), 'more variant')}: {names(labels)}. "
            f"{needed_seeds_of_several(comparison, needs)}"
        )


def _interval_of_inconclusive(comparison: Comparison, result: PairResult) -> str:
    """The interval; if it excludes 0 all the same, with the reason for the verdict."""
    interval = metric_format(comparison).confidence_interval(result.interval, _kind(result))
    if not excludes_zero(result.interval):
        return interval
    if result.look is not None:
        reason = f"but p = {p_value(result.look.p)}, above the nominal level {p_value(result.look.level)} of this look"
    else:
        over = f" over {comparison.comparisons} comparisons" if comparison.comparisons > 1 else ""
        reason = f"but {corrected_p(comparison, result.p_holm)}{over}"
    return f"{interval} for this comparison alone, {reason}"


def _kind(result: PairResult) -> str:
    return "95 % CI" if result.look is None else "repeated 95 % CI"


def _first(judged: Sequence[Judged]) -> Sequence[Judged]:
    return judged if len(judged) <= MAX_SENTENCES else judged[:FIRST]


def _be(labels: Sequence[str]) -> str:
    return "is" if len(labels) == 1 else "are"


def _verdict_sentence(comparison: Comparison, judged: Judged, verdict: str) -> str:
    """Write the sentence about one verdict.

    Example: `plain34 is worse: -0.498 test accuracy (95 % CI -0.672 to -0.323, p = 0.002 after Holm, n = 3).`
    """
    result = judged.result
    margin = ""
    if verdict != EQUIVALENT and result.within_margin and comparison.margin is not None:
        margin = f", but by less than the margin of {metric_format(comparison).chosen(comparison.margin)}"
    difference = metric_format(comparison).difference(result.difference)
    return (
        f"{_name(comparison, judged.variant)} is {verdict}{margin}: {difference} {comparison.metric.name} "
        f"({_evidence(comparison, result)})."
    )


def _evidence(comparison: Comparison, result: PairResult) -> str:
    """What the outcome rests on: of equivalence TOST, otherwise the interval and p, and TOST within the margin."""
    tost = ""
    if result.outcome == EQUIVALENT:
        texts = [_equivalence(comparison, result), _seeds(result)]
    else:
        texts = [metric_format(comparison).confidence_interval(result.interval, _kind(result)), _p(comparison, result)]
        if result.within_margin and comparison.margin is not None:
            tost = f"; {_equivalence(comparison, result)}"
    return ", ".join(filter(None, [*texts, "paired by seed" if result.pair.paired else ""])) + tost


def _p(comparison: Comparison, result: PairResult) -> str:
    """The p on which a verdict rests, what it was compared with, and the number of seeds."""
    step = ", below the level only in a later step of Holm's procedure" if result.by_later_step else ""
    if result.look is not None:
        level = p_value(result.look.level)
        return f"p = {p_value(result.look.p)} at the look with n = {result.look.n}, nominal level {level}{step}"
    return f"{corrected_p(comparison, result.p_holm)}{step}, {_seeds(result)}"


def _equivalence(comparison: Comparison, result: PairResult) -> str:
    written = metric_format(comparison)
    interval = written.confidence_interval(result.equivalence_interval, "90 % CI")
    p = corrected_p(comparison, result.p_equivalence)
    margin = "" if comparison.margin is None else written.chosen(comparison.margin)
    return ", ".join(filter(None, [f"TOST with the margin {margin}: {interval}", p]))


def _how(result: PairResult) -> list[str]:
    """The number of seeds, and whether runs are paired by seed."""
    return [_seeds(result), "paired by seed"] if result.pair.paired else [_seeds(result)]


def _where_trained_sentence(comparison: Comparison, judged: Judged) -> str:
    """Say what the runs that trained show, and why that is no verdict."""
    result, variant = judged.result, judged.variant
    difference = metric_format(comparison).difference(result.difference)
    reference = comparison.variant(str(variant.reference))
    shares = f"{diverged_share(variant)} and {diverged_share(reference)}"
    return (
        f"{_name(comparison, variant)} is {where_trained(result)} ({diverged_runs(comparison, variant)}): "
        f"{difference} {comparison.metric.name} ({_evidence(comparison, result)}). This is no verdict, because "
        f"diverged runs have no value ({shares}: p = {p_value(variant.divergence_p)}, Fisher's exact test)."
    )


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
    if result.pair.paired or result.look is not None:
        return f"n = {result.pair.n}"
    if result.arm.n == result.reference.n:
        return f"n = {result.arm.n}"
    return f"n = {result.arm.n} and {result.reference.n}"
