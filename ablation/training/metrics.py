"""Training metrics: per epoch, and for a whole split."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Metrics:
    """Mean training loss and accuracy over the steps since the metrics were last reset."""

    loss: float
    accuracy: float


@dataclass(frozen=True)
class Score:
    """Mean loss and accuracy of a split, and the correctness of each image's classification, bool (n,)."""

    loss: float
    accuracy: float
    correct: np.ndarray


@dataclass(frozen=True)
class EpochRow:
    """One row of the history. The fields are the columns of history.csv, in this order.

    epoch: from 1. loss, accuracy: of training. learning_rate: of the epoch's last step. seconds: without compilation.
    """

    epoch: int
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    learning_rate: float
    seconds: float
    images_per_second: float


def best(rows: list[EpochRow]) -> EpochRow:
    """The epoch with the highest validation accuracy; the earliest one if several are equal."""
    return max(rows, key=lambda row: (row.val_accuracy, -row.epoch))
