"""What a study can tell, and what it cannot, before it runs: paragraphs for a person."""

import re
from collections import Counter
from dataclasses import dataclass
from statistics import fmean, stdev

from ablation.comparison.analysis.default_metric import default_metric
from ablation.errors import AblateError
from ablation.run import place
from ablation.statistics import effect_size, intervals, power, protocol
from ablation.study.plan import Plan

TINY = 1e-9  # a p below which nobody asks for less


@dataclass(frozen=True)
class Noise:
    """The baseline's runs that are there: how many, their mean and deviation (n - 1), and of which metric."""

    n: int
    mean: float
    deviation: float
    metric: str

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true deviation lies, 95 %."""
        return intervals.sd_interval(self.deviation, self.n)


def noise(plan: Plan) -> Noise | None:
    """What the baseline's completed runs show; None for fewer than three, or where all are equal."""
    records = place.completed_records(plan.cells.baseline.runs)
    metric = default_metric(records.values())
    scores = [value for value in map(metric.value, records.values()) if value is not None]
    if len(scores) < protocol.MIN_SEEDS or stdev(scores) == 0:
        return None
    return Noise(len(scores), fmean(scores), stdev(scores), metric.words)


def paragraphs(plan: Plan, detect: str | None = None) -> list[str]:
    """The paragraphs. detect: a difference that the user wants to detect: accuracy (`0.01`) or deviations (`1.5sd`)."""
    n, comparisons = runs_per_side(plan), plan.frozen.test.comparisons
    level = protocol.LEVEL / comparisons  # Holm's first step: what the strongest of them has to reach
    seen, pooled = noise(plan), not plan.frozen.comparisons
    words = [_grows(plan)] if plan.study.sequential else []
    words.append(_reach(n, len(plan.study.seeds), comparisons))
    if n >= 2:
        words.append(_detects(n, comparisons, level, seen))
    if detect is not None:
        words.append(_needs(*_difference(detect), level, seen, "runs on each side" if pooled else "seeds a cell"))
    return words


def _grows(plan: Plan) -> str:
    return (
        f"Seeds are added, from {protocol.MIN_SEEDS} to at most {len(plan.study.seeds)} a cell, until each comparison "
        "is decided; each look has its share of the level. What follows is for the most:"
    )


def runs_per_side(plan: Plan) -> int:
    """Runs on the smaller side of a comparison: a cell's seeds; of a factorial all where a part is there, or is not."""
    seeds = len(plan.study.seeds)
    if plan.frozen.comparisons:
        return seeds
    levels = [cell.levels for cell in plan.cells.design]
    return seeds * min(min(Counter(column).values()) for column in zip(*levels, strict=True))


def _seeds(n: int) -> str:
    return "one seed" if n == 1 else f"{n} seeds"


def _reach(n: int, seeds: int, comparisons: int) -> str:
    start = f"With {_seeds(n)} a cell" if n == seeds else f"With {n} runs on each side of an effect"
    least = effect_size.smallest_permutation_p(n, n)
    adjusted = min(1.0, least * comparisons)
    if least < TINY:
        return f"{start} permutations reach any p: a verdict need not rest on normal noise."
    many = f", and {adjusted:.2g} once corrected for {comparisons} comparisons (Holm)" if comparisons > 1 else ""
    text = f"{start} the smallest p without assuming normal noise is {least:.2g} (permutations){many}. "
    if seeds < protocol.MIN_SEEDS:
        return (
            text + f"No verdict will be given: that takes {protocol.MIN_SEEDS} seeds. "
            f"Type study.seeds={protocol.MIN_SEEDS} or more."
        )
    if adjusted > protocol.LEVEL:
        enough = next(
            m for m in range(n, 99) if effect_size.smallest_permutation_p(m, m) * comparisons <= protocol.LEVEL
        )
        return text + (
            f"That is above {protocol.LEVEL:g}, so that its verdicts rest on normal noise (Welch's t test); with "
            f"{enough} they need not."
        )
    return text + f"That is below {protocol.LEVEL:g}: a verdict need not rest on normal noise."


def _detects(n: int, comparisons: int, level: float, seen: Noise | None) -> str:
    alone, first = power.minimum_detectable_effect(n), power.minimum_detectable_effect(n, level)
    text = f"Welch's t test tells a difference of {first:.1f} deviations of the baseline in four of five studies"
    text += f" ({alone:.1f} where one comparison stands alone)." if comparisons > 1 else "."
    if seen is None:
        return text + " No three runs of the baseline are there yet to say how much a deviation is."
    low, high = seen.interval
    return text + (
        f" Its {seen.n} runs so far: {seen.metric} {seen.mean:.4f} ± {seen.deviation:.4f}. The true deviation lies "
        f"between {low:.4f} and {high:.4f} (95 %), so that is a difference between {first * low:.4f} and "
        f"{first * high:.4f}."
    )


def _difference(text: str) -> tuple[float, bool]:
    """The number, and whether it is in deviations. Raises AblateError."""
    found = re.fullmatch(r"(\d*\.?\d+(?:[eE][+-]?\d+)?)\s*(sd|%)?", text.strip())
    number = float(found[1]) / (100 if found[2] == "%" else 1) if found else 0.0
    if number <= 0:
        raise AblateError(
            f"A difference to detect is above nothing. Received --detect {text}. Allowed: accuracy, as 0.01 or "
            "1%, or deviations of the baseline, as 1.5sd. Type for example --detect 0.01"
        )
    return number, found[2] == "sd"


def _needs(number: float, deviations: bool, level: float, seen: Noise | None, what: str) -> str:
    if deviations:
        needed = _count(power.seeds_needed(number, level))
        return f"To tell a difference of {number:g} deviations takes {needed} {what}."
    if seen is None:
        return (
            f"To say how many seeds tell a difference of {number:g}, three runs of the baseline are needed: "
            "run it first, or type the difference in deviations, as --detect 1.5sd."
        )
    few, many = (power.seeds_needed(number / deviation, level) for deviation in seen.interval)
    return f"To tell a difference of {number:g} takes between {_count(few)} and {_count(many)} {what}."


def _count(seeds: int | None) -> str:
    return f"more than {power.MAX_SEEDS:,}" if seeds is None else f"{seeds:,}"
