"""Texts of verdicts and of the assumption behind them, the same in every table, page and sentence.

Only `verdict_text` decides the content of a verdict cell.
"""

from collections.abc import Sequence

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.statistics.protocol import LEVEL
from ablation.statistics.sequential import WAITING
from ablation.statistics.verdict import BETTER, EQUIVALENT, INCONCLUSIVE, TOO_FEW, WORSE
from ablation.text import list_with_more

BASELINE = "baseline"
NOT_COMPARABLE = "not comparable"
NO_RUN = "no completed run"
NO_REFERENCE_RUN = "no completed run to compare with"
VERDICTS = (BETTER, WORSE, EQUIVALENT, INCONCLUSIVE)
REASONS = (NOT_COMPARABLE, NO_RUN, NO_REFERENCE_RUN, TOO_FEW, WAITING)  # why a compared variant has no verdict
RELYING = (BETTER, WORSE, EQUIVALENT)  # verdicts that make a claim, and so rest on assumptions
NAMED = 6  # variants named in the sentence on the assumption


def verdict_text(comparison: Comparison, variant: ComparedVariant) -> str:
    """Text of a verdict cell: `baseline`, one of VERDICTS or REASONS, or empty where nothing is compared."""
    if variant.label == comparison.baseline:
        return BASELINE
    if variant.comparability.blocking:
        return NOT_COMPARABLE
    if variant.result is not None:
        return variant.result.verdict
    if variant.reference is None:
        return ""
    return NO_REFERENCE_RUN if variant.runs else NO_RUN


def assumption_sentence(comparison: Comparison) -> str:
    """State that verdicts assume normal noise, where seeds are too few for a permutation test; empty otherwise.

    An inconclusive verdict makes no claim, so it needs no assumption.
    """
    claims = [variant for variant in comparison.variants if variant.result and variant.result.verdict in RELYING]
    assuming = [variant for variant in claims if variant.result and variant.result.assumes_normality]
    if not assuming:
        return ""
    subject = "this assumes"
    if len(assuming) < len(claims):
        labels = [variant.label for variant in assuming]
        subject = (
            f"the verdict{'s' * (len(labels) > 1)} on {list_with_more(labels, NAMED)} assume{'s' * (len(labels) == 1)}"
        )
    holm = f" after Holm's correction over {comparison.comparisons} comparisons" if comparison.comparisons > 1 else ""
    return (
        f"With {_seeds(assuming)} {subject} normally distributed noise; a permutation test cannot reach "
        f"p = {LEVEL:g}{holm}."
    )


def _seeds(variants: Sequence[ComparedVariant]) -> str:
    """Format the seed counts: `3 seeds`, or `3 to 5 seeds`."""
    counts = sorted({variant.arm.n for variant in variants})
    return f"{counts[0]} seeds" if len(counts) == 1 else f"{counts[0]} to {counts[-1]} seeds"


def labels_name_removals(variants: Sequence[ComparedVariant]) -> bool:
    """Check that each label lists its removals, as in `-norm -shortcut`, so that they need no column."""
    for variant in variants:
        if variant.removed and variant.label != " ".join(f"-{name}" for name in variant.removed):
            return False
    return True
