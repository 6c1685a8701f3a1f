"""False verdicts and the coverage of intervals, counted over simulated studies without or with true differences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ablation.statistics import sequential
from ablation.statistics.arm import Arm
from ablation.statistics.estimate import Estimate
from ablation.statistics.pair import Pair
from ablation.statistics.protocol import LEVEL
from ablation.statistics.verdict import BETTER, WORSE, Family
from simulation.rows import BASELINE, COMPARISONS, COMPONENTS, MAX_SEEDS, Row

CHUNK = 500  # studies drawn at once
SIGNIFICANT = (BETTER, WORSE)
UNEQUAL = -1  # instead of a number of seeds
CHECKED = 4  # comparisons of the studies of which everything shown is compared with what is counted


@dataclass(frozen=True)
class Design:
    """paired: by seed, else Welch's test. n: the seeds of a fixed design, or UNEQUAL: those of its row; 0: sequential.

    shift: the true difference of each component, in SDs of the baseline.
    """

    paired: bool
    n: int = 0
    shift: float = 0.0

    @property
    def name(self) -> str:
        test = "paired" if self.paired else "Welch"
        return f"{test} {self.n}" if self.n > 0 else test

    def sizes(self, row: Row) -> tuple[int, int]:
        """The seeds of each component and of the baseline."""
        if row.sizes and self.n == UNEQUAL:
            return row.sizes
        n = self.n or MAX_SEEDS
        return n, n


FIXED = (Design(False, 3), Design(False, 5), Design(False, 10), Design(True, 10))
SEQUENTIAL = (Design(True), Design(False))


@dataclass
class Counts:
    """Sums over studies, for each number of comparisons.

    false: studies with a false verdict. together: studies of which all simultaneous intervals hold.
    covered: for each component, intervals that hold; float64 (numbers of comparisons, components).
    """

    studies: int = 0
    false: np.ndarray = field(default_factory=lambda: np.zeros(len(COMPARISONS)))
    together: np.ndarray = field(default_factory=lambda: np.zeros(len(COMPARISONS)))
    covered: np.ndarray = field(default_factory=lambda: np.zeros((len(COMPARISONS), COMPONENTS)))

    def add(self, other: "Counts") -> None:
        self.studies += other.studies
        self.false += other.false
        self.together += other.together
        self.covered += other.covered

    def coverage(self, groups: Sequence[Sequence[int]], number: int) -> float:
        """The lowest coverage of a group of components, of those that this number of comparisons includes."""
        shares = []
        for group in groups:
            included = [i for i in group if i < COMPARISONS[number]]
            if included:
                shares.append(float(self.covered[number, included].mean()) / self.studies)
        return min(shares)


@dataclass(frozen=True)
class Chunk:
    """Studies of one row; each is judged by several designs, on the same values."""

    row: Row
    designs: Sequence[Design]
    studies: int
    seed: tuple[int, ...]

    @property
    def is_first(self) -> bool:
        return self.seed[-1] == 0


def chunks(row: Row, designs: Sequence[Design], studies: int, seed: tuple[int, ...]) -> Iterator[Chunk]:
    for index, start in enumerate(range(0, studies, CHUNK)):
        yield Chunk(row, designs, min(CHUNK, studies - start), (*seed, index))


def count(chunk: Chunk) -> list[Counts]:
    """The counts of each design."""
    row, counts = chunk.row, [Counts(chunk.studies) for _ in chunk.designs]
    seeds = max(max(design.sizes(row)) for design in chunk.designs)
    for study, values in enumerate(row.values(np.random.default_rng(chunk.seed), chunk.studies, seeds)):
        for design, of_design in zip(chunk.designs, counts, strict=True):
            truth = design.shift * row.sd if design.shift else 0.0
            pairs = pairs_of(row, design, values, truth)
            if chunk.is_first and study == 0:
                check_what_is_shown(pairs, design)
            if design.n:
                _count_fixed(pairs, of_design, truth)
            else:
                _count_sequential(pairs, of_design, truth)
    return counts


def pairs_of(row: Row, design: Design, values: np.ndarray, truth: float) -> list[Pair]:
    """The comparisons of one study, each with this true difference."""
    *components, baseline = row.variants(values, design.sizes(row))
    if truth:
        components = [moved(component, truth) for component in components]
    return [Pair(component, baseline, design.paired) for component in components]


def moved(arm: Arm, difference: float) -> Arm:
    return replace(arm, values={seed: value + difference for seed, value in arm.values.items()})


def _holds(estimate: Estimate, level: float, truth: float) -> bool:
    low, high = estimate.interval(1 - level)
    return low <= truth <= high


def _count_fixed(pairs: Sequence[Pair], counts: Counts, truth: float) -> None:
    covered = [_holds(pair.estimate, LEVEL, truth) for pair in pairs]
    for number, k in enumerate(COMPARISONS):
        family = Family(pairs[:k], k)
        counts.false[number] += any(verdict in SIGNIFICANT for verdict in family.verdicts())
        counts.together[number] += all(_holds(estimate, LEVEL / k, truth) for estimate in family.estimates)
        counts.covered[number, :k] += covered[:k]


def _count_sequential(pairs: Sequence[Pair], counts: Counts, truth: float) -> None:
    """The intervals are those of the look that decided, or of the last one."""
    tracks = [sequential.Track(pair) for pair in pairs]
    for number, k in enumerate(COMPARISONS):
        study = sequential.Design(MAX_SEEDS, k)
        decisions, all_hold = sequential.decide_tracks(tracks[:k], study), True
        for index, decision in enumerate(decisions):
            n = decision.look.n
            estimate = tracks[index].estimate(n)
            counts.covered[number, index] += _holds(estimate, sequential.repeated_level(n, study, 1), truth)
            all_hold &= _holds(estimate, sequential.repeated_level(n, study, k), truth)
        counts.false[number] += any(decision.verdict in SIGNIFICANT for decision in decisions)
        counts.together[number] += all_hold


def check_what_is_shown(pairs: Sequence[Pair], design: Design) -> None:
    """A comparison shows just the intervals and verdicts that are counted. Raises AssertionError if it does not.

    Only a few studies are checked: what is shown beside them takes a hundred times as long.
    """
    pairs = pairs[:CHECKED]
    if design.n:
        results, counted = Family(pairs, CHECKED).results(), []
        family = Family(pairs, CHECKED)
        for pair, estimate, verdict in zip(pairs, family.estimates, family.verdicts(), strict=True):
            counted.append((pair.estimate.interval(), estimate.interval(1 - LEVEL / CHECKED), verdict))
    else:
        study = sequential.Design(MAX_SEEDS, CHECKED)
        results, counted = sequential.judge(pairs, study), []
        for pair, decision in zip(pairs, sequential.decide(pairs, study), strict=True):
            n = decision.look.n
            single, together = (sequential.repeated_level(n, study, comparisons) for comparisons in (1, CHECKED))
            estimate = sequential.Track(pair).estimate(n)
            counted.append((estimate.interval(1 - single), estimate.interval(1 - together), decision.verdict))
    assert [(result.interval, result.simultaneous, result.verdict) for result in results] == counted


def unequal_sds(row: Row) -> bool:
    """True if the first component has another SD than the baseline."""
    return row.factors[0] != row.factors[BASELINE]
