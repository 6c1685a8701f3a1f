"""Texts of verdicts and of the assumption behind them, the same in every table, page and sentence.

Only `verdict_text` decides the content of a verdict cell.
"""

from collections import Counter
from collections.abc import Sequence

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.report.wording.number_format import p_value
from ablation.statistics.protocol import LEVEL, MIN_SEEDS
from ablation.statistics.verdict import (
    BETTER,
    EQUIVALENT,
    INCOMPLETE,
    INCONCLUSIVE,
    TOO_FEW,
    WHERE_TRAINED,
    WORSE,
    PairResult,
)
from ablation.text import list_with_more, plural

BASELINE = "baseline"
NOT_COMPARABLE = "not comparable"
NO_RUN = "no completed run"
NO_REFERENCE_RUN = "no completed run to compare with"
VERDICTS = (BETTER, WORSE, EQUIVALENT, INCONCLUSIVE)
RELYING = (BETTER, WORSE, EQUIVALENT)  # verdicts that make a claim, and so rest on assumptions
RELYING_ON_LOOK = (BETTER, WORSE)  # in a sequential study, where equivalence is not tested at the nominal level
NAMED = 6  # variants named in the sentence on the assumption


def verdict_text(comparison: Comparison, variant: ComparedVariant) -> str:
    """Text of a verdict cell: `baseline`, one of VERDICTS, a reason for none, or empty where nothing is compared."""
    if variant.label == comparison.baseline:
        return BASELINE
    if variant.comparability.blocking:
        return NOT_COMPARABLE
    if variant.result is not None:
        if variant.result.verdict == WHERE_TRAINED:
            return where_trained(variant.result)
        return variant.result.verdict
    if variant.reference is None:
        return ""
    return NO_REFERENCE_RUN if variant.runs else NO_RUN


def verdict_detail(comparison: Comparison, variant: ComparedVariant) -> str:
    """What a row adds to its verdict: diverged or missing runs, or that a difference is within the margin."""
    result = variant.result
    if not variant.runs and variant.missing == variant.planned_seeds and not variant.unfinished:
        return ""  # the verdict cell says already that no run has completed
    own = missing_runs(variant)
    if own or variant.reference is None:
        return own
    if variant.comparability.blocking:
        return ""
    if result is None:
        lost = diverged_runs(comparison, variant)
        return f"({lost})" if lost else ""
    if result.verdict == WHERE_TRAINED:
        return f"({diverged_runs(comparison, variant)})"
    if result.verdict == INCOMPLETE:
        return f"({variant.reference}: {missing_runs(comparison.variant(variant.reference)).strip('()')})"
    if result.verdict == TOO_FEW:
        return _too_few(variant, result)
    if result.within_margin and result.verdict in (BETTER, WORSE):
        return "(by less than the margin)"
    return ""


def _too_few(variant: ComparedVariant, result: PairResult) -> str:
    """What else is short than the row's own n: the reference, or the seeds that both sides have."""
    reference = result.reference
    if reference.n < MIN_SEEDS:
        return f"({reference.label} has {reference.n})"
    return "" if is_short(variant) else f"({plural(result.pair.n, 'seed')} in common)"


def where_trained(result: PairResult) -> str:
    """`higher where it trained`: what a test found that diverged runs do not allow as a verdict."""
    side = "it" if result.pair.diverged else "the reference"
    if result.pair.diverged and result.pair.reference_diverged:
        side = "both"
    if result.outcome == EQUIVALENT:
        found = "equivalent"
    else:
        found = "higher" if result.difference > 0 else "lower"
    return f"{found} where {side} trained"


def diverged_runs(comparison: Comparison, variant: ComparedVariant) -> str:
    """`3 of 6 diverged`; where runs of the reference diverged too, `3 of 6 diverged; resnet34: 1 of 6`."""
    own = f"{diverged_share(variant)} diverged" if variant.diverged else ""
    if variant.reference is None:
        return own
    reference = comparison.variant(variant.reference)
    if not reference.diverged:
        return own
    share = f"{reference.label}: {diverged_share(reference)}"
    return f"{own}; {share}" if own else f"{share} diverged"


def is_short(variant: ComparedVariant) -> bool:
    """Check for fewer completed runs than any verdict needs."""
    return variant.arm.n < MIN_SEEDS


def is_all_diverged(variant: ComparedVariant) -> bool:
    """Check that every run of a variant diverged and none is missing."""
    return bool(variant.diverged) and not (variant.runs or variant.missing or variant.unfinished)


