"""The verdicts as JSON, held against their schema."""

import json

import jsonschema
import pytest
from support.comparisons import compared, factorial, study
from support.fake_runs import config, history, sweep, write
from support.results_tables import experiment, judged, rows
from support.results_tables import write as write_table

from ablation.comparison.experiments.experiment import Experiments
from ablation.report.overview import verdicts_json
from ablation.report.overview.experiments import Compared, NotCompared, Overview
from ablation.report.tables.build import build_table
from ablation.report.wording import findings

SCHEMA = json.loads(verdicts_json.schema())


def document(comparison, of, excluded=(), detect=None, further=()):
    item = Compared(of, comparison, build_table(comparison), findings.sentences(comparison, detect))
    overview = Overview((item, *further), Experiments((of,)))

    def refuse(token):
        raise AssertionError(token)

    made = json.loads(verdicts_json.verdicts_json(overview, excluded, detect), parse_constant=refuse)
    jsonschema.Draft202012Validator(SCHEMA).validate(made)
    return made


@pytest.fixture
def table(tmp_path):
    return write_table(tmp_path / "results.csv", rows())


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_a_table(table):
    made = document(judged(table), experiment(table), detect=0.01)
    (of_table,) = made["experiments"]
    assert (of_table["source"], of_table["baseline"], of_table["comparisons"]) == ("table", "full", 2)
    assert of_table["exploratory_reasons"] == ["no plan was frozen before these runs"]
    baseline, mix, norm = of_table["variants"]
    assert (baseline["verdict"], baseline["difference"], baseline["needed"]) == (None, None, None)
    assert (mix["verdict"], norm["verdict"], norm["n"], norm["seeds"]) == ("inconclusive", "worse", 3, [0, 1, 2])
    assert norm["difference"] == pytest.approx(-0.0276667, abs=1e-6)
    assert norm["ci"][0] < norm["mean"] < norm["ci"][1] and norm["p"] < norm["p_adjusted"] < 0.05
    assert mix["needed"]["difference"] == 0.01 and mix["needed"]["planned"]
    assert 2 < mix["needed"]["seeds_low"] <= mix["needed"]["seeds_high"]


def test_blocks(tmp_path):
    both = [*rows(dataset="a"), *rows(dataset="b")]
    path = write_table(tmp_path / "blocks.csv", both)
    made = document(judged(path, block="dataset"), experiment(path, block="dataset"))
    (of_table,) = made["experiments"]
    assert of_table["block"] == "dataset"
    assert [len(variant["blocks"]) for variant in of_table["variants"]] == [0, 2, 2]
    assert of_table["variants"][2]["blocks"][0]["difference_ci"][0] < of_table["variants"][2]["difference"]


def test_without_a_baseline_nothing_is_judged(table):
    (of_table,) = document(judged(table, baseline=None), experiment(table))["experiments"]
    assert {variant["verdict"] for variant in of_table["variants"]} == {None}
    assert of_table["comparisons"] == 0


def test_own_runs_and_what_is_missing(tmp_path, table):
    sweep(tmp_path / "a", {"plain34": 0.5, "resnet34": 0.9})
    failed = write(tmp_path / "a", config("plain34", seed=7), history(1), status="failed", error="x")
    comparison = compared(tmp_path / "a", baseline="resnet34")
    other = NotCompared(experiment(table), "No run has completed so far.")
    made = document(comparison, experiment(table), [(failed, "failed")], further=[other])
    (of_runs,) = made["experiments"]
    plain = of_runs["variants"][1]
    assert (of_runs["source"], plain["verdict"], plain["reason"], plain["missing"]) == ("runs", None, "incomplete", 1)
    assert made["excluded"] == [{"run": str(failed), "reason": "failed"}]
    assert made["not_compared"] == [{"name": "results.csv", "reason": "No run has completed so far."}]


@pytest.mark.parametrize("made", [study, factorial])
def test_studies(table, made):
    comparison = made()
    (of_study,) = document(comparison, experiment(table))["experiments"]
    assert of_study["study"] == comparison.study
    assert len(of_study["effects"]) == len(comparison.effects)
