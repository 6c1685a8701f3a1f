"""Exports of W&B, MLflow and pandas in their documented forms."""

import json

import pandas as pd
import pytest
from support.results_tables import VALUES, experiment, rows, write

from ablation.comparison.results_table.formats import exports
from ablation.comparison.results_table.formats.files import read_file
from ablation.errors import AblateError

NAMES = (
    "bright-sun-1",
    "calm-sea-2",
    "dry-hill-3",
    "easy-oak-4",
    "fine-day-5",
    "good-sky-6",
    "hot-bay-7",
    "icy-fog-8",
    "jolly-haze-9",
)


def wandb_page():
    """The table of runs as the page of W&B exports it: attributes of runs, then config and summary columns."""
    table = []
    for name, row in zip(NAMES, rows(), strict=True):
        attributes = {"Name": name, "State": "finished", "Notes": "-", "User": "nico", "Tags": "", "Created": name[-1]}
        attributes |= {"Runtime": 61, "Sweep": "", "ID": f"1jx1ud{name[-1]}"}
        table.append(
            {**attributes, "arch": row["variant"], "seed": row["seed"], "_step": 99, "test_acc": row["test_acc"]}
        )
    return table


def wandb_api(dump):
    """The table that W&B's documentation builds: dictionaries in columns, written by pandas."""
    frame = {"summary": [], "config": [], "name": list(NAMES)}
    for row in rows():
        frame["summary"].append(dump({"test_acc": row["test_acc"], "_runtime": 3.5}))
        frame["config"].append(dump({"arch": row["variant"], "seed": row["seed"], "opt": {"lr": 0.1}}))
    return pd.DataFrame(frame).to_csv()


def mlflow_csv():
    """As `mlflow experiments csv` and search_runs write."""
    table = []
    for name, row in zip(NAMES, rows(), strict=True):
        attributes = {
            "run_id": name * 2,
            "experiment_id": "1",
            "status": "FINISHED",
            "artifact_uri": f"mlruns/1/{name}",
        }
        attributes |= {"start_time": f"2026-11-0{name[-1]} 10:00:00+00:00", "end_time": "2026-11-30 10:00:00+00:00"}
        own = {"metrics.test_acc": row["test_acc"], "params.arch": row["variant"], "params.seed": row["seed"]}
        table.append({**attributes, **own, "tags.mlflow.runName": name, "tags.mlflow.parentRunId": ""})
    return table


def numbers(made):
    return [(run.variant, run.seed, run.metrics.value("result", run.metric.key)) for run in made.runs.runs]


EXPECTED = [(row["variant"], row["seed"], row["test_acc"]) for row in rows()]


def test_the_page_of_wandb(tmp_path):
    path = write(tmp_path / "wandb_export.csv", wandb_page())
    made = experiment(path, variant="arch", metric="test_acc")
    assert numbers(made) == EXPECTED
    assert experiment(path, variant="arch", metric="test_acc", source="wandb") == made
    assert made.notes == ("Note: 3 columns with a value for each run cannot be checked: Name, Created and ID.",)


@pytest.mark.parametrize("dump", [json.dumps, str, lambda values: str(values).replace("3.5", "nan")])
def test_the_api_of_wandb(tmp_path, dump):
    made = experiment(write(tmp_path / "project.csv", wandb_api(dump)), variant="arch", metric="test_acc")
    assert numbers(made) == EXPECTED
    assert made.runs.runs[0].config["config.opt.lr"] == 0.1


def test_crashed_and_running_runs_of_wandb(tmp_path):
    table = wandb_page()
    table[0]["State"], table[0]["test_acc"] = "crashed", ""
    table.append({**table[0], "State": "finished", "test_acc": 0.93, "ID": "resumed"})
    table.append({**table[1], "State": "running", "test_acc": 0.5, "ID": "x"})
    made = experiment(write(tmp_path / "a.csv", table), variant="arch", metric="test_acc")
    assert len(made.runs.runs) == 9 and not made.runs.unfinished
    assert [(path.name, reason) for path, reason in made.runs.excluded] == [("row 2", "failed"), ("row 12", "running")]


