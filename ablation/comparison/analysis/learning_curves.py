"""Learning curves as arrays: the seeds of a variant on a common grid, and differences between variants."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from ablation.comparison.reading.run import LARGEST_NUMBER, Diverged, Run
from ablation.errors import AblateError
from ablation.statistics import intervals, welch

# The columns of history.csv that can be drawn, with their titles.
METRICS = {
    "loss": "Training loss",
    "accuracy": "Training accuracy",
    "val_loss": "Validation loss",
    "val_accuracy": "Validation accuracy",
    "learning_rate": "Learning rate",
    "seconds": "Seconds per epoch",
    "images_per_second": "Images per second",
}
# The x-axes. By convention a training step costs three forward passes: one forward, and two for the backward pass.
AXES = {
    "epoch": "Epoch",
    "step": "Step",
    "images": "Images seen",
    "seconds": "Seconds of training",
    "macs": "Training MACs (3 forward passes per image)",
}
HIGHER = {"accuracy", "val_accuracy"}
MAX_GRID = 200  # points of a grid for runs that do not share their x values
MACS_PER_STEP = 3.0  # in forward passes


@dataclass(frozen=True)
class Curve:
    """The seeds of one variant at common x values.

    x: float64 (points,), increasing. seeds: float64 (n, points), all finite.
    has_gaps: True if points were left out because a seed has no finite value there.
    own: each seed at its own x values, if these differ from the common ones; x is empty if the seeds share no range.
    """

    x: np.ndarray
    seeds: np.ndarray
    has_gaps: bool = False
    own: tuple[tuple[np.ndarray, np.ndarray], ...] = ()

    @property
    def seed_lines(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """The x and y values of each seed, from its first point to its last."""
        if self.own:
            return list(self.own)
        return [(self.x, seed) for seed in self.seeds]

    @property
    def n(self) -> int:
        return len(self.seeds)

    @property
    def mean(self) -> np.ndarray:
        """float64 (points,), clipped to the range of the seeds against rounding errors."""
        return np.clip(self.seeds.mean(0), self.seeds.min(0), self.seeds.max(0))

    def band(self) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper end of the 95 % CI of the mean (Student's t), float64 (points,) each; for n = 1 the mean."""
        if self.n == 1:
            return self.mean, self.mean
        half_width = intervals.mean_half_width(self.seeds.std(0, ddof=1), self.n)
        return self.mean - half_width, self.mean + half_width


@dataclass(frozen=True)
class CurveDifference:
    """The difference of two variants at equal x.

    low, high: Welch's 95 % CI, pointwise; None if a variant has fewer than two runs.
    """

    x: np.ndarray
    mean: np.ndarray
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    has_gaps: bool = False


def curve(runs: Sequence[Run], metric: str, against: str = "epoch") -> Curve | None:
    """The metric of the runs at common x values: the shared ones, up to the shortest run, or an interpolated grid.

    against: a key of AXES. Returns None if no run has x values on that axis.
    """
    xs, ys = [], []
    for run in sorted(runs, key=_seed):
        x = x_values(run, against)
        if x is not None and len(x):
            xs.append(x)
            ys.append(np.asarray(run.history[metric], dtype=float))
    if not xs:
        return None
    shortest = min(xs, key=len)
    points = len(shortest)
    for x in xs:
        if x is not shortest and not np.array_equal(x[:points], shortest):
            return _interpolated(xs, ys)
    return _on_shared_x(shortest, np.array([y[:points] for y in ys]))


def _seed(run: Run) -> int:
    return run.seed


def _on_shared_x(x: np.ndarray, seeds: np.ndarray) -> Curve | None:
    """The curve without points at which a seed has no usable value; None if no seed has any."""
    is_usable = usable(seeds)
    if is_usable.all():
        return Curve(x, seeds)
    own = _usable_points([x] * len(seeds), seeds)
    if not own:
        return None
    common = is_usable.all(axis=0)
    return Curve(x[common], seeds[:, common], True, own)


def _interpolated(xs: Sequence[np.ndarray], ys: Sequence[np.ndarray]) -> Curve | None:
    """The curve on a grid over the common range of the seeds; None if no seed has a usable value."""
    own = _usable_points(xs, ys)
    if not own:
        return None
    has_gaps = not all(usable(y).all() for y in ys)
    start, end, points = -math.inf, math.inf, 0
    for x, _ in own:
        start, end = max(start, x[0]), min(end, x[-1])
        points = max(points, len(x))
    grid = _grid(start, end, points)
    seeds = np.array([np.interp(grid, x, y) for x, y in own])
    return Curve(grid, seeds, has_gaps, own)


def _usable_points(
    xs: Sequence[np.ndarray], ys: Sequence[np.ndarray] | np.ndarray
) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """The x and y values of each seed without unusable values; seeds without usable values are left out."""
    own = []
    for x, y in zip(xs, ys, strict=True):
        is_usable = usable(y)
        if is_usable.any():
            own.append((x[is_usable], y[is_usable]))
    return tuple(own)


