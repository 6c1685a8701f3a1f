"""Stratified splits, which depend on the labels alone and never on the run's seed."""

from dataclasses import dataclass

import numpy as np

from ablation import random_streams
from ablation.config.schema import Data
from ablation.errors import AblateError

FIXED_SEED = 0  # for all splits


@dataclass(frozen=True)
class SplitRows:
    """The images of a split. part: of the source. rows: sorted rows of this part, int (n,)."""

    part: str
    rows: np.ndarray


def split(cfg: Data, labels: dict[str, np.ndarray]) -> dict[str, SplitRows]:
    """Assign the rows of the source's parts to `train`, `validation` and, if there is one, `test`.

    labels: of each part of the source: `train` and, if present, `validation` and `test`.
    Raises AblateError for data.validation=test without a test split.
    """
    splits = {part: SplitRows(part, np.arange(len(values))) for part, values in labels.items()}
    test_share = 0.0 if "test" in splits else cfg.holdout_test
    if test_share:
        test = _between(labels["train"], 1 - test_share, 1)
        splits["test"] = SplitRows("train", test)
        splits["train"] = _without(splits["train"], test)
    if cfg.validation == "test":
        if "test" not in splits:
            raise _no_test_split(cfg)
        splits["validation"] = splits.pop("test")
    elif "validation" not in splits:
        validation = _between(labels["train"], 1 - cfg.holdout - test_share, 1 - test_share)
        splits["validation"] = SplitRows("train", validation)
        splits["train"] = _without(splits["train"], validation)
    if cfg.limit is None:
        return splits
    return {name: _limited(part, labels[part.part], cfg.limit) for name, part in splits.items()}


def _no_test_split(cfg: Data) -> AblateError:
    return AblateError(
        f"{cfg.name} has no test split to validate on. Received data.validation=test. Allowed: holdout. "
        "Type data.validation=holdout, or add data.holdout_test=0.2 to hold out a test split"
    )


def _without(split: SplitRows, rows: np.ndarray) -> SplitRows:
    return SplitRows(split.part, np.setdiff1d(split.rows, rows))


def _places(labels: np.ndarray) -> np.ndarray:
    """The relative position of each image in a shuffle of its class: float64 in (0, 1).

    Shuffled, because adjacent images in a data set can be near-duplicates.
    """
    places = np.empty(len(labels))
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        order = random_streams.generator(FIXED_SEED, "split", int(label)).permutation(len(members))
        places[members[order]] = (np.arange(len(members)) + 0.5) / len(members)
    return places


def _between(labels: np.ndarray, start: float, stop: float) -> np.ndarray:
    """The rows whose relative positions are from start to stop, which takes the same share of each class."""
    places = _places(labels)
    return np.flatnonzero((places >= start) & (places < stop))


def fraction(labels: np.ndarray, rows: np.ndarray, share: float) -> np.ndarray:
    """A class-balanced subset of the rows, at least one. A smaller share is a subset of a larger one."""
    return _balanced(labels, rows, max(1, round(share * len(rows))))


def _limited(split: SplitRows, labels: np.ndarray, limit: int) -> SplitRows:
    return SplitRows(split.part, _balanced(labels, split.rows, limit))


def _balanced(labels: np.ndarray, rows: np.ndarray, limit: int) -> np.ndarray:
    """At most `limit` rows, with equal numbers per class, up to one image if `limit` is not divisible."""
    if limit >= len(rows):
        return rows
    places = _places(labels[rows])
    order = np.lexsort((labels[rows], _rank(labels[rows], places)))
    return np.sort(rows[order[:limit]])


def _rank(labels: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The rank of each image within its class by position, from 0."""
    rank = np.empty(len(labels), int)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        rank[members[np.argsort(places[members])]] = np.arange(len(members))
    return rank
