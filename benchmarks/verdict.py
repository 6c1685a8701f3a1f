"""Simulate studies to estimate the verdict's error rates and the coverage of its confidence interval.

    .venv/bin/python benchmarks/verdict.py

Coverage: the share of 95 % intervals that contain the true difference between two arms. False verdicts: the share of
studies of eight components without effect in which any component gets the verdict better or worse. Accuracies are
normal, beta or binomial, or follow distributions that are far from normal. Exit code 1 if a bound is exceeded.
"""

import sys
from collections.abc import Callable, Iterator

import numpy as np

from ablation.statistics.arm import Arm
from ablation.statistics.power import seeds_needed
from ablation.statistics.protocol import LEVEL
from ablation.statistics.sequential import decide as decide_growing
from ablation.statistics.verdict import BETTER, WORSE, Family
from ablation.statistics.welch import interval

SEEDS = (3, 5, 10)
PARTS = 8
INTERVALS, STUDIES, GROWING = 10_000, 4_000, 1_000  # simulated for each line; GROWING: sequential studies
MOST = 30  # largest number of seeds of a sequential study
Draw = Callable[[np.random.Generator, int], np.ndarray]


def normal(mean: float, deviation: float) -> Draw:
    return lambda rng, n: rng.normal(mean, deviation, n)


def binomial(images: int, accuracy: float) -> Draw:
    return lambda rng, n: rng.binomial(images, accuracy, n) / images


def beta(images: int, accuracy: float, deviation: float) -> Draw:
    """Draw beta-distributed accuracies, rounded to whole images."""
    size = accuracy * (1 - accuracy) / deviation**2 - 1
    return lambda rng, n: np.round(rng.beta(accuracy * size, (1 - accuracy) * size, n) * images) / images


def lognormal(rng: np.random.Generator, n: int) -> np.ndarray:
    return 1 - 0.05 * rng.lognormal(-0.5, 1, n)


def exponential(rng: np.random.Generator, n: int) -> np.ndarray:
    return 0.95 - 0.01 * rng.exponential(1, n)


def collapsing(rng: np.random.Generator, n: int) -> np.ndarray:
    """Draw normal accuracies, of which one in ten collapses to chance level."""
    return np.where(rng.random(n) < 0.1, 0.1, rng.normal(0.9, 0.005, n))


# name: (baseline's distribution and mean, component's distribution and mean, evaluation images)
HELD: dict[str, tuple[Draw, float, Draw, float, int]] = {
    "normal, SDs 1:1": (normal(0.9, 0.01), 0.9, normal(0.9, 0.01), 0.9, 0),
    "normal, SDs 1:5": (normal(0.9, 0.002), 0.9, normal(0.9, 0.01), 0.9, 0),
    "normal, SDs 5:1": (normal(0.9, 0.01), 0.9, normal(0.9, 0.002), 0.9, 0),
    "binomial, 360 images, 90 %": (binomial(360, 0.9), 0.9, binomial(360, 0.9), 0.9, 360),
    "binomial, 360 images, 99 %": (binomial(360, 0.99), 0.99, binomial(360, 0.99), 0.99, 360),
    "binomial, 360 images, 99.8 %": (binomial(360, 0.998), 0.998, binomial(360, 0.998), 0.998, 360),
    "binomial, 10,000 images, 94 %": (binomial(10_000, 0.94), 0.94, binomial(10_000, 0.94), 0.94, 10_000),
    "binomial, 10,000 images, 99.8 %": (binomial(10_000, 0.998), 0.998, binomial(10_000, 0.998), 0.998, 10_000),
    "beta, 360 images, 97 %": (beta(360, 0.97, 0.004), 0.97, beta(360, 0.97, 0.004), 0.97, 360),
    "beta, 360 images, 99.8 %": (beta(360, 0.998, 0.002), 0.998, beta(360, 0.998, 0.002), 0.998, 360),
    "beta, 10,000 images, 94 %": (beta(10_000, 0.94, 0.002), 0.94, beta(10_000, 0.94, 0.002), 0.94, 10_000),
    "beta, 10,000 images, 99.8 %": (beta(10_000, 0.998, 0.0005), 0.998, beta(10_000, 0.998, 0.0005), 0.998, 10_000),
}
AS_IT_IS: dict[str, tuple[Draw, float, Draw, float, int]] = {
    "lognormal": (lognormal, 0.95, lognormal, 0.95, 0),
    "one-sided exponential": (exponential, 0.94, exponential, 0.94, 0),
    "one run in ten collapses": (collapsing, 0.82, collapsing, 0.82, 0),
}


