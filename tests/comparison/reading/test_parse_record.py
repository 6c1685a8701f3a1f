"""A run from its record and its history: every type as readers rely on it, and nothing beyond the limits of size."""

import json

import pytest
from support import mutations
from support.fake_runs import config, history, write

from ablation.comparison.reading import load, parse_record
from ablation.rundir import history as rundir_history
from ablation.rundir import layout
from ablation.rundir import record as rundir_record


@pytest.mark.parametrize("told", [None, "word", 3, {"a": "b"}, [["deep"]], [1, None, True]], ids=repr)
def test_tags_of_another_type_are_none(tmp_path, told):
    write(tmp_path, config(), history(1), tags=told)
    assert load.load([tmp_path]).runs[0].tags == ()


def test_of_very_many_tags_and_long_ones_some_are_kept(tmp_path):
    write(tmp_path, config(), history(1), tags=[f"{i} {'x' * 1000}" for i in range(1000)])
    (run,) = load.load([tmp_path]).runs
    assert len(run.tags) == 32 and {len(tag) for tag in run.tags} == {200}


@pytest.mark.parametrize(
    "rows",
    [
        [],
        history()[1:],
        [*history(), history()[-1]],
        [{**row, "loss": float("nan")} for row in history()],
        [{**row, "val_accuracy": 7.0} for row in history()],
    ],
    ids=["empty", "late", "twice", "nan", "beyond 1"],
)
def test_a_history_without_its_epochs_is_left_out(tmp_path, rows):
    run = write(tmp_path, config())
    made = rundir_record.read_record(run)
    rundir_history.write_history(run, rows)
    rundir_record.write_record(run, made)
    ((path, reason),) = load.load([tmp_path]).excluded
    assert path == run and reason.startswith("history.csv")


@pytest.mark.parametrize("count", ["many", [1], -5, 10**400, True])
def test_a_count_of_training_images_that_is_none_is_not_believed(tmp_path, count):
    directory = write(tmp_path, config("plain34"), **{"data.train": count})
    assert load.load([tmp_path]).excluded == [(directory, "run.json has no usable data.train")]


def test_a_configuration_that_is_deep_is_refused(tmp_path):
    """It would end whatever walks it."""
    run = mutations.original(tmp_path / "run", 1)
    record = json.loads((run / layout.RECORD).read_text())
    deep = []
    for _ in range(300):
        deep = [deep]
    record["config"]["tags"] = deep  # is in no comparison
    mutations.sign(run, record)
    assert len(load.load([run]).runs) == 1
    record["config"]["model"]["repeats"] = deep
    mutations.sign(run, record)
    assert load.load([run]).excluded == [(run, "run.json is nested deeper than 16")]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda record: record["config"]["model"].update({f"k{i}": i for i in range(5000)}), "a config of more"),
        (lambda record: record["config"]["model"].update(activation="x" * 10**6), "a config of more"),
        (lambda record: record["network"].update(name="x" * 10**6), "a config of more"),
        (
            lambda record: record["hardware"].update({f"k{i}": i for i in range(50_000)}),
            "a description of its environment",
        ),
        (lambda record: record["versions"].update(numpy="1" * 10**6), "a description of its environment"),
    ],
    ids=["keys", "value", "network", "facts", "fact"],
)
def test_what_every_row_would_repeat_is_short(tmp_path, change, said):
    run = mutations.original(tmp_path / "run", 1)
    record = json.loads((run / layout.RECORD).read_text())
    change(record)
    mutations.sign(run, record)
    ((_, reason),) = load.load([run]).excluded
    assert said in reason


def test_a_long_name_is_cut_and_many_classes_are_none_of_a_row_s(tmp_path):
    run = mutations.original(tmp_path / "run", 1)
    record = json.loads((run / layout.RECORD).read_text())
    record["name"], record["data"]["classes"] = "x" * 10**6, [f"class number {i}" for i in range(20_000)]
    mutations.sign(run, record)
    assert parse_record.read(run).name == "x" * parse_record.LONGEST_NAME
