"""One row for each variant and seed: epochs, folds, data sets, reruns and copies are not seeds."""

import pytest
from support.results_tables import experiment, rows, write

from ablation.comparison.results_table import replicates
from ablation.comparison.results_table.columns import Columns
from ablation.comparison.results_table.formats.files import read_file
from ablation.errors import AblateError


def series(column="epoch", steps=(1, 2, 3), metric="val_acc"):
    """Rows of a metric that rises by 0.01 a step and falls in the last one."""
    table = []
    for row in rows(metric=metric):
        for place, step in enumerate(steps):
            value = row[metric] + 0.01 * (place - 1) - 0.015 * (place == len(steps) - 1)
            table.append({**row, column: step, metric: round(value, 4)})
    return table


def value(path, metric="val_acc", **options):
    return experiment(path, **options).runs.runs[0].metrics.value("result", metric)


def test_epochs_need_a_choice_which_names_their_column(tmp_path):
    path = write(tmp_path / "log.csv", series())
    with pytest.raises(
        AblateError, match=r"3 rows for variant full and seed 0 \(row 2, row 3 and row 4\), and 8 more"
    ) as error:
        experiment(path)
    assert "which differ in epoch: they are steps of one run, not several runs" in str(error.value)
    assert str(error.value).endswith("Type for example --take last")


@pytest.mark.parametrize(("take", "expected"), [("last", 0.926), ("max", 0.931), ("min", 0.921), ("mean", 0.926)])
def test_one_value_of_each_run_is_taken(tmp_path, take, expected):
    assert value(write(tmp_path / "log.csv", series()), take=take) == pytest.approx(expected)


def test_the_last_step_is_that_of_its_column_not_of_the_file(tmp_path):
    path = write(tmp_path / "log.csv", series(steps=(30, 10, 20)))
    assert value(path, take="last") == 0.921
    assert "its last value by epoch of each run" in experiment(path, take="last").runs.runs[0].metric.caption
    unordered = write(tmp_path / "b.csv", [{**row, "epoch": f"e{row['epoch']}"} for row in series()])
    assert value(unordered, take="last") == 0.926  # texts have no order but that of the file


def test_extremes_are_disclosed(tmp_path):
    notes = experiment(write(tmp_path / "log.csv", series()), take="max").notes
    assert any("the max of a run was chosen by the metric itself" in note for note in notes)


def test_folds_are_refused_unless_they_are_averaged(tmp_path):
    path = write(tmp_path / "cv.csv", series("fold"))
    for take in (None, "last", "max"):
        with pytest.raises(AblateError, match="Folds are not seeds: .* which differ in fold. .* --take mean"):
            experiment(path, take=take)
    made = experiment(path, take="mean")
    assert any("Folds overlap in their training sets" in note for note in made.notes)
    assert made.runs.runs[0].metric.step is None  # a mean over folds has no steps


def test_data_sets_and_repetitions_are_proposed_as_what_they_are(tmp_path):
    with pytest.raises(AblateError, match="differ in dataset. .* type --block dataset"):
        experiment(write(tmp_path / "a.csv", series("dataset", ("cifar", "mnist"))))
    table = [{**row, "seed": 0, "trial": row["seed"]} for row in rows()]
    with pytest.raises(AblateError, match="differ in trial. .* type --seed trial"):
        experiment(write(tmp_path / "b.csv", table))
    table = [*rows(), {**rows()[0], "test_acc": 0.5}]
    with pytest.raises(AblateError, match="differ in nothing but test_acc. .* Leave out the rows that do not count"):
        experiment(write(tmp_path / "c.csv", table))


def test_copies_count_once(tmp_path):
    made = experiment(write(tmp_path / "a.csv", [*rows(), rows()[0], rows()[4]]))
    assert len(made.runs.runs) == 9
    assert "Note: 2 copies of other rows count once: row 11 and row 12." in made.notes


def test_several_runs_of_one_seed_are_refused(tmp_path):
    sheet = read_file(write(tmp_path / "a.csv", [{**row, "ID": f"r{i}"} for i, row in enumerate([*rows(), rows()[0]])]))
    sheet = replicates.replace(sheet, run_column="ID")
    columns = Columns("variant", "seed", "test_acc")
    with pytest.raises(AblateError, match=r"2 runs for variant full and seed 0: r0 and r9 \(column ID\)"):
        replicates.one_per_seed(sheet, columns, "last")
    assert [len(group.positions) for group in replicates.grouped(sheet, columns)] == [2, *[1] * 8]


def test_runs_that_only_their_names_tell_apart_are_several(tmp_path):
    table = [
        {**row, "Name": f"sun-{n}", "Created": f"2026-01-{n + 10}"} for n, row in enumerate([*rows(), *rows()[:1]])
    ]
    table[-1]["test_acc"] = 0.5
    for take in (None, "last", "max"):
        with pytest.raises(AblateError, match="Several runs have one seed.* 2 runs for variant full and seed 0"):
            experiment(write(tmp_path / "a.csv", table), take=take)
    numbered = [{**row, "id": n} for n, row in enumerate(series())]  # only counts rows
    assert value(write(tmp_path / "b.csv", numbered), take="last") == 0.926


