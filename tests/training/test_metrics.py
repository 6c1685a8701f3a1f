"""The history's best epoch."""

import pytest

from ablation.rundir import layout
from ablation.training.metrics import EpochRow, best


def row(epoch: int, val_accuracy: float) -> EpochRow:
    return EpochRow(epoch, 1.0, 0.5, 1.0, val_accuracy, 0.1, 2.0, 100.0)


@pytest.mark.parametrize(
    ("accuracies", "epoch"), [([0.5], 1), ([0.1, 0.9, 0.3], 2), ([0.9, 0.9, 0.3], 1), ([0.1, 0.9, 0.9], 2)]
)
def test_the_best_epoch_is_the_first_with_the_highest_validation_accuracy(accuracies, epoch):
    rows = [row(number, accuracy) for number, accuracy in enumerate(accuracies, start=1)]
    assert best(rows).epoch == epoch


def test_a_row_has_the_columns_of_the_history_in_their_order():
    assert tuple(EpochRow.__dataclass_fields__) == layout.HISTORY_COLUMNS
