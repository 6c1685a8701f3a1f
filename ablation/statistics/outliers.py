"""Collapsed seeds and unequal standard deviations."""

import numpy as np

from ablation.statistics.arm import Arm
from ablation.statistics.protocol import MIN_SEEDS

FAR, TENFOLD = 10, 10  # deviations from the rest that make a run a collapsed one; ratio of two arms' deviations


def diagnostics(arm: Arm, other: Arm, usual: float) -> tuple[str, ...]:
    told = [text for one in (arm, other) if (text := outlier_seed(one, usual))]
    low, high = sorted(max(a.sd, a.resolution) for a in (arm, other))
    if min(arm.n, other.n) >= MIN_SEEDS and low > 0 and high >= TENFOLD * low:
        noisy = max((arm, other), key=lambda a: max(a.sd, a.resolution))
        steady = arm if noisy is other else other
        told.append(f"the deviation of {noisy.label} is {high / low:.0f} times that of {steady.label}")
    return tuple(told)


def outlier_seed(arm: Arm, usual: float = 0.0) -> str | None:
    """A run that lies more than ten deviations from the others of its arm. usual: a variance to expect at least."""
    if arm.n < MIN_SEEDS:
        return None
    values, n = arm.array - arm.mean, arm.n
    means = -values / (n - 1)  # of the others
    variances = ((values**2).sum() - values**2 - (n - 1) * means**2) / (n - 2)
    spread = np.sqrt(np.maximum(variances, max(arm.resolution**2, usual if n == MIN_SEEDS else 0.0)))
    far = np.abs(values - means) / np.where(spread > 0, spread, np.inf)
    worst = int(far.argmax())
    if far[worst] <= FAR:
        return None
    return f"seed {sorted(arm.values)[worst]} of {arm.label} lies {far[worst]:.0f} deviations from its others"
