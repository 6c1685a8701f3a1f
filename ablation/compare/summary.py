"""Runs -> variants -> one row a variant: what `summary.csv` says of each, whatever it is judged by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import nan, sqrt
from statistics import fmean
from typing import Any

import numpy as np
import pandas as pd

from ablation.compare.labels import labels, natural
from ablation.compare.runs import Diverged, Run
from ablation.compare.statistics import variance

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


@dataclass(frozen=True)
class Variant:
    """Runs that differ in their seed alone, in the order of their seeds."""

    label: str
    runs: tuple[Run, ...]
    diverged: tuple[Diverged, ...] = ()


def variants(runs: Iterable[Run], diverged: Iterable[Diverged] = ()) -> list[Variant]:
    """Group runs by variant; order by the network's name, then by the label, each naturally (9 before 10).

    Variants of which every run diverged stand last.
    """
    groups: dict[str, list[Run | Diverged]] = {}
    for run in sorted([*runs, *diverged], key=lambda r: (r.variant, r.seed)):
        groups.setdefault(run.variant, []).append(run)
    names = labels([group[0] for group in groups.values()])
    found = []
    for name, group in zip(names, groups.values(), strict=True):
        lost = tuple(run for run in group if isinstance(run, Diverged))
        variant = Variant(name, tuple(run for run in group if not isinstance(run, Diverged)), lost)
        found.append((not variant.runs, natural(group[0].network), natural(name), variant))
    return [place[-1] for place in sorted(found, key=lambda place: place[:-1])]


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
