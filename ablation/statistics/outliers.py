"""Collapsed seeds and unequal standard deviations."""

import numpy as np

from ablation.statistics.arm import Arm
from ablation.statistics.protocol import MIN_SEEDS

OUTLIER_SDS = 10  # a run that lies further than this from the others of its arm has collapsed
UNEQUAL_RATIO = 10  # from which on two SDs are called unequal


def diagnostics(arm: Arm, reference: Arm, usual_variance: float) -> tuple[str, ...]:
    """Sentences about outliers in either arm and about unequal SDs; none where nothing is unusual."""
    outliers = (outlier_seed(arm, usual_variance), outlier_seed(reference, usual_variance))
    found = [text for text in (*outliers, unequal_sds(arm, reference)) if text]
    return tuple(found)


def unequal_sds(arm: Arm, reference: Arm) -> str | None:
    """Name the arm whose SD is more than tenfold that of the other."""
    steady, noisy = sorted((arm, reference), key=lambda each: each.floored_sd)
    low, high = steady.floored_sd, noisy.floored_sd
    if min(arm.n, reference.n) < MIN_SEEDS or not low > 0 or high < UNEQUAL_RATIO * low:
        return None
    return f"the standard deviation of {noisy.label} is {high / low:.0f} times that of {steady.label}"


def outlier_seed(arm: Arm, usual_variance: float = 0.0) -> str | None:
    """Name the run that lies more than ten SDs from the other runs of its arm.

    usual_variance: of three runs, two may lie close together by luck; their variance counts as no less than this.
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
