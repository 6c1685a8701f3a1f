"""`summary.csv`: one row per variant."""

from collections.abc import Sequence
from math import nan, sqrt
from statistics import fmean
from typing import Any

import numpy as np
import pandas as pd

from ablation.comparison.analysis.variants import Variant
from ablation.statistics.intervals import variance

COLUMNS = (
    "variant",
    "n",
    "val_accuracy_final_mean",
    "val_accuracy_final_std",
    "val_accuracy_best_mean",
    "test_accuracy_mean",
    "test_accuracy_std",
    "trainable_parameters",
    "macs",
    "seconds_mean",
    "loss_final_mean",
    "name",
)


def summarise(found: Sequence[Variant]) -> pd.DataFrame:
    """One row a variant, columns COLUMNS. A deviation is the sample's (n - 1); it is missing where n is 1.

    Accuracies are shares of 1; test accuracy, of the last weights, is missing unless each run has one.
    """
    return pd.DataFrame([_row(variant) for variant in found], columns=list(COLUMNS))


def _row(variant: Variant) -> dict[str, Any]:
    runs = variant.runs
    tests = [run.test_accuracy for run in runs]
    return {
        "variant": variant.label,
        "n": len(runs),
        **_moments("val_accuracy_final", [run.val_accuracy for run in runs]),
        "val_accuracy_best_mean": fmean(run.best_val_accuracy for run in runs),
        **_moments("test_accuracy", [] if None in tests else tests),
        "trainable_parameters": runs[0].parameters,
        "macs": runs[0].macs,
        "seconds_mean": fmean(run.seconds for run in runs),
        "loss_final_mean": fmean(run.loss for run in runs),
        "name": ", ".join(dict.fromkeys(run.name for run in runs if run.name)),
    }


def _moments(name: str, values: Sequence[float]) -> dict[str, float]:
    array = np.array(values)
    mean = float(array.mean()) if len(array) else nan
    return {f"{name}_mean": mean, f"{name}_std": sqrt(variance(array)) if len(array) > 1 else nan}
