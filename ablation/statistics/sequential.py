"""Group-sequential verdicts: interim looks at 3, 4, 5, … pairs of runs that together keep the false-positive rate.

The p of each look is compared with its nominal level (Jennison & Turnbull 2000, section 3.8). Holm's steps correct for
the study's comparisons (Maurer & Bretz 2013, Statist. Biopharm. Res. 5). A comparison without shared initial weights
is tested over the means, with the degrees of freedom of one side, for which the levels are cautious. Intervals are
repeated confidence intervals, valid at all looks together (Jennison & Turnbull 2000, chapter 9).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import isnan, nan

import numpy as np
from scipy import special

from ablation.statistics import effect_size, welch
from ablation.statistics.alpha_spending import looks, nominal_level
from ablation.statistics.estimate import Estimate
from ablation.statistics.outliers import diagnostics
from ablation.statistics.pair import Pair
from ablation.statistics.protocol import LEVEL, MIN_SEEDS
from ablation.statistics.running_moments import running_moments
from ablation.statistics.verdict import (
    BETTER,
    INCONCLUSIVE,
    WORSE,
    Look,
    PairResult,
    described,
    direction,
    found,
    verdict,
)

WAITING = "not yet decided"


@dataclass(frozen=True)
class Decision:
    """The state of one comparison.

    verdict: WAITING if the next look needs more pairs of runs. seeds: their number at that look, or at the look that
    decided. look: the last look that was made; None if there was none.
    """

    verdict: str
    seeds: int
    look: Look | None = None


@dataclass(frozen=True)
class Design:
    """max_seeds: the pairs at the last look. comparisons: the number that Holm's correction counts.

    margin: the equivalence margin, tested at a comparison's last look. higher: True if a higher value is better.
    """

    max_seeds: int
    comparisons: int
    higher: bool = True
    margin: float | None = None
    level: float = LEVEL


@dataclass(frozen=True)
class Track:
    """A pair at all its looks. Its seeds are those that both sides have, in ascending order."""

    pair: Pair

    @cached_property
    def complete(self) -> Pair:
        return self.pair.first(len(self.pair.seeds))

    @property
    def n(self) -> int:
        return len(self.pair.seeds)

    @cached_property
    def differences(self) -> np.ndarray:
        """float64 (n,): of the first 1, 2, … pairs of runs."""
        return running_moments(self.complete.gaps).means

    @cached_property
    def standard_errors(self) -> np.ndarray:
        """float64 (n,): of the differences; 0 where nothing varies."""
        counts = np.arange(1, self.n + 1)
        if self.pair.paired:
            variances = np.maximum(running_moments(self.complete.gaps).variances, self.pair.gap_floor)
            return np.sqrt(variances / counts)
        variances = np.zeros(self.n)
        for arm in (self.complete.arm, self.complete.reference):
            variances += np.maximum(running_moments(arm.array).variances, arm.resolution**2)
        return np.sqrt(variances / counts)

    @cached_property
    def ps(self) -> np.ndarray:
        """float64 (n,): two-sided p with n - 1 degrees of freedom; nan for a single pair or if nothing varies."""
        freedom = np.arange(self.n)
        known = (self.standard_errors > 0) & (freedom > 0)
        ratios = np.divide(self.differences, self.standard_errors, out=np.zeros(self.n), where=known)
        return np.where(known, 2 * special.stdtr(np.maximum(freedom, 1), -np.abs(ratios)), nan)

    def estimate(self, n: int) -> Estimate:
        """The difference at the look with n pairs."""
        return Estimate(float(self.differences[n - 1]), float(self.standard_errors[n - 1]), n - 1)


def decide(pairs: Sequence[Pair], design: Design, ends: Sequence[int] | None = None) -> list[Decision]:
    """Repeat all looks in order, each with the first complete pairs of runs; return the decision on each comparison.

    ends: the pairs of runs that each comparison can reach, if fewer; one that is undecided there is inconclusive.
    """
    return decide_tracks([Track(pair) for pair in pairs], design, ends)


def decide_tracks(tracks: Sequence[Track], design: Design, ends: Sequence[int] | None = None) -> list[Decision]:
    """As `decide`, with looks that were computed before."""
    return _Study(tracks, design, ends).decide()


def judge(pairs: Sequence[Pair], design: Design, ends: Sequence[int] | None = None) -> list[PairResult]:
    """The full comparison of each pair, with the data of the look that decided it, or of the last one so far."""
    tracks = [Track(pair) for pair in pairs]
    decisions = decide_tracks(tracks, design, ends)
    is_equivalent = _equivalence(tracks, decisions, design)
    usual = welch.median_variance(arm for pair in pairs for arm in (pair.arm, pair.reference))
    results = []
    for track, decision, equivalence_p in zip(tracks, decisions, is_equivalent, strict=True):
        result = _result(track, decision, design, equivalence_p)
        cut = result.pair
        results.append(replace(result, diagnostics=diagnostics(cut.arm, cut.reference, usual)))
    return results


def _equivalence(tracks: Sequence[Track], decisions: Sequence[Decision], design: Design) -> list[float]:
    """p of TOST after Holm, for comparisons that have had their last look; nan for the others."""
    ps = []
    for track, decision in zip(tracks, decisions, strict=True):
        if design.margin and decision.look is not None and decision.verdict != WAITING:
            ps.append(track.estimate(decision.look.n).equivalence_p(design.margin))
        else:
            ps.append(nan)
    adjusted = welch.holm(ps, design.comparisons)
    return [nan if isnan(p) else corrected for p, corrected in zip(ps, adjusted, strict=True)]


def _result(track: Track, decision: Decision, design: Design, equivalence_p: float) -> PairResult:
    """The result of a comparison, with the intervals of its last look."""
    look = decision.look
    if look is None:
        outcome = found(track.pair, False, False, design.higher)
        verdict_so_far = WAITING if decision.verdict == WAITING else outcome
        return replace(described(track.pair, design.higher), verdict=verdict_so_far, outcome=outcome)
    pair, estimate = track.pair.first(look.n), track.estimate(look.n)
    of_one = repeated_level(look.n, design, 1)
    of_all = repeated_level(look.n, design, design.comparisons)
    decided = decision.verdict in (BETTER, WORSE)
    outcome = found(pair, decided, equivalence_p <= design.level, design.higher)
    return replace(
        described(pair, design.higher),
        estimate=estimate,
        p=look.p,
        interval=estimate.interval(1 - of_one),
        simultaneous=estimate.interval(1 - of_all),
        equivalence_interval=estimate.interval(1 - 2 * design.level),
        p_equivalence=equivalence_p,
        verdict=WAITING if decision.verdict == WAITING else verdict(pair, outcome),
        outcome=outcome,
        within_margin=equivalence_p <= design.level,
        by_later_step=decided and look.p > of_all,
        assumes_normality=effect_size.smallest_p(pair) > look.level,
        look=look,
    )


def repeated_level(n: int, design: Design, comparisons: int) -> float:
    """1 - the confidence of the interval at the look with n pairs, such that all looks and comparisons hold."""
    return nominal_level(design.max_seeds, design.level / comparisons, n)


@dataclass
class _Study:
    """The arguments of `decide`. decisions, last_looks: so far, by the index of their comparison."""

    tracks: Sequence[Track]
    design: Design
    ends: Sequence[int] | None
    decisions: dict[int, Decision] = field(default_factory=dict)
    last_looks: dict[int, Look] = field(default_factory=dict)

    def decide(self) -> list[Decision]:
        for n in looks(self.design.max_seeds):
            self._look(n)
        decisions = []
        for index in range(len(self.tracks)):
            undecided = Decision(INCONCLUSIVE, self.design.max_seeds, self.last_looks.get(index))
            decisions.append(self.decisions.get(index, undecided))
        return decisions

    def _look(self, n: int) -> None:
        """Test the undecided comparisons at n pairs, smallest p first, and stop at the first p above its level."""
        ps = {index: float(self.tracks[index].ps[n - 1]) for index in self._ready(n)}
        known = [index for index, p in ps.items() if not isnan(p)]
        level, stopped = self._level(n), False
        for index in sorted(known, key=ps.__getitem__):
            difference = float(self.tracks[index].differences[n - 1])
            look = Look(n, level, ps[index])
            self.last_looks[index] = look
            stopped = stopped or ps[index] > level or difference == 0
            if not stopped:
                self.decisions[index] = Decision(direction(difference, True, self.design.higher), n, look)
                level = self._level(n)

    def _ready(self, n: int) -> list[int]:
        """The undecided comparisons with n pairs of runs. The others wait or become inconclusive."""
        ready = []
        for index, track in enumerate(self.tracks):
            if index in self.decisions:
                continue
            if track.n >= n:
                ready.append(index)
            else:
                can_come = self.ends is None or n <= self.ends[index]
                self.decisions[index] = Decision(WAITING if can_come else INCONCLUSIVE, n, self.last_looks.get(index))
        return ready

    def _level(self, n: int) -> float:
        """The nominal level of this look after Holm's step: the level is shared by the comparisons still undecided."""
        different = [decision for decision in self.decisions.values() if decision.verdict in (BETTER, WORSE)]
        undecided = max(1, self.design.comparisons - len(different))
        return nominal_level(self.design.max_seeds, self.design.level / undecided, n)


def usable_pairs(max_seeds: int, complete: int, lost: int) -> int:
    """The number of complete pairs that a comparison can reach.

    complete: those it has. lost: the seeds at which a run of either side diverged; each is replaced by another seed,
    for both sides. From MIN_SEEDS lost seeds on, none is added: the divergence itself is then the result.
    """
    return max_seeds - lost if lost < MIN_SEEDS else complete


def without_gaps(pair: Pair, seeds: Sequence[int], lost: Collection[int]) -> Pair:
    """The pair up to the first seed that has neither a complete pair of runs nor a diverged run.

    A look never skips a missing run, because leaving one out must not change what was decided before.
    seeds: of the study, in order. lost: those at which a run of either side diverged.
    """
    complete, kept = set(pair.seeds), []
    for seed in seeds:
        if seed in complete:
            kept.append(seed)
        elif seed not in lost:
            break
    return replace(pair, arm=pair.arm.only(kept), reference=pair.reference.only(kept))
