"""The metric that is tested, and its value for each run."""

from collections.abc import Sequence

from ablation.comparison.analysis.comparison import Metric
from ablation.comparison.analysis.default_metric import default_key
from ablation.comparison.analysis.variants import Variant
from ablation.comparison.reading.run import OpenMetric, Run
from ablation.comparison.results_table import metric_column
from ablation.comparison.results_table.words import sentence_name
from ablation.errors import AblateError, unknown
from ablation.redaction import printable
from ablation.rundir.record import COMMAND, RESULT
from ablation.statistics.arm import Arm
from ablation.text import capitalized, list_with_more

LAST, BEST = "last", "best_val"
IMAGE_SHARES = {"accuracy", "val_accuracy", "test_accuracy"}
METRICS = ("test_accuracy", "test_loss", "val_accuracy", "val_loss", "accuracy", "loss")
MAX_VALUE = 1e39  # exclusive: beyond float32, so that no run can have measured it
MAX_DATA = 3  # data sets in the caption


def choose_metric(runs: Sequence[Run], name: str | None, select: str) -> Metric:
    """The metric with this name; without a name, test accuracy if every run has one, otherwise validation accuracy.

    Of runs that ablate did not train, it is the one that they have. select: LAST or BEST, the weights that are
    evaluated. Raises AblateError for an unknown name.
    """
    only = runs[0].metric if runs else None
    if only is not None:
        return _open_metric(_with_steps(only, runs), name)
    key = name or default_key([_is_tested(run) for run in runs])
    if key not in METRICS:
        raise unknown("metric", key, METRICS, "--metric")
    words = _words(key)
    counts = _image_counts(runs, key)
    caption = f"{capitalized(words)} of the {_selection_words(key, select)}"
    if counts and key not in ("accuracy", "loss"):
        caption += f", on {_range(counts)} images of {_data_names(runs)}"
    if key.startswith("val_") and name is None:
        caption += f"; {_why_not_test_accuracy(runs)}"
    images = min(counts) if counts and key in IMAGE_SHARES else None
    is_share = key in IMAGE_SHARES
    return Metric(words, key, f"{caption}.", higher="loss" not in key, images=images, largest=1.0 if is_share else None)


def _with_steps(metric: OpenMetric, runs: Sequence[Run]) -> OpenMetric:
    """The metric of runs of a program, with the step between its values, as for the same values in a table."""
    if runs[0].kind != COMMAND:
        return metric
    values = [value for run in runs if (value := run.metrics.value(RESULT, metric.key)) is not None]
    return metric_column.with_steps(metric, values)


def _open_metric(metric: OpenMetric, name: str | None) -> Metric:
    if name is not None and name != metric.key:
        raise unknown("metric", printable(name), [printable(metric.key)], "--metric")
    largest = 1.0 if metric.is_share else None
    words = sentence_name(printable(metric.name))
    return Metric(words, metric.key, metric.caption, metric.higher, largest=largest, step=metric.step)


def _is_tested(run: Run) -> bool:
    return run.test_accuracy is not None and bool(run.test_images)


def _words(key: str) -> str:
    """`test accuracy`, `validation loss`, `training accuracy`."""
    if key in ("accuracy", "loss"):
        return f"training {key}"
    return sentence_name(key)


def _selection_words(key: str, select: str) -> str:
    """The epoch of the metric; for the test split, the weights."""
    if select == BEST:
        return "best validation epoch"
    return "last weights" if key.startswith("test_") else "last epoch"


def _range(counts: Sequence[int]) -> str:
    """`360`, or `360 to 1,000`."""
    fewest, most = min(counts), max(counts)
    return f"{fewest:,}" if fewest == most else f"{fewest:,} to {most:,}"


def _data_names(runs: Sequence[Run]) -> str:
    names = dict.fromkeys(run.data for run in runs)
    return list_with_more(names, MAX_DATA)


def _why_not_test_accuracy(runs: Sequence[Run]) -> str:
    if all(run.validated_on_test for run in runs):
        return "the validation images are the test split (data.validation=test)"
    if all(run.test_images is None for run in runs):
        return "no variant has a test split"
    return "not every run has a test split"


def _image_counts(runs: Sequence[Run], key: str) -> list[int]:
    """The number of images of each run, if it is known."""
    counts = []
    for run in runs:
        images = _images(run, key)
        if images:
            counts.append(images)
    return counts


def _images(run: Run, key: str) -> int | None:
    """The number of images that the metric is measured on; None if it is not recorded."""
    if key.startswith("test_"):
        return run.test_images
    if key.startswith("val_"):
        return run.validation_images or None
    return run.facts.data.train or None


def arm(variant: Variant, metric: Metric, select: str) -> Arm:
    """The metric's value of each run. Raises AblateError if a run has none."""
    values = {run.seed: _value(run, metric, select) for run in variant.runs}
    return Arm(variant.label, values, _resolution(variant, metric))


def _resolution(variant: Variant, metric: Metric) -> float:
    """The share of one image; if their number is unknown, the smallest step between two values, which may be 0."""
    if not metric.images:
        return 0.0 if metric.step is None else metric.step.resolution
    counts = _image_counts(variant.runs, metric.key)
    return 1 / min(counts) if counts else 0.0


def _value(run: Run, metric: Metric, select: str) -> float:
    value = _recorded(run, metric, select)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if value is None or not is_number or not abs(value) < MAX_VALUE:  # nan too
        raise AblateError(
            f"Some runs do not have this metric. Received --metric {metric.key} --select {select}, and "
            f"{printable(str(run.path))} has none. Allowed: a metric of all runs. Type for example "
            "--metric val_accuracy"
        )
    return float(value)


def _recorded(run: Run, metric: Metric, select: str) -> float | None:
    if not run.is_own:
        return run.metrics.value(RESULT, metric.key)
    if metric.key.startswith("test_"):
        score = "test" if select == LAST else "test_best"
    else:
        score = "final" if select == LAST else "best"
    return run.metrics.value(score, metric.key.removeprefix("test_"))