def arm(label: str, values: np.ndarray, images: int) -> Arm:
    return Arm(label, dict(enumerate(values.tolist())), 1 / images if images else 0.0)


def coverage(case: tuple[Draw, float, Draw, float, int], n: int, rng: np.random.Generator) -> float:
    """Return the share of intervals that contain the true difference; an undefined interval does not."""
    base, mean, part, other, images = case
    held = 0
    for _ in range(INTERVALS):
        low, high = interval(arm("part", part(rng, n), images), arm("base", base(rng, n), images))
        held += low <= other - mean <= high
    return held / INTERVALS


def false_verdicts(case: tuple[Draw, float, Draw, float, int], n: int, rng: np.random.Generator) -> float:
    """Return the share of studies that report an effect although no component has one."""
    base, _, part, _, images = case
    wrong = 0
    for _ in range(STUDIES):
        against = arm("base", base(rng, n), images)
        pairs = [(arm(str(i), part(rng, n), images), against) for i in range(PARTS)]
        verdicts = Family(pairs, PARTS).verdicts()
        wrong += BETTER in verdicts or WORSE in verdicts
    return wrong / STUDIES


def adaptive(case: tuple[Draw, float, Draw, float, int], rng: np.random.Generator) -> tuple[float, float]:
    """Return the share of sequential studies with a verdict better or worse, and the mean seeds per variant."""
    base, _, part, _, images = case
    decided, seeds = 0, []
    for _ in range(GROWING):
        against = arm("base", base(rng, MOST), images)
        decisions = decide_growing(
            [(arm(str(i), part(rng, MOST), images), against) for i in range(PARTS)], MOST, PARTS, True
        )
        decided += any(each.verdict in (BETTER, WORSE) for each in decisions)
        seeds += [each.seeds for each in decisions]
    return decided / GROWING, float(np.mean(seeds))


def grown() -> bool:
    """Simulate sequential studies and print their error rates. Returns whether every bound holds."""
    print(f"sequential studies of at most {MOST} seeds: false verdicts, and mean seeds per variant")
    ok = True
    for name, case in HELD.items():
        share, seeds = adaptive(case, np.random.default_rng(7))
        ok &= share <= 0.05
        print(f"  {name:32}{share:>8.1%}{seeds:>9.1f}", flush=True)
    fixed = seeds_needed(1, LEVEL / PARTS)
    _, seeds = adaptive((normal(0, 1), 0, normal(-2, 1), -2, 0), np.random.default_rng(7))
    print(f"  true difference of 2 SD: {seeds:.1f} seeds per variant; a fixed design that detects 1 SD needs {fixed}")
    return ok and seeds <= fixed / 2


def lines() -> Iterator[tuple[str, str, list[float]]]:
    for measure in (coverage, false_verdicts):
        for name, case in (HELD | AS_IT_IS).items():
            yield measure.__name__, name, [measure(case, n, np.random.default_rng([n, 7])) for n in SEEDS]


def main() -> int:
    ok = True
    print(f"{'':34}" + "".join(f"{f'n = {n}':>9}" for n in SEEDS))
    shown = None
    for measure, name, shares in lines():
        if measure != shown:
            shown = measure
            print(
                {"coverage": "coverage of the 95 % interval", "false_verdicts": "studies with a false verdict"}[measure]
            )
        fine = [0.93 <= s <= 0.98 if measure == "coverage" else s <= 0.05 for s in shares]
        if name in HELD:
            ok &= all(fine)
        marks = [" " if good or name not in HELD else "!" for good in fine]
        print(f"  {name:32}" + "".join(f"{s:>8.1%}{m}" for s, m in zip(shares, marks, strict=True)), flush=True)
    return 0 if grown() and ok else 1


if __name__ == "__main__":
    sys.exit(main())
