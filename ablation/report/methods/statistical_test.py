"""The statistical test of a comparison, as sentences for the methods."""

from collections.abc import Iterable

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.report.blocks.block_sentences import method_sentences
from ablation.report.wording.metric_format import metric_format
from ablation.report.wording.verdict_text import assumption_sentence, has_verdicts, test_name
from ablation.statistics.protocol import LEVEL, MIN_SEEDS
from ablation.statistics.sequential import WAITING
from ablation.statistics.verdict import INCOMPLETE, TOO_FEW
from ablation.text import list_with_more


def statistical_sentences(comparison: Comparison) -> Iterable[str]:
    """Name the test, its level, correction and assumptions; without verdicts, say that nothing was tested."""
    if comparison.baseline is None:
        yield "No difference was tested."
    elif comparison.effects_only:
        yield from _effect_sentences(comparison)
    elif not has_verdicts(comparison):
        yield f"No difference has a verdict, which needs all planned runs and {MIN_SEEDS} completed ones on each side."
    else:
        yield from _variant_sentences(comparison)


def _variant_sentences(comparison: Comparison) -> Iterable[str]:
    test = test_name(comparison)
    test = f"p{test[1:]}" if test.startswith("Paired") else test
    sentence = f"Each variant was compared with {_reference(comparison)} by {test}, two-sided at the {_level()} level"
    if comparison.comparisons > 1:
        sentence += f", with Holm's correction over {comparison.comparisons} comparisons"
    yield f"{sentence}."
    if comparison.max_seeds:
        waiting = [variant.label for variant in comparison.variants if _is_waiting(variant)]
        rule = "are added until every comparison is" if waiting else "were added until every comparison was"
        yield (
            f"Seeds {rule} decided, with interim looks from {MIN_SEEDS} to at most "
            f"{comparison.max_seeds} seeds; the level holds over all looks (Lan-DeMets alpha spending in proportion to "
            "the seeds). CIs of differences are repeated CIs, which hold over all looks."
        )
        if waiting:
            yield f"Not yet decided: {list_with_more(waiting)}."
    yield from method_sentences(comparison)
    if comparison.comparisons > 1:
        yield "The 95 % CI of each difference is for one comparison alone."
    yield from _floor(comparison)
    if is_guarded(comparison):
        yield (
            "Where a variant varied less than is usual among the variants, its test has the degrees of freedom that "
            "the usual variance gives."
        )
    if comparison.margin:
        margin = metric_format(comparison).chosen(comparison.margin)
        yield f"Equivalence was tested by two one-sided tests (TOST) with a margin of {margin}."
    assumption = assumption_sentence(comparison)
    if assumption:
        yield assumption


def _effect_sentences(comparison: Comparison) -> Iterable[str]:
    verdicts = {effect.verdict for effect in comparison.effects}
    if verdicts <= {"", TOO_FEW, INCOMPLETE}:
        yield f"No effect has a verdict; a verdict needs all planned runs, and {MIN_SEEDS} completed ones of each cell."
        return
    sentence = (
        "Main effects, which average over all other components, were tested as contrasts of the variants' means with "
        f"unequal variances (Welch-Satterthwaite), two-sided at the {_level()} level"
    )
    if comparison.comparisons > 1:
        sentence += f", with Holm's correction over {comparison.comparisons} comparisons"
    yield f"{sentence}."
    yield "Interactions and single variants were not judged."
    yield from _floor(comparison)


def _floor(comparison: Comparison) -> Iterable[str]:
    """The smallest SD that tests assume."""
    if comparison.metric.images:
        yield f"Each standard deviation was taken to be at least one image (1/{comparison.metric.images:,})."
    elif comparison.metric.step:
        step = comparison.metric.step
        yield f"Each standard deviation was taken to be at least {step.resolution:.2g}, {step.reason}."


def is_guarded(comparison: Comparison) -> bool:
    """Check for verdicts whose degrees of freedom are fewer than those of the plain test and its interval."""
    for variant in comparison.variants:
        result = variant.result
        if result and result.look is None and result.estimate.freedom < result.pair.estimate.freedom:
            return True
    return False


def _is_waiting(variant: ComparedVariant) -> bool:
    return variant.result is not None and variant.result.verdict == WAITING


def _reference(comparison: Comparison) -> str:
    references = {variant.reference for variant in comparison.variants if variant.reference}
    if references <= {comparison.baseline}:
        return "the baseline"
    return "the variant that the table names"


def _level() -> str:
    return f"{100 * LEVEL:g} %"
