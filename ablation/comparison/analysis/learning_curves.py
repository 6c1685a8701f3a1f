"""What figures draw, as plain arrays: the seeds of a variant on one grid, differences, and times to a threshold."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from ablation.comparison.reading.run import LARGEST_NUMBER, Diverged, Run
from ablation.errors import AblateError
from ablation.statistics import intervals, welch

# What of history.csv can be drawn, by its column.
METRICS = {
    "loss": "Training loss",
    "accuracy": "Training accuracy",
    "val_loss": "Validation loss",
    "val_accuracy": "Validation accuracy",
    "learning_rate": "Learning rate",
    "seconds": "Seconds per epoch",
    "images_per_second": "Images per second",
}
# Against what. A training step costs about three forward passes: one forward, two backward (a convention).
AXES = {
    "epoch": "Epoch",
    "step": "Step",
    "images": "Images seen",
    "seconds": "Seconds of training",
    "macs": "Training MACs (3 forward passes per image)",
}
HIGHER = {"accuracy", "val_accuracy"}
GRID = 200  # points of a grid where runs do not share their own


@dataclass(frozen=True)
class Curve:
    """The seeds of one variant at common places. x: float64 (points,), rising. seeds: float64 (n, points), all finite.

    has_gaps: were places left out at which a seed has no number? own: each seed's own places and values, where x is a
    grid between them; x may then be empty, for no range is common to all.
    """

    x: np.ndarray
    seeds: np.ndarray
    has_gaps: bool = False
    own: tuple[tuple[np.ndarray, np.ndarray], ...] = ()

    @property
    def seed_lines(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Each seed from its first value to its last."""
        return list(self.own) or [(self.x, seed) for seed in self.seeds]

    @property
    def n(self) -> int:
        return len(self.seeds)

    @property
    def mean(self) -> np.ndarray:
        """float64 (points,), never beyond the seeds by rounding."""
        return np.clip(self.seeds.mean(0), self.seeds.min(0), self.seeds.max(0))

    def band(self) -> tuple[np.ndarray, np.ndarray]:
        """Low and high of the 95 % CI of the mean (Student's t), float64 (points,) each; the mean where n is 1."""
        if self.n == 1:
            return self.mean, self.mean
        half_width = intervals.mean_half_width(self.seeds.std(0, ddof=1), self.n)
        return self.mean - half_width, self.mean + half_width


@dataclass(frozen=True)
class CurveDifference:
    """One variant minus another at equal x. low, high: Welch's 95 % interval at each x alone; None below two runs."""

    x: np.ndarray
    mean: np.ndarray
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    has_gaps: bool = False


def curve(runs: Sequence[Run], metric: str, against: str = "epoch") -> Curve | None:
    """The runs' metric on one grid: their own up to the shortest run, else one over the range that all have.

    None where no run has a place on the axis.
    """
    pairs = [
        (x, np.asarray(run.history[metric], dtype=float))
        for run in sorted(runs, key=lambda run: run.seed)
        if (x := x_values(run, against)) is not None and len(x)
    ]
    if not pairs:
        return None
    first = min((x for x, _ in pairs), key=len)
    if all(x is first or np.array_equal(x[: len(first)], first) for x, _ in pairs):
        return _whole(first, np.array([y[: len(first)] for _, y in pairs]))
    return _interpolated(pairs)


def _whole(x: np.ndarray, seeds: np.ndarray) -> Curve | None:
    kept = usable(seeds)
    if kept.all():
        return Curve(x, seeds)
    own = tuple((x[k], y[k]) for y, k in zip(seeds, kept, strict=True) if k.any())
    common = kept.all(0)
    return Curve(x[common], seeds[:, common], True, own) if own else None


