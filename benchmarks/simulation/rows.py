"""Distributions of a metric over seeds: the rows of the tables. All variants of a row have the same mean."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, partial
from math import sqrt

import numpy as np

from ablation.statistics.arm import Arm

COMPARISONS = (1, 4, 8, 12)
COMPONENTS, BASELINE = COMPARISONS[-1], COMPARISONS[-1]  # the baseline's values follow those of the components
MAX_SEEDS = 30  # of a sequential study
IMAGES = 359  # of the evaluation whose accuracies are rounded
Shape = tuple[int, int, int]  # studies, variants, seeds
Draw = Callable[[np.random.Generator, Shape], np.ndarray]


def normal(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    return rng.normal(size=shape)


def correlated(correlation: float) -> Draw:
    """Normal values; those of one seed have this correlation between any two variants."""
    return partial(_correlated, correlation)


def _correlated(correlation: float, rng: np.random.Generator, shape: Shape) -> np.ndarray:
    studies, _, seeds = shape
    common = rng.normal(size=(studies, 1, seeds))
    return sqrt(correlation) * common + sqrt(1 - correlation) * rng.normal(size=shape)


def rounded(accuracies: np.ndarray) -> np.ndarray:
    return np.round(accuracies * IMAGES) / IMAGES


def logit_normal(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    logits = np.log(0.97 / 0.03) + 0.5 * rng.normal(size=shape)
    return rounded(1 / (1 + np.exp(-logits)))


def student(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    return rng.standard_t(3, size=shape)


def collapsing(lower: float) -> Draw:
    """Accuracies near 0.9, of which one in ten falls to the lower value."""
    return partial(_collapsing, lower)


def _collapsing(lower: float, rng: np.random.Generator, shape: Shape) -> np.ndarray:
    return np.where(rng.random(shape) < 0.1, lower, 0.9) + 0.005 * rng.normal(size=shape)


def rounded_normal(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    return rounded(0.985 + 0.004 * rng.normal(size=shape))


def ceiling(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """Beta-distributed accuracies, most of them without an error or with a single one."""
    mean, sd = 0.998, 0.002
    size = mean * (1 - mean) / sd**2 - 1
    return rounded(rng.beta(mean * size, (1 - mean) * size, size=shape))


@dataclass(frozen=True)
class Row:
    """A distribution.

    factors: of the SD, of the twelve components and of the baseline.
    sizes: the seeds of each component and of the baseline, in fixed designs of unequal sizes.
    """

    name: str
    draw: Draw = normal
    factors: tuple[float, ...] = (1.0,) * (COMPONENTS + 1)
    resolution: float = 0.0
    sizes: tuple[int, int] | None = None

    @cached_property
    def sd(self) -> float:
        """Of the baseline: the unit of true differences."""
        values = self.draw(np.random.default_rng(0), (1, 1, 1_000_000))
        return self.factors[BASELINE] * float(values.std())

    @property
    def groups(self) -> list[list[int]]:
        """The components, in groups of equal SD."""
        of_components = self.factors[:COMPONENTS]
        return [[i for i in range(COMPONENTS) if of_components[i] == factor] for factor in sorted(set(of_components))]

    def values(self, rng: np.random.Generator, studies: int, seeds: int) -> np.ndarray:
        """float64 (studies, components and baseline, seeds)."""
        values = self.draw(rng, (studies, COMPONENTS + 1, seeds))
        return values * np.array(self.factors)[:, None]

    def variants(self, values: np.ndarray, sizes: tuple[int, int]) -> list[Arm]:
        """The components and the baseline of one study, with their first seeds."""
        variants = []
        for index, of_variant in enumerate(values.tolist()):
            n = sizes[index == BASELINE]
            variants.append(Arm(str(index), dict(enumerate(of_variant[:n])), self.resolution))
        return variants


def factors(components: Iterable[int], factor: float, baseline: float = 1.0) -> tuple[float, ...]:
    """These components have the factor, the others 1."""
    chosen = set(components)
    return (*(factor if i in chosen else 1.0 for i in range(COMPONENTS)), baseline)


EVERY = range(COMPONENTS)
DISTRIBUTIONS = (
    Row("0 normal"),
    Row("1 logit-normal, 97 %", logit_normal, resolution=1 / IMAGES),
    Row("2 Student's t, 3 df", student),
    Row("3 one in ten at 0.1", collapsing(0.1)),
    Row("3b one in ten at 0.86", collapsing(0.86)),
    Row("4 rounded, 98.5 %", rounded_normal, resolution=1 / IMAGES),
    Row("4b ceiling, 99.8 %", ceiling, resolution=1 / IMAGES),
    Row("5 seeds correlate by 0.6", correlated(0.6)),
    Row("6a SD 10:1", factors=factors(EVERY, 10.0)),
    Row("6b SD 1:10", factors=factors(EVERY, 1.0, 10.0)),
    Row("6c first component 10", factors=factors([0], 10.0)),
    Row("6d every other one 10", factors=factors(EVERY[::2], 10.0)),
    Row("6e all but the first 10", factors=factors(EVERY[1:], 10.0)),
)
ROWS = (
    *DISTRIBUTIONS,
    Row("7a SD 5:1", factors=factors(EVERY, 5.0)),
    Row("7b SD 1:5", factors=factors(EVERY, 1.0, 5.0)),
)
SDS = ((1.0, 1.0), (10.0, 1.0), (1.0, 10.0))  # of components and baseline
UNEQUAL_ROWS = tuple(
    Row(f"{sizes[0]}:{sizes[1]} seeds, SD {sd:g}:{of_baseline:g}", factors=factors(EVERY, sd, of_baseline), sizes=sizes)
    for sizes in ((3, 10), (10, 3), (3, 30))
    for sd, of_baseline in SDS
)
