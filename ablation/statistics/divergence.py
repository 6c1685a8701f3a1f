"""Diverged runs as an outcome of their own: Fisher's exact test of two rates (Fisher 1935)."""

from dataclasses import dataclass

import numpy as np
import scipy


@dataclass(frozen=True)
class Rate:
    """The number of diverged runs among all runs that have ended."""

    diverged: int
    runs: int


def fisher_p(arm: Rate, reference: Rate) -> float:
    """Two-sided p for the null hypothesis that the runs of both sides diverge equally often."""
    table = np.array([[rate.diverged, rate.runs - rate.diverged] for rate in (arm, reference)])
    return float(scipy.stats.fisher_exact(table).pvalue)
