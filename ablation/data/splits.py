"""Which image belongs to which split: stratified, and a function of the labels alone, never of the run's seed."""

import numpy as np

from ablation import random_streams
from ablation.config.schema import Data
from ablation.errors import AblateError

FIXED = 0  # the key of all splits

Rows = dict[str, tuple[str, np.ndarray]]  # split -> (the source's own part, sorted rows of it)


def split(cfg: Data, labels: dict[str, np.ndarray]) -> Rows:
    """Assign rows of the source's parts to `train`, `validation` and, where there is one, `test`.

    labels: the labels of each part that the source has, `train` and perhaps `validation` and `test`.
    Raises AblateError for data.validation=test without a test split.
    """
    rows: Rows = {part: (part, np.arange(len(values))) for part, values in labels.items()}
    if "test" not in rows and cfg.holdout_test:
        rows["test"] = ("train", _part(labels["train"], 1 - cfg.holdout_test, 1))
        rows["train"] = ("train", np.setdiff1d(rows["train"][1], rows["test"][1]))
    if cfg.validation == "test":
        if "test" not in rows:
            raise AblateError(
                f"{cfg.name} has no test split to validate on. Received data.validation=test. Allowed here: holdout. "
                "Type data.validation=holdout, or data.holdout_test=0.2 to split one off"
            )
        rows["validation"] = rows.pop("test")
    elif "validation" not in rows:
        validation = _part(labels["train"], 1 - cfg.holdout - _test_share(cfg, labels), 1 - _test_share(cfg, labels))
        rows["validation"] = ("train", validation)
        rows["train"] = ("train", np.setdiff1d(rows["train"][1], validation))
    if cfg.limit is not None:
        rows = {name: (part, _limit(labels[part], some, cfg.limit)) for name, (part, some) in rows.items()}
    return rows


def _test_share(cfg: Data, labels: dict[str, np.ndarray]) -> float:
    return 0.0 if "test" in labels else cfg.holdout_test


def _places(labels: np.ndarray) -> np.ndarray:
    """Each image's place in a shuffle of its own class, float64 in (0, 1): neighbours in the list are no neighbours."""
    places = np.empty(len(labels))
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        order = random_streams.generator(FIXED, "split", int(label)).permutation(len(members))
        places[members[order]] = (np.arange(len(members)) + 0.5) / len(members)
    return places


def _part(labels: np.ndarray, start: float, stop: float) -> np.ndarray:
    places = _places(labels)
    return np.flatnonzero((places >= start) & (places < stop))


def fraction(labels: np.ndarray, rows: np.ndarray, share: float) -> np.ndarray:
    """This share of the rows, one at least, balanced as a limit is; a part of what any larger share is."""
    return _limit(labels, rows, max(1, round(share * len(rows))))


def _limit(labels: np.ndarray, rows: np.ndarray, limit: int) -> np.ndarray:
    """At most `limit` of the rows, as many of each class as of any other (one more where it does not divide)."""
    if limit >= len(rows):
        return rows
    places = _places(labels[rows])
    order = np.lexsort((labels[rows], _rank(labels[rows], places)))
    return np.sort(rows[order[:limit]])


def _rank(labels: np.ndarray, places: np.ndarray) -> np.ndarray:
    """0 for the first image of each class by place, 1 for the second, …"""
    rank = np.empty(len(labels), int)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        rank[members[np.argsort(places[members])]] = np.arange(len(members))
    return rank
