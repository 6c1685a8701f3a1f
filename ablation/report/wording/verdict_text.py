"""The verdict of a variant in words, and the assumption that verdicts make: the same in every table, page and sentence.

`verdict_text` is the only place that decides what stands in a verdict cell.
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
REASONS = (NOT_COMPARABLE, NO_RUN, NO_REFERENCE_RUN, TOO_FEW, WAITING)  # why a variant that is compared has no verdict
RELYING = (BETTER, WORSE, EQUIVALENT)  # verdicts that claim something, and so rest on assumptions
NAMED = 6  # variants that the assumption names


def verdict_text(comparison: Comparison, variant: ComparedVariant) -> str:
    """What a verdict cell says: `baseline`, one of VERDICTS, one of REASONS, or nothing where nothing is compared."""
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
    """State that verdicts assume normal noise, where so few seeds cannot give one without; empty where none does.

    An inconclusive variant claims nothing, so it assumes nothing.
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
    """`3 seeds`, or `3 to 5 seeds`."""
    counts = sorted({variant.arm.n for variant in variants})
    return f"{counts[0]} seeds" if len(counts) == 1 else f"{counts[0]} to {counts[-1]} seeds"


def labels_name_removals(variants: Sequence[ComparedVariant]) -> bool:
    """Whether each label lists what was removed, `-norm -shortcut`, so that no column has to."""
    for variant in variants:
        if variant.removed and variant.label != " ".join(f"-{name}" for name in variant.removed):
            return False
    return True
