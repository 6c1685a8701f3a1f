"""The metric by which variants are judged, and its value for each run."""

from collections.abc import Sequence

from ablation.comparison.analysis.comparison import Metric
from ablation.comparison.analysis.default_metric import default_key
from ablation.comparison.analysis.variants import Variant
from ablation.comparison.reading.run import Run
from ablation.errors import AblateError, unknown
from ablation.redaction import printable
from ablation.statistics.arm import Arm

LAST, BEST = "last", "best_val"
COUNTED = {"accuracy", "val_accuracy", "test_accuracy"}  # shares of images
METRICS = ("test_accuracy", "test_loss", "val_accuracy", "val_loss", "accuracy", "loss")


def choose_metric(runs: Sequence[Run], name: str | None, select: str) -> Metric:
    """The metric: the named one, else test accuracy where every run has one, else validation accuracy."""
    key = name or default_key(run.test_accuracy is not None and bool(run.test_images) for run in runs)
    if key not in METRICS:
        raise unknown("metric", key, METRICS, "--metric")
    words = key.replace("val_", "validation ").replace("test_", "test ")
    words = f"training {words}" if key in ("accuracy", "loss") else words
    which = {LAST: "last epoch", BEST: "best validation epoch"}[select]
    which = which.replace("epoch", "weights") if key.startswith("test_") and select == LAST else which
    counts = [_images(run, key) for run in runs]
    images = min((count for count in counts if count), default=None)
    caption = f"{words[0].upper()}{words[1:]} of the {which}"
    if images and not key.startswith(("accuracy", "loss")):
        most = max(count for count in counts if count)
        caption += f", on {images:,} images" if images == most else f", on {images:,} to {most:,} images"
    if key.startswith("val_") and name is None:
        caption += f"; {_untested(runs)}"
    return Metric(words, key, f"{caption}.", "loss" not in key, images if key in COUNTED else None)


def _untested(runs: Sequence[Run]) -> str:
    if all(run.validated_on_test for run in runs):
        return "these are the test split's (data.validation=test)"
    return (
        "no variant has a test split" if all(r.test_images is None for r in runs) else "not every run has a test split"
    )


def _images(run: Run, key: str) -> int | None:
    if key.startswith("test_"):
        return run.test_images
    return (run.validation_images if key.startswith("val_") else run.facts["data"].get("train")) or None


def arm(variant: Variant, metric: Metric, select: str) -> Arm:
    """The metric's value of each run. Raises AblateError where a run has none."""
    values = {run.seed: _value(run, metric, select) for run in variant.runs}
    return Arm(variant.label, values, _resolution(variant, metric))


def _resolution(variant: Variant, metric: Metric) -> float:
    """What one image changes; 0 for a metric that counts no images."""
    if not metric.images:
        return 0.0
    counts = [_images(run, metric.key) for run in variant.runs]
    known = [count for count in counts if count]
    return 1 / min(known) if known else 0.0


def _value(run: Run, metric: Metric, select: str) -> float:
    part, key = ("final" if select == LAST else "best"), metric.key
    if key.startswith("test_"):
        part, key = ("test" if select == LAST else "test_best"), key.removeprefix("test_")
    value = run.metrics.get(part, {}).get(key)
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < 1e39:
        raise AblateError(
            f"Some runs do not have this metric. Received --metric {metric.key} --select {select}, and "
            f"{printable(str(run.path))} has none. Allowed: a metric of all runs. Type for example "
            "--metric val_accuracy"
        )
    return float(value)
