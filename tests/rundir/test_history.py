"""history.csv: written in full precision, read only as the run wrote it."""

import csv
import hashlib

import numpy as np
import pytest

from ablation.rundir import history, layout
from ablation.rundir.files import Unreadable
from ablation.rundir.record import RunRecord, file_digests

ROWS = [
    {name: epoch if name == "epoch" else 0.1 * epoch + column / 3 for column, name in enumerate(layout.HISTORY_COLUMNS)}
    for epoch in (1, 2, 3)
]


def record_of(directory) -> RunRecord:
    return RunRecord("completed", files=dict(file_digests(directory)))


def test_what_is_written_is_read_bit_for_bit(tmp_path):
    history.write_history(tmp_path, ROWS)
    assert history.read_history(tmp_path, record_of(tmp_path)) == ROWS
    columns = history.read_columns(tmp_path, record_of(tmp_path))
    assert columns.shape == (len(layout.HISTORY_COLUMNS), 3) and columns.dtype == np.float64
    with open(tmp_path / layout.HISTORY, newline="") as file:
        assert [float(row["loss"]) for row in csv.DictReader(file)] == [row["loss"] for row in ROWS]


def test_nan_and_infinity_are_numbers_of_a_history(tmp_path):
    history.write_history(tmp_path, [{**ROWS[0], "loss": float("nan"), "val_loss": float("inf")}])
    (row,) = history.read_history(tmp_path, record_of(tmp_path))
    assert np.isnan(row["loss"]) and np.isinf(row["val_loss"])


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(b"0.", b"0x", 1),
        lambda text: text.replace(b"epoch", b"epochs"),
        lambda text: text.replace(b"loss,accuracy", b"loss,loss", 1),
        lambda text: text.replace(b"1,", b"1.5,", 1),
        lambda text: text.partition(b"\n")[0] + b"\n",
        lambda text: text[:-1],
        lambda text: text + b"4\n",
        lambda text: "é".encode() + text,
    ],
    ids=["hexadecimal", "column", "twice", "half an epoch", "empty", "torn", "short", "text"],
)
def test_what_no_run_writes_is_no_history_whatever_the_record_says(tmp_path, change):
    history.write_history(tmp_path, ROWS)
    path = tmp_path / layout.HISTORY
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(Unreadable, match="is not a valid history"):
        history.read_history(tmp_path, record_of(tmp_path))


def test_a_history_that_changed_or_is_missing_is_refused(tmp_path):
    history.write_history(tmp_path, ROWS)
    record = record_of(tmp_path)
    history.write_history(tmp_path, ROWS[:2])
    with pytest.raises(Unreadable, match="checksum"):
        history.read_columns(tmp_path, record)
    with pytest.raises(Unreadable, match="checksum"):
        history.read_columns(tmp_path, RunRecord("completed"))
    (tmp_path / layout.HISTORY).unlink()
    with pytest.raises(Unreadable, match="No such file"):
        history.read_columns(tmp_path, record)


def test_a_history_of_very_many_epochs_is_refused(tmp_path, monkeypatch):
    history.write_history(tmp_path, ROWS)
    monkeypatch.setattr(history, "MAX_EPOCHS", 2)
    with pytest.raises(Unreadable, match="is not a valid history"):
        history.read_columns(tmp_path, record_of(tmp_path))


@pytest.mark.parametrize(("more", "known"), [(56, True), (57, False)])
def test_a_history_of_very_many_columns_is_none(tmp_path, more, known):
    """Each would be held in memory as text; 64 are more than any version writes."""
    head = [*layout.HISTORY_COLUMNS, *(f"c{i}" for i in range(more))]
    content = "\n".join([",".join(head), ",".join(["1"] * len(head)), ""]).encode()
    (tmp_path / layout.HISTORY).write_bytes(content)
    digests = {layout.HISTORY: {"sha256": hashlib.sha256(content).hexdigest()}}
    record = RunRecord(status="completed", files=digests)
    if known:
        assert history.read_columns(tmp_path, record).shape == (len(layout.HISTORY_COLUMNS), 1)
    else:
        with pytest.raises(Unreadable, match="not a valid history"):
            history.read_columns(tmp_path, record)