def _interpolated(pairs: list[tuple[np.ndarray, np.ndarray]]) -> Curve | None:
    own = tuple((x[kept], y[kept]) for x, y in pairs if (kept := usable(y)).any())
    if not own:
        return None
    holes = sum(len(x) for x, _ in own) < sum(len(x) for x, _ in pairs)
    grid = _grid(max(x[0] for x, _ in own), min(x[-1] for x, _ in own), max(len(x) for x, _ in own))
    return Curve(grid, np.array([np.interp(grid, x, y) for x, y in own]), holes, own)


def _grid(low: float, high: float, points: int) -> np.ndarray:
    """Empty where nothing lies between."""
    if low >= high:
        return np.full(int(low == high), low)
    return np.linspace(low, high, max(2, min(GRID, points)))


def x_values(run: Run | Diverged, against: str, like: Run | None = None) -> np.ndarray | None:
    """Where each epoch of a run ends on an axis, float64 (epochs,), rising; None where its record does not tell.

    like: a run of the same variant that has it, for one that diverged.
    """
    epochs = _epochs(len(run.history["loss"]))
    if against == "epoch":
        return epochs
    if against == "seconds":
        seconds = np.asarray(run.history["seconds"], dtype=float)
        return np.cumsum(seconds) if usable(seconds).all() and (seconds >= 0).all() else None
    told = run if isinstance(run, Run) else like
    if told is None:
        return None
    per_epoch, total = (_count(told.facts.get("steps"), key) for key in ("per_epoch", "total"))
    if per_epoch is None:
        return None
    steps = np.minimum(epochs * per_epoch, total or math.inf)  # the last epoch may be cut short
    if against == "step":
        return steps
    images = _count(told.facts.get("data"), "train")
    if images is None or (against == "macs" and told.macs <= 0):
        return None
    return steps / per_epoch * images * (3.0 * told.macs if against == "macs" else 1.0)


@cache
def _epochs(count: int) -> np.ndarray:
    """One array for all runs of a length."""
    epochs = np.arange(1.0, count + 1)
    epochs.flags.writeable = False
    return epochs


def usable(values: np.ndarray) -> np.ndarray:
    """Which values can be drawn: no infinite or missing ones, and none whose square would be."""
    return np.abs(values) <= LARGEST_NUMBER


def _count(facts: object, key: str) -> int | None:
    value = facts.get(key) if isinstance(facts, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63 else None


def difference(one: Curve, other: Curve) -> CurveDifference | None:
    """one minus other where both have values: at their own places where these agree, else interpolated."""
    if not (len(one.x) and len(other.x)):
        return None
    length = min(len(one.x), len(other.x))
    if np.array_equal(one.x[:length], other.x[:length]):
        x = one.x[:length]
    else:
        low, high = max(one.x[0], other.x[0]), min(one.x[-1], other.x[-1])
        x = _grid(low, high, max(len(one.x), len(other.x)))
        if not len(x):
            return None
    a, b = _at(one, x), _at(other, x)
    mean, holes = a.mean(0) - b.mean(0), one.has_gaps or other.has_gaps
    if min(one.n, other.n) < 2:
        return CurveDifference(x, mean, has_gaps=holes)
    half = welch.half_widths(a, b)
    return CurveDifference(x, mean, mean - half, mean + half, holes)


def _at(curve: Curve, x: np.ndarray) -> np.ndarray:
    """Each seed's value at x, (n, points), on straight lines between its own places."""
    if np.array_equal(curve.x[: len(x)], x):
        return curve.seeds[:, : len(x)]
    right = np.clip(np.searchsorted(curve.x, x), 1, max(1, len(curve.x) - 1))
    if len(curve.x) == 1:
        return np.repeat(curve.seeds, len(x), axis=1)
    width = curve.x[right] - curve.x[right - 1]
    share = np.divide(x - curve.x[right - 1], width, out=np.ones_like(width), where=width > 0)
    return curve.seeds[:, right - 1] * (1 - share) + curve.seeds[:, right] * share


def validation_column(metric: str) -> str:
    """The column of history.csv that goes with the metric of the verdicts: for the test split that of validation."""
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
