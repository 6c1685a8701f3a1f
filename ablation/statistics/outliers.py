"""Collapsed seeds and unequal standard deviations."""

import numpy as np

from ablation.statistics.arm import Arm
from ablation.statistics.protocol import MIN_SEEDS

OUTLIER_SDS = 10  # a run further than this from the other runs of its arm counts as collapsed
UNEQUAL_RATIO = 10  # from this ratio on, two SDs are reported as unequal


def diagnostics(arm: Arm, reference: Arm, usual_variance: float) -> tuple[str, ...]:
    """Sentences about outliers in either arm and about unequal SDs; empty if nothing is unusual."""
    outliers = (outlier_seed(arm, usual_variance), outlier_seed(reference, usual_variance))
    sentences = [text for text in (*outliers, unequal_sds(arm, reference)) if text]
    return tuple(sentences)


def unequal_sds(arm: Arm, reference: Arm) -> str | None:
    """A sentence if one arm's SD is at least ten times the other's; otherwise None."""
    steady, noisy = sorted((arm, reference), key=lambda each: each.floored_sd)
    low, high = steady.floored_sd, noisy.floored_sd
    if min(arm.n, reference.n) < MIN_SEEDS or not low > 0 or high < UNEQUAL_RATIO * low:
        return None
    return f"the standard deviation of {noisy.label} is {high / low:.0f} times that of {steady.label}"


def outlier_seed(arm: Arm, usual_variance: float = 0.0) -> str | None:
    """A sentence if a run lies more than ten SDs from the other runs of its arm; otherwise None.

    usual_variance: a floor for the variance of the other two of three runs, which may be close together by chance.
    """
    if arm.n < MIN_SEEDS:
        return None
    values, n = arm.array - arm.mean, arm.n
    means_of_others = -values / (n - 1)
    variances_of_others = ((values**2).sum() - values**2 - (n - 1) * means_of_others**2) / (n - 2)
    least = max(arm.resolution**2, usual_variance if n == MIN_SEEDS else 0.0)
    sds = np.sqrt(np.maximum(variances_of_others, least))
    distances = np.abs(values - means_of_others) / np.where(sds > 0, sds, np.inf)
    worst = int(distances.argmax())
    if distances[worst] <= OUTLIER_SDS:
        return None
    return f"seed {sorted(arm.values)[worst]} of {arm.label} lies {distances[worst]:.0f} SD from its other seeds"