def _grid(low: float, high: float, points: int) -> np.ndarray:
    """At most MAX_GRID x values from low to high; empty if high is below low."""
    if low > high:
        return np.empty(0)
    if low == high:
        return np.array([low])
    return np.linspace(low, high, max(2, min(MAX_GRID, points)))


def x_values(run: Run | Diverged, against: str, like: Run | None = None) -> np.ndarray | None:
    """The x value at the end of each epoch of a run, float64 (epochs,), increasing; None if its record lacks them.

    against: a key of AXES. like: for a diverged run, a run of the same variant that supplies missing records.
    """
    epochs = _epochs(len(run.history["loss"]))
    if against == "epoch":
        return epochs
    if against == "seconds":
        return _elapsed_seconds(run)
    recorded = run if isinstance(run, Run) else like
    if recorded is None:
        return None
    steps_per_epoch = _positive(recorded.facts.steps.per_epoch)
    if steps_per_epoch is None:
        return None
    total_steps = _positive(recorded.facts.steps.total)
    steps = np.minimum(epochs * steps_per_epoch, total_steps or math.inf)  # the last epoch may be cut short
    if against == "step":
        return steps
    images_per_epoch = _positive(recorded.facts.data.train)
    if images_per_epoch is None:
        return None
    images = steps / steps_per_epoch * images_per_epoch
    if against == "images":
        return images
    macs = recorded.macs
    return images * (MACS_PER_STEP * macs) if macs is not None and macs > 0 else None


def _elapsed_seconds(run: Run | Diverged) -> np.ndarray | None:
    seconds = np.asarray(run.history["seconds"], dtype=float)
    if usable(seconds).all() and (seconds >= 0).all():
        return np.cumsum(seconds)
    return None


@cache
def _epochs(count: int) -> np.ndarray:
    """The epochs from 1 to count: one array for all runs of this length."""
    epochs = np.arange(1.0, count + 1)
    epochs.flags.writeable = False
    return epochs


def usable(values: np.ndarray) -> np.ndarray:
    """A mask of the values that can be drawn: finite, with finite squares."""
    return np.abs(values) <= LARGEST_NUMBER


def _positive(count: int | None) -> int | None:
    """A recorded count; None if it is not a positive 64-bit integer."""
    return count if count is not None and 0 < count < 2**63 else None


def difference(variant: Curve, reference: Curve) -> CurveDifference | None:
    """The variant minus its reference where both have values, at shared or interpolated x values."""
    x = _shared_x(variant, reference)
    if not len(x):
        return None
    variant_seeds = _values_at(variant, x)
    reference_seeds = _values_at(reference, x)
    mean = variant_seeds.mean(0) - reference_seeds.mean(0)
    has_gaps = variant.has_gaps or reference.has_gaps
    if min(variant.n, reference.n) < 2:
        return CurveDifference(x, mean, has_gaps=has_gaps)
    half_widths = welch.half_widths(variant_seeds, reference_seeds)
    return CurveDifference(x, mean, mean - half_widths, mean + half_widths, has_gaps)


def _shared_x(variant: Curve, reference: Curve) -> np.ndarray:
    """The x values of the shorter curve if they agree, or else a grid over the common range, which may be empty."""
    points = min(len(variant.x), len(reference.x))
    if points == 0:
        return np.empty(0)
    if np.array_equal(variant.x[:points], reference.x[:points]):
        return variant.x[:points]
    low = max(variant.x[0], reference.x[0])
    high = min(variant.x[-1], reference.x[-1])
    return _grid(low, high, max(len(variant.x), len(reference.x)))


def _values_at(curve: Curve, x: np.ndarray) -> np.ndarray:
    """Each seed's values at x, (n, points), linear between the curve's own x values."""
    if np.array_equal(curve.x[: len(x)], x):
        return curve.seeds[:, : len(x)]
    if len(curve.x) == 1:
        return np.repeat(curve.seeds, len(x), axis=1)
    right = np.clip(np.searchsorted(curve.x, x), 1, len(curve.x) - 1)
    width = curve.x[right] - curve.x[right - 1]
    share = np.divide(x - curve.x[right - 1], width, out=np.ones_like(width), where=width > 0)
    return curve.seeds[:, right - 1] * (1 - share) + curve.seeds[:, right] * share


def validation_column(metric: str) -> str:
    """The column of history.csv for a metric; for a test metric, the validation column."""
    return metric.replace("test_", "val_")


def check(metric: str | None, against: str) -> None:
    """Raise AblateError for a metric or an axis that no run records."""
    if metric is not None and metric not in METRICS:
        raise AblateError(
            f"No curve of this metric is recorded. Received {metric!r}. Allowed: {', '.join(METRICS)}. "
            "Type for example --curve val_accuracy"
        )
    if against not in AXES:
        raise AblateError(
            f"Unknown x-axis. Received {against!r}. Allowed: {', '.join(AXES)}. Type for example --x-axis step"
        )
