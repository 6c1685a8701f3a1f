"""The power of a study before it runs, as paragraphs."""

import re
from collections import Counter
from dataclasses import dataclass
from statistics import fmean, stdev

from ablation.comparison.analysis.default_metric import default_metric
from ablation.errors import AblateError
from ablation.run import place
from ablation.statistics import effect_size, intervals, power, protocol
from ablation.statistics.intervals import Interval
from ablation.study.plan import Plan
from ablation.text import plural

ANY_P = 1e-9  # a permutation test whose smallest p is below this can reach any p that matters
MOST_SEEDS = 99  # the search for a sufficient number of runs ends here
DIFFERENCE = re.compile(r"(\d*\.?\d+(?:[eE][+-]?\d+)?)\s*(sd|%)?")


@dataclass(frozen=True)
class BaselineNoise:
    """The number of completed baseline runs, and mean and SD (n - 1) of the default metric over their seeds.

    metric: in words.
    """

    n: int
    mean: float
    sd: float
    metric: str

    @property
    def is_known(self) -> bool:
        """True if there are enough runs for an SD, and they are not all equal."""
        return self.n >= protocol.MIN_SEEDS and self.sd > 0

    @property
    def interval(self) -> Interval:
        """95 % CI of the standard deviation."""
        return intervals.sd_interval(self.sd, self.n)


@dataclass(frozen=True)
class Difference:
    """A difference to detect. in_sds: True if it is in standard deviations of the baseline, False if in accuracy."""

    value: float
    in_sds: bool


@dataclass(frozen=True)
class Design:
    """What the power of a study depends on.

    n: runs on each side of a comparison. seeds: per cell. comparisons: the number that the correction counts. paired:
    True if runs are compared by seed. unit: of a number of seeds.
    """

    n: int
    seeds: int
    comparisons: int
    paired: bool
    unit: str

    @property
    def level(self) -> float:
        """The level of the first step of Holm's procedure: for the smallest p."""
        return protocol.LEVEL / self.comparisons

    @property
    def test(self) -> str:
        return "paired t-test" if self.paired else "Welch's t-test"

    @property
    def randomization_test(self) -> str:
        return "sign-flip test" if self.paired else "permutation test"

    def smallest_p(self, n: int) -> float:
        """The smallest p that the randomization test can reach with n runs on each side."""
        return effect_size.smallest_sign_flip_p(n) if self.paired else effect_size.smallest_permutation_p(n, n)


def baseline_noise(plan: Plan) -> BaselineNoise:
    """The mean and SD of the default metric over the baseline's completed runs."""
    records = place.completed_records(plan.cells.baseline.runs)
    metric = default_metric(records.values())
    values = [value for value in map(metric.value, records.values()) if value is not None]
    if len(values) < 2:
        return BaselineNoise(len(values), sum(values), 0.0, metric.words)
    return BaselineNoise(len(values), fmean(values), stdev(values), metric.words)


def paragraphs(plan: Plan, detect: str | None = None) -> list[str]:
    """The paragraphs of the report.

    detect: a difference that the user wants to detect, in accuracy (`0.01`, `1%`) or standard deviations (`1.5sd`).
    Raises AblateError if it cannot be parsed.
    """
    design, noise = _design(plan), baseline_noise(plan)
    texts = []
    if plan.study.sequential:
        texts.append(_sequential(plan))
    texts.append(_smallest_p(design))
    if design.n >= 2:
        texts.append(_minimum_detectable(design, noise))
    if detect is not None:
        texts.append(_needed(parse_difference(detect), design, noise))
    return texts


def _design(plan: Plan) -> Design:
    """The design; paired if the plan pairs most of its comparisons by seed."""
    pairs = plan.frozen.pairs()
    paired = [cell for cell, _ in pairs if plan.frozen.test.is_paired(cell)]
    return Design(
        n=runs_per_side(plan),
        seeds=len(plan.study.seeds),
        comparisons=plan.frozen.comparisons_with_history(),
        paired=2 * len(paired) > len(pairs),
        unit="seeds per cell" if plan.frozen.comparisons else "runs on each side",
    )


def runs_per_side(plan: Plan) -> int:
    """The number of runs on the smaller side of a comparison.

    One side is a cell with its seeds; in a factorial design, it is all cells that have the same level of a component.
    """
    seeds = len(plan.study.seeds)
    if plan.frozen.comparisons:
        return seeds
    smallest = len(plan.cells.design)
    for component in range(len(plan.study.components)):
        cells_at_level = Counter(cell.levels[component] for cell in plan.cells.design)
        smallest = min(smallest, *cells_at_level.values())
    return seeds * smallest