def test_a_resumed_run_that_appears_twice_is_refused(tmp_path):
    table = [*wandb_page(), {**wandb_page()[0], "ID": "other", "test_acc": 0.94}]
    with pytest.raises(AblateError, match=r"2 runs for arch full and seed 0: 1jx1ud1 and other \(column ID\)"):
        experiment(write(tmp_path / "a.csv", table), variant="arch", metric="test_acc")
    table = [*wandb_page(), {**wandb_page()[0], "Runtime": 99}]
    with pytest.raises(AblateError, match="2 rows for arch full and seed 0 .* which differ in Runtime"):
        experiment(write(tmp_path / "b.csv", table), variant="arch", metric="test_acc")


def test_a_chart_of_wandb_is_refused(tmp_path):
    chart = "Step,calm - val_acc,calm - val_acc__MIN,calm - val_acc__MAX\n1,0.5,0.5,0.5\n"
    with pytest.raises(AblateError, match="exported chart, with a column for each run"):
        experiment(write(tmp_path / "chart.csv", chart))


def test_mlflow(tmp_path):
    path = write(tmp_path / "experiment.csv", mlflow_csv())
    made = experiment(path, variant="arch", metric="test_acc")
    assert numbers(made) == EXPECTED
    assert experiment(path, variant="params.arch", metric="metrics.test_acc", source="mlflow") == made
    assert made.runs.runs[0].metric.caption == "Test acc: column metrics.test_acc of experiment.csv."


def test_mlflow_as_parquet_with_missing_values(tmp_path):
    frame = pd.DataFrame(mlflow_csv())
    frame["params.dropout"] = [None, "0.1", *[None] * 7]
    frame.to_parquet(tmp_path / "runs.parquet")
    made = experiment(tmp_path / "runs.parquet", variant="arch", metric="test_acc")
    assert numbers(made) == EXPECTED
    assert any("params.dropout differs within variants (empty and 0.1 in full" in note for note in made.notes)


def test_states_and_parents_of_mlflow(tmp_path):
    table = mlflow_csv()
    for row in table:
        row["tags.mlflow.parentRunId"] = "parent"
    table[3]["status"] = "KILLED"
    table.append({**table[0], "run_id": "parent", "metrics.test_acc": "", "params.arch": "", "params.seed": ""})
    made = experiment(write(tmp_path / "a.csv", table), variant="arch", metric="test_acc")
    assert made.notes[0] == "Note: 1 run of MLflow without metrics, which only contain other runs, are left out."
    assert [reason for _, reason in made.runs.excluded] == ["interrupted"]


def test_the_page_of_mlflow(tmp_path):
    table = []
    for name, row in zip(NAMES, rows(), strict=True):
        table.append({"Start Time": name[-1], "Run ID": name, "Name": name, "Status": "FINISHED", **row})
    made = experiment(write(tmp_path / "runs.csv", table))
    assert numbers(made) == EXPECTED


@pytest.mark.parametrize("source", ["mlflow", "wandb"])
def test_another_table_is_no_export(tmp_path, source):
    with pytest.raises(AblateError, match=f"no export of {source}. Received --from {source} with a.csv"):
        experiment(write(tmp_path / "a.csv", rows()), source=source)
    assert exports.recognised(read_file(tmp_path / "a.csv"), "table").run_column is None


def test_a_dictionary_that_cannot_be_read_is_refused(tmp_path):
    text = "summary,config\n{1,{1\n"
    with pytest.raises(AblateError, match="A dictionary cannot be read. Received '{1' in column config of a.csv"):
        experiment(write(tmp_path / "a.csv", text))


def test_pandas_in_long_form_from_melt(tmp_path):
    wide = pd.DataFrame(VALUES).rename_axis("seed").reset_index()
    wide.melt("seed", var_name="variant", value_name="accuracy").to_csv(tmp_path / "a.csv")
    assert numbers(experiment(tmp_path / "a.csv")) == EXPECTED
