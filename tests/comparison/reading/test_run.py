"""The history of a run: columns by their name, and which numbers may be one."""

import numpy as np
import pytest
from support.comparisons import run

from ablation.comparison.reading.run import LARGEST_NUMBER, MEASURED, PLACE, History, usable
from ablation.rundir import layout
from ablation.rundir.record_parts import Metrics

COLUMNS = np.arange(3.0 * len(MEASURED)).reshape(len(MEASURED), 3)


def columns(**changed: float) -> np.ndarray:
    """Of three epochs, with another value in the second."""
    made = np.full((len(MEASURED), 3), 0.5)
    for name, value in changed.items():
        made[PLACE[name], 1] = value
    return made


def test_a_history_has_the_columns_of_its_file_and_counts_its_epochs():
    history = History(COLUMNS)
    assert list(history) == list(layout.HISTORY_COLUMNS) and len(history) == len(MEASURED) + 1
    assert history["epoch"].tolist() == [1, 2, 3]
    for place, name in enumerate(MEASURED):
        assert history[name].tolist() == COLUMNS[place].tolist()
    with pytest.raises(KeyError):
        history["accuracy_of_nothing"]


def test_histories_are_equal_by_their_numbers():
    assert History(COLUMNS) == History(COLUMNS.copy()) != History(COLUMNS + 1)
    assert History(COLUMNS) != dict(History(COLUMNS))


@pytest.mark.parametrize(("name", "value"), [("loss", -LARGEST_NUMBER), ("val_accuracy", 0), ("val_accuracy", 1)])
def test_what_a_run_may_record_is_usable(name, value):
    assert usable(columns(**{name: value}))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 2 * LARGEST_NUMBER, -2 * LARGEST_NUMBER])
def test_a_loss_that_is_no_number_or_too_large_is_not_usable(value):
    assert not usable(columns(loss=value)) and usable(columns(val_loss=value))


@pytest.mark.parametrize("value", [np.nan, -0.01, 1.01])
def test_an_accuracy_that_is_no_share_is_not_usable(value):
    assert not usable(columns(val_accuracy=value))


def test_what_every_table_shows_is_read_from_the_metrics():
    one = run(metrics=Metrics({"final": {"loss": 1, "val_accuracy": 0.5}, "best": {"val_accuracy": 1}, "test": None}))
    assert (one.loss, one.val_accuracy, one.best_val_accuracy, one.test_accuracy) == (1.0, 0.5, 1.0, None)
    assert type(one.loss) is type(one.best_val_accuracy) is float
    tested = run(metrics=Metrics({"test": {"accuracy": 0.25}}))
    assert tested.test_accuracy == 0.25
    with pytest.raises(ValueError, match=r"one without final\.loss: outputs/resnet34_0"):
        _ = tested.loss