def parse_difference(text: str) -> Difference:
    """Parse `0.01`, `1%` or `1.5sd`. Raises AblateError for anything else."""
    match = DIFFERENCE.fullmatch(text.strip())
    value = float(match[1]) if match else 0.0
    if match is None or value <= 0:
        raise AblateError(
            f"The difference to detect must be positive. Received --detect {text}. Allowed: accuracy (0.01 or 1%), or "
            "standard deviations of the baseline (1.5sd). Type for example --detect 0.01"
        )
    if match[2] == "%":
        return Difference(value / 100, in_sds=False)
    return Difference(value, in_sds=match[2] == "sd")


def _sequential(plan: Plan) -> str:
    return (
        f"Seeds are added, from {protocol.MIN_SEEDS} to at most {len(plan.study.seeds)} per cell, until every "
        "comparison is decided; each look spends its share of the level. "
        "The following numbers are for the maximum number of seeds."
    )


def _smallest_p(design: Design) -> str:
    """The paragraph on the smallest p of a randomization test, and on the assumption of verdicts."""
    n, seeds, test = design.n, design.seeds, design.randomization_test
    start = f"With {plural(seeds, 'seed')} per cell" if n == seeds else f"With {n} runs on each side of an effect"
    smallest = design.smallest_p(n)
    if smallest < ANY_P:
        return f"{start}, a {test} can reach any p: verdicts need not assume normally distributed noise."
    corrected = min(1.0, smallest * design.comparisons)
    text = f"{start}, a {test} can reach p = {smallest:.2g}"
    if design.comparisons > 1:
        text += f" ({corrected:.2g} after Holm correction for {design.comparisons} comparisons)"
    if seeds < protocol.MIN_SEEDS:
        return (
            f"{text}. No verdict will be given, because one needs at least {protocol.MIN_SEEDS} seeds. Type "
            f"study.seeds={protocol.MIN_SEEDS} or more."
        )
    if corrected <= protocol.LEVEL:
        return f"{text}. That is below {protocol.LEVEL:g}: verdicts need not assume normally distributed noise."
    return (
        f"{text}. That is above {protocol.LEVEL:g}, so verdicts assume normally distributed noise "
        f"({design.test}); with {_enough_runs(design)} they need not."
    )


def _enough_runs(design: Design) -> str:
    """The smallest number of runs per side, from n on, with which a randomization test can reach the level."""
    for runs in range(design.n, MOST_SEEDS):
        if design.smallest_p(runs) * design.comparisons <= protocol.LEVEL:
            return str(runs)
    return f"more than {MOST_SEEDS}"


def _minimum_detectable(design: Design, noise: BaselineNoise) -> str:
    """The paragraph on power."""
    corrected = power.minimum_detectable_effect(design.n, design.level, paired=design.paired)
    test = "The t-test paired by seed" if design.paired else "Welch's t-test"
    text = (
        f"{test} has {100 * protocol.POWER:.0f} % power to detect a difference of {corrected:.1f} standard "
        "deviations (SD) of the baseline"
    )
    if design.comparisons > 1:
        single = power.minimum_detectable_effect(design.n, paired=design.paired)
        text += f" ({single:.1f} SD for a single comparison)"
    if design.paired:
        text += " if runs of equal seed are uncorrelated, and of 0.71 times as much if they correlate by 0.5"
    if not noise.is_known:
        return f"{text}. {_unknown(noise)}, so the power in units of the metric is unknown."
    low, high = noise.interval
    return (
        f"{text}. The {noise.n} baseline runs so far: {noise.metric} {noise.mean:.4f}, SD {noise.sd:.4f} (95 % CI "
        f"{low:.4f} to {high:.4f}), so the minimum detectable difference lies between {corrected * low:.4f} and "
        f"{corrected * high:.4f}."
    )


def _unknown(noise: BaselineNoise) -> str:
    """The reason why the SD of the baseline is unknown."""
    if noise.n < protocol.MIN_SEEDS:
        return f"Fewer than {protocol.MIN_SEEDS} baseline runs so far"
    return f"All {noise.n} baseline runs so far are equal"


def _needed(difference: Difference, design: Design, noise: BaselineNoise) -> str:
    """The paragraph on the number of seeds that detect a difference."""
    if difference.in_sds:
        needed = _count(power.seeds_needed(difference.value, design.level, paired=design.paired))
        return f"Detecting a difference of {difference.value:g} SD takes {needed} {design.unit}."
    if not noise.is_known:
        return (
            f"{_unknown(noise)}, so the number of seeds needed to detect a difference of {difference.value:g} is "
            "unknown: run the baseline first, or give the difference in standard deviations, as in --detect 1.5sd."
        )
    low, high = noise.interval
    fewest = _count(power.seeds_needed(difference.value / low, design.level, paired=design.paired))
    most = _count(power.seeds_needed(difference.value / high, design.level, paired=design.paired))
    return f"Detecting a difference of {difference.value:g} takes between {fewest} and {most} {design.unit}."


def _count(seeds: int | None) -> str:
    return f"more than {power.MAX_SEEDS:,}" if seeds is None else f"{seeds:,}"