def test_epochs_order_the_rows_before_iterations(tmp_path):
    table = []
    for row in rows(metric="val_acc"):
        for epoch, iteration in ((0, 1), (0, 2), (0, 3), (1, 1), (1, 2)):
            table.append({**row, "iter": iteration, "epoch": epoch, "val_acc": row["val_acc"] - 0.1 + epoch / 10})
    assert value(write(tmp_path / "a.csv", table), take="last") == pytest.approx(0.931)


def test_a_mean_is_over_the_same_rows_for_all(tmp_path):
    table = series("fold", (1, 2, 3))
    path = write(tmp_path / "a.csv", [row for row in table if row["variant"] != "-norm" or row["fold"] != 3])
    with pytest.raises(AblateError, match="seed 0 without fold 3, which others have"):
        experiment(path, take="mean")
    path = write(tmp_path / "b.csv", [row for row in series() if row["variant"] == "full" or row["epoch"] != 3])
    with pytest.raises(AblateError, match="without epoch 3"):
        experiment(path, take="mean")
    unnamed = [{"variant": row["variant"], "seed": row["seed"], "val_acc": row["val_acc"]} for row in table[:-1]]
    with pytest.raises(AblateError, match="A mean is of the same rows.* 2 rows for variant -norm and seed 2"):
        experiment(write(tmp_path / "c.csv", unnamed), take="mean")
    grid = experiment(write(tmp_path / "d.csv", series("lr", (0.1, 0.2, 0.3))), take="mean")
    assert "Note: each value is the mean over lr." in grid.notes


@pytest.mark.parametrize(("column", "kind"), [("epoch", "steps of one run"), ("fold", "folds")])
def test_steps_and_folds_that_another_column_numbers_are_refused(tmp_path, column, kind):
    table = []
    for number, row in enumerate(rows()):
        table.append({"variant": row["variant"], "run": f"r{number}", column: row["seed"], "test_acc": row["test_acc"]})
    with pytest.raises(AblateError, match=f"one row for each {column}, so its rows are {kind}, not several runs"):
        experiment(write(tmp_path / "a.csv", table), seed="run")
    table[0][column] = 17  # such as the epoch of the best weights
    assert experiment(write(tmp_path / "b.csv", table), seed="run")
    splits = [{**row, "split": row["seed"], "stopped_epoch": row["seed"]} for row in rows()]
    assert experiment(write(tmp_path / "c.csv", splits))  # a split of its own for each seed


def named(column, values, **further):
    """A run with a name of its own for each value of a column, within each variant and seed."""
    table = []
    for row in rows():
        for value in values:
            table.append({"ID": f"id{len(table)}", **row, column: value, "State": "finished", **further})
    return table


@pytest.mark.parametrize("column", ["fold", "fold_id", "split_name"])
def test_folds_may_be_runs_of_their_own(tmp_path, column):
    path = write(tmp_path / "a.csv", named(column, ("a", "b", "c")))
    assert len(experiment(path, take="mean").runs.runs) == 9
    with pytest.raises(AblateError, match="Folds are not seeds"):
        experiment(path)
    with pytest.raises(AblateError, match=f"rows of one seed are no runs of their own: they differ in {column}"):
        experiment(path, seed="ID")


@pytest.mark.parametrize(
    ("column", "proposal"),
    [
        ("dataset_name", "--block dataset_name"),
        ("task_id", "--block task_id"),
        ("class_name", "--where class_name=a"),
        ("lr", "--where lr=a"),
    ],
)
def test_what_tells_rows_apart_is_proposed_rather_than_the_name_of_a_run(tmp_path, column, proposal):
    path = write(tmp_path / "a.csv", named(column, ("a", "b")))
    for take in (None, "last"):  # there is no last one
        with pytest.raises(AblateError, match=rf"several rows. .*{proposal}$"):
            experiment(path, take=take)


def test_only_the_row_that_is_taken_needs_a_number(tmp_path):
    table = series()
    table[0]["val_acc"] = "nan"
    path = write(tmp_path / "a.csv", table)
    assert value(path, take="last") == 0.926 and value(path, take="min") == 0.926
    with pytest.raises(AblateError, match="must be a number in every row. Received 'nan'"):
        experiment(path, take="mean")
    table[2]["val_acc"] = "nan"
    with pytest.raises(AblateError, match="must be a number in every row. Received 'nan' .* row 4"):
        experiment(write(path, table), take="last")


def test_of_a_grid_one_value_is_proposed(tmp_path):
    table = [{**row, "batch_size": size} for row in rows() for size in (32, 64)]
    with pytest.raises(AblateError, match="differ in batch_size. .* --where batch_size=32$"):
        experiment(write(tmp_path / "a.csv", table))
