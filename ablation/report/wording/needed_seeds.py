"""How many seeds would detect a difference that matters, for a comparison that showed none.

The difference is one that was chosen before: the equivalence margin, or the one that the study was planned to detect.
The observed difference is never used (Hoenig & Heisey 2001, The American Statistician 55).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.wording.metric_format import metric_format
from ablation.statistics import power
from ablation.statistics.estimate import Estimate
from ablation.statistics.power import SeedRange
from ablation.statistics.protocol import LEVEL, POWER
from ablation.text import capitalized

UNKNOWN = "How many seeds would detect a difference is unknown, because the runs do not vary."


@dataclass(frozen=True)
class Needed:
    """The seeds that detect a difference with 80 % power.

    difference: in the metric's unit. planned: True if it was chosen before; otherwise it is half of the minimum
    detectable difference of n seeds.
    """

    difference: float
    seeds: SeedRange
    planned: bool


def needed_seeds(comparison: Comparison, estimate: Estimate, n: int, detect: float | None = None) -> Needed | None:
    """The seeds that a comparison needs; None if its standard error is unknown.

    estimate: of the comparison, from n seeds. detect: a difference to detect instead of the margin or the planned one.
    """
    level = LEVEL / max(1, comparison.comparisons)
    chosen = detect or comparison.margin or comparison.detect
    difference = chosen or power.detectable_difference(estimate, level) / 2
    if not isfinite(difference):
        return None
    seeds = power.seeds_to_detect(difference, estimate, n, level)
    return None if seeds is None else Needed(difference, seeds, planned=bool(chosen))


def needed_seeds_sentence(comparison: Comparison, estimate: Estimate, n: int, detect: float | None = None) -> str:
    """`9 to 61 seeds would detect 0.05.`; without a planned difference, what n seeds detect, and half of it."""
    needed = needed_seeds(comparison, estimate, n, detect)
    if needed is None:
        return UNKNOWN
    written = metric_format(comparison)
    if needed.planned:
        return f"{capitalized(seed_range(needed.seeds))} seeds would detect {written.chosen(needed.difference)}."
    detectable = written.difference(2 * needed.difference, sign=False)
    return (
        f"{n} seeds detect a difference of {detectable} ({100 * POWER:.0f} % power); "
        f"{seed_range(needed.seeds)} would detect half of it."
    )


def needed_seeds_of_several(comparison: Comparison, needs: Sequence[Needed | None]) -> str:
    """The same for several comparisons in one sentence: `9 to 61 seeds would detect 0.05.`"""
    known = [needed for needed in needs if needed is not None]
    if not known:
        return UNKNOWN
    written = metric_format(comparison)
    if not known[0].planned:
        differences = [2 * needed.difference for needed in known]
        ends = [written.difference(difference, sign=False) for difference in (min(differences), max(differences))]
        return f"Their seeds detect differences of {_joined(ends)} ({100 * POWER:.0f} % power)."
    bounds: list[int] = []
    for needed in known:
        bounds += [bound or power.MAX_SEEDS + 1 for bound in needed.seeds]
    lowest, highest = (None if bound > power.MAX_SEEDS else bound for bound in (min(bounds), max(bounds)))
    seeds = seed_range(SeedRange(lowest, highest))
    return f"{capitalized(seeds)} seeds would detect {written.chosen(known[0].difference)}."


def seed_range(seeds: SeedRange) -> str:
    """`14`, `9 to 61`, `9 to more than 10,000`."""
    texts = []
    for bound in seeds:
        texts.append(f"{bound:,}" if bound else f"more than {power.MAX_SEEDS:,}")
    return _joined(texts)


def _joined(ends: Sequence[str]) -> str:
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)