def diverged_share(variant: ComparedVariant) -> str:
    """The diverged runs among those that have ended: `3 of 6`; with blocks, the seeds."""
    ended = variant.arm.n if any(run.block for run in variant.runs) else len(variant.runs)
    return f"{len(variant.diverged)} of {len(variant.diverged) + ended}"


def missing_runs(variant: ComparedVariant) -> str:
    """`(1 of 5 runs missing)`, `(1 of 5 runs missing: 1 failed)`, without a plan `(1 failed)`; empty if none is."""
    counted = Counter(run.status for run in variant.unfinished)
    states = ", ".join(f"{count} {status}" for status, count in sorted(counted.items()))
    if not variant.planned_seeds:
        return f"({states})" if states else ""
    if not variant.missing:
        return ""
    text = f"{variant.missing} of {variant.planned_seeds} runs missing"
    return f"({text}: {states})" if states else f"({text})"


def corrected_p(comparison: Comparison, p: float) -> str:
    """`p = 0.002 after Holm`; of a single comparison, which needs no correction, `p = 0.002`."""
    return f"p = {p_value(p)} after Holm" if comparison.comparisons > 1 else f"p = {p_value(p)}"


def exploratory_sentence(comparison: Comparison) -> list[str]:
    """Say why the comparison is exploratory; empty if a plan fixed it before there was data, or nothing is compared."""
    if not comparison.exploratory or not any(variant.reference for variant in comparison.variants):
        return []
    return [f"Exploratory: {'; '.join(comparison.exploratory)}."]


def test_name(comparison: Comparison) -> str:
    """The test behind the verdicts: `Welch's t-test over seeds`, `Paired t-test over seeds`, or both.

    In a factorial design, effects are contrasts of the means of all cells, each with its own variance.
    """
    if comparison.effects:
        return "Welch's t-test on contrasts of the cells' means"
    paired, welch = [], []
    for variant in comparison.variants:
        if variant.result is not None:
            (paired if variant.result.pair.paired else welch).append(variant.label)
    if not paired:
        return "Welch's t-test over seeds"
    if not welch:
        return "Paired t-test over seeds"
    return f"Paired t-test over seeds (for {list_with_more(welch, NAMED)} Welch's t-test)"


def has_verdicts(comparison: Comparison) -> bool:
    """True if a test of variants stands behind a verdict, rather than a reason for none in every row."""
    verdicts = {variant.result.verdict for variant in comparison.variants if variant.result}
    return not verdicts <= {"", TOO_FEW, INCOMPLETE}


def assumption_sentence(comparison: Comparison) -> str:
    """State that verdicts assume normal noise, where seeds are too few for a randomization test; empty otherwise.

    An inconclusive verdict makes no claim, so it needs no assumption.
    """
    relying = RELYING_ON_LOOK if comparison.max_seeds else RELYING
    claims = [variant for variant in comparison.variants if variant.result and variant.result.verdict in relying]
    assuming = [variant for variant in claims if variant.result and variant.result.assumes_normality]
    if not assuming:
        return ""
    subject = "this assumes"
    if len(assuming) < len(claims):
        labels = [variant.label for variant in assuming]
        subject = (
            f"the verdict{'s' * (len(labels) > 1)} on {list_with_more(labels, NAMED)} assume{'s' * (len(labels) == 1)}"
        )
    return (
        f"With {_seeds(assuming)} {subject} normally distributed noise; a permutation test cannot reach "
        f"{_level(comparison)}."
    )


def _level(comparison: Comparison) -> str:
    if comparison.max_seeds:
        return "the nominal level of the look"
    holm = f" after Holm's correction over {comparison.comparisons} comparisons" if comparison.comparisons > 1 else ""
    return f"p = {LEVEL:g}{holm}"


def _seeds(variants: Sequence[ComparedVariant]) -> str:
    """Format the seed counts: `3 seeds`, or `3 to 5 seeds`."""
    counts = sorted({variant.result.pair.n for variant in variants if variant.result})
    return f"{counts[0]} seeds" if len(counts) == 1 else f"{counts[0]} to {counts[-1]} seeds"


def labels_name_removals(variants: Sequence[ComparedVariant]) -> bool:
    """Check that each label lists its removals, as in `-norm -shortcut`, so that they need no column.

    A label that the user replaced says what the user wants to say.
    """
    for variant in variants:
        listed = " ".join(f"-{name}" for name in variant.removed)
        if variant.removed and variant.label != listed and not variant.own_label:
            return False
    return True
