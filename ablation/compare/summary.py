"""Runs -> variants -> one row a variant, and the metric to judge them by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

import pandas as pd

from ablation.compare.labels import labels, natural
from ablation.compare.load import Diverged, Run

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


@dataclass(frozen=True)
class Metric:
    """What variants are judged by. column: its start in the table. caption: what it is and on how many images."""

    name: str
    column: str
    caption: str


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
    mean = fmean(values) if values else float("nan")
    return {f"{name}_mean": mean, f"{name}_std": stdev(values) if len(values) > 1 else float("nan")}


def metric(found: Sequence[Variant]) -> Metric:
    """Test accuracy where every run has one, else validation accuracy of the last epoch."""
    runs = [run for variant in found for run in variant.runs]
    if all(run.test_accuracy is not None and run.test_images is not None for run in runs):
        caption = f"Test accuracy of the last weights, {_images(runs, [run.test_images for run in runs])}."
        return Metric("test accuracy", "test_accuracy", caption)
    caption = f"Validation accuracy of the last epoch, {_images(runs, [run.validation_images for run in runs])}"
    return Metric("validation accuracy", "val_accuracy_final", f"{caption}; {_without_test(runs)}.")


def _images(runs: Sequence[Run], counts: Sequence[int]) -> str:
    low, high = min(counts), max(counts)
    text = f"on {low:,} images" if low == high else f"on {low:,} to {high:,} images"
    return text if len({run.digest for run in runs}) == 1 else f"{text}: the variants do not share their data"


def _without_test(runs: Sequence[Run]) -> str:
    if all(run.validated_on_test for run in runs):
        return "these are the test split's (data.validation=test)"
    return (
        "no variant has a test split" if all(r.test_images is None for r in runs) else "not every run has a test split"
    )
