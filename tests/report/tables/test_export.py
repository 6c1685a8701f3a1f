"""The table for programs: a DataFrame, CSV and JSON."""

import csv
import io
import json
import math
import re
from dataclasses import replace

import pandas as pd
import pytest
from support.comparisons import TEST, compare, compared, diverged, factorial, hostile, row, sequential, study
from support.fake_runs import sweep
from support.finished_studies import CALM, lower
from support.payloads import PAYLOADS

from ablation.comparison.analysis.comparison import Comparison, Reached, Threshold
from ablation.comparison.reading.disclosure import PlanChange
from ablation.redaction import printable
from ablation.report.tables import export, records
from ablation.report.tables.build import build_table, in_style
from ablation.report.tables.style import TableStyle
from ablation.statistics.intervals import Interval

CONTRACT = (
    "variant,n,val_accuracy_final_mean,val_accuracy_final_std,val_accuracy_best_mean,test_accuracy_mean,"
    "test_accuracy_std,trainable_parameters,macs,seconds_mean"
)


@pytest.fixture(scope="module")
def table():
    return build_table(study())


@pytest.fixture(scope="module")
def hostile_table():
    return build_table(hostile())


def refuse(token: str):
    raise AssertionError(token)


def csv_rows(table) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(export.csv(table))))


# ---------------------------------------------------------------- the frame


def test_the_columns_of_the_contract_come_first_and_hold_the_summaries(table):
    frame = export.frame(table)
    assert ",".join(frame.columns).startswith(CONTRACT)
    summaries = [vars(record.summary) for record in table.records]
    assert list(frame.columns[: len(summaries[0])]) == list(summaries[0])
    for name in summaries[0]:
        expected = [summary[name] for summary in summaries]
        assert [None if pd.isna(value) else value for value in frame[name]] == [
            None if isinstance(value, float) and math.isnan(value) else value for value in expected
        ], name


def test_the_frame_has_the_numbers_of_the_records(table):
    frame = export.frame(table).set_index("variant")
    for record in table.records:
        found = frame.loc[record.summary.variant]
        numbers = {
            "difference": record.difference,
            "difference_ci_low": record.difference_ci[0],
            "difference_ci_high": record.difference_ci[1],
            "p": record.p,
            "p_adjusted": record.p_adjusted,
            "p_permutation": record.p_permutation,
            "prob_improvement": record.prob_improvement,
            "hedges_g": record.hedges_g,
            "mean": record.mean,
            "ci_low": record.ci[0],
        }
        for name, value in numbers.items():
            assert found[name] == pytest.approx(value, abs=0, nan_ok=True), name
        assert found["seeds"] == "; ".join(map(str, record.seeds)) and found["with"] == "; ".join(record.co_changes)
        for name in ("verdict", "excluded"):
            assert pd.isna(found[name]) if getattr(record, name) is None else found[name] == getattr(record, name)
        if record.paired:
            assert (found["paired_n"], found["paired_correlation"]) == (record.paired.n, record.paired.correlation)
        else:
            assert pd.isna(found["paired_n"]) and math.isnan(found["paired_ci_low"])


def test_a_threshold_has_columns_behind_the_others():
    threshold = Threshold("val_accuracy", 0.9, "epoch", {"a": Reached(4.0, 2, 3, 0), "b": None})
    table = build_table(Comparison(TEST, tuple(row(label, [0.9] * 3) for label in "ab"), threshold=threshold))
    frame = export.frame(table)
    names = ["threshold_metric", "threshold", "epoch_to_threshold", "reached_threshold"]
    assert list(frame.columns[-5:]) == ["exploratory", *names]
    assert list(frame.loc[0, names]) == ["val_accuracy", 0.9, 4.0, 2]
    assert frame.loc[1, names].isna().tolist() == [False, False, True, True]
    assert json.loads(export.json(table))["variants"][0]["epoch_to_threshold"] == 4.0


def test_the_last_column_says_whether_verdicts_are_exploratory(table):
    assert export.frame(table).columns[-1] == "exploratory" and set(csv_rows(table)[0].keys()) == set(
        export.frame(table).columns
    )
    assert [found["exploratory"] for found in csv_rows(table)] == ["False"] * len(table.records)
    made = build_table(replace(study(), exploratory=("no study planned this comparison",)))
    assert export.frame(made)["exploratory"].dtype == bool and export.frame(made)["exploratory"].all()
    assert {found["exploratory"] for found in csv_rows(made)} == {"True"}


# ---------------------------------------------------------------- CSV


def test_csv_has_no_formula_and_whole_numbers(hostile_table, table):
    rows = csv_rows(hostile_table)
    assert len(rows) == 1 + len(PAYLOADS)
    for found, text in zip(rows[1:], PAYLOADS, strict=True):
        assert found["variant"].removeprefix("'") == printable(text).removeprefix("'") or ";" in text
        for name, cell in found.items():
            guarded = not re.search(r"(^|;)\s*[=+\-@＝＋－＠\t\r\n]", cell)
            assert guarded or is_number(cell) or cell == "-shortcut", (name, cell)
    assert float(csv_rows(table)[1]["difference"]) == pytest.approx(-0.4052)
    assert [each["variant"] for each in csv_rows(table)] == [record.summary.variant for record in table.records]


def is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


# ---------------------------------------------------------------- JSON


def test_json_is_strict_and_has_the_texts_as_they_are(hostile_table, table):
    document = json.loads(export.json(hostile_table), parse_constant=refuse)
    assert [each["variant"] for each in document["variants"][1:]] == [printable(text) for text in PAYLOADS]
    assert [each["removed"] for each in document["variants"][1:]] == [[printable(text)] for text in PAYLOADS]
    assert json.loads(export.json(table), parse_constant=refuse)["variants"][-1]["mean"] is None


def test_json_has_the_fields_of_the_contract(table):
    document = json.loads(export.json(table))
    assert {"metric", "data", "baseline", "test", "correction", "comparisons", "margin", "plan"} <= document.keys()
    assert document["exploratory"] is False and document["plan"] is None
    assert (document["baseline"], document["margin"], document["data"]) == ("baseline", 0.02, "digits")
    assert [each["run"] for each in document["excluded"]][-1] == "torn" and document["superseded"] == []
    for found, record in zip(document["variants"], table.records, strict=True):
        assert found["seeds"] == list(record.seeds) and found["n"] == len(found["seeds"]) == len(found["values"])
        assert found["verdict"] in ("better", "worse", "equivalent", "inconclusive", None)
        assert (found["sd"] is None) == (found["n"] < 2)
        for name in ("ci", "difference_ci"):
            assert found[name] is None or (len(found[name]) == 2 and found[name][0] < found[name][1])
        assert set(found["paired"] or ()) == ({"difference", "ci", "correlation", "n"} if record.paired else set())


def test_json_says_why_there_is_no_verdict(table):
    variants = {each["variant"]: each for each in json.loads(export.json(table))["variants"]}
    assert variants["-shortcut"]["p_adjusted"] < 0.05 and variants["-shortcut"]["baseline"] == "baseline"
    assert (variants["-norm"]["verdict"], variants["-norm"]["excluded"]) == ("inconclusive", None)
    assert (variants["-augment"]["verdict"], variants["-augment"]["excluded"]) == (None, "incomplete")
    assert (variants["-data"]["verdict"], variants["-data"]["excluded"]) == (None, "not comparable")
    assert "data.digest: 0a1b2c3d -> 99ee88ff" in variants["-data"]["blocking"]
    baseline = variants["baseline"]
    assert (baseline["verdict"], baseline["excluded"], baseline["baseline"]) == (None, None, None)


def test_json_says_what_no_plan_fixed_and_what_changed():
    change = PlanChange("0a1b", "2026-01-02T03:04:05+00:00", 8, ("seeds: 3 -> 5",), rules=True)
    said = "The plan was changed at 2026-01-02 03:04 UTC, after 8 runs had ended: seeds: 3 -> 5."
    reasons = ("seeds changed after 8 runs had ended",)
    comparison = replace(study(), plan="1f2e", exploratory=reasons, plan_changes=(change,), disclosures=(said,))
    document = json.loads(export.json(build_table(comparison)))
    assert (document["exploratory"], document["exploratory_reasons"]) == (True, list(reasons))
    assert document["plan_changes"] == [vars(change) | {"changes": ["seeds: 3 -> 5"]}]
    assert document["disclosures"] == [said]
    planned = json.loads(export.json(build_table(replace(study(), plan="1f2e"))))
    assert (planned["exploratory"], planned["exploratory_reasons"]) == (False, [])


def test_json_and_csv_have_the_look_and_the_seeds_that_it_tested():
    table = build_table(sequential([row("a", [*CALM, 0.9]), row("b", [*lower(0.1), 0.9])]))
    (_, variant) = json.loads(export.json(table))["variants"]
    look = variant["look"]
    assert look.keys() == {"n", "level", "p", "seeds"} and (look["n"], look["seeds"]) == (3, [0, 1, 2])
    assert look["p"] == variant["p"] < look["level"] and variant["seeds"] == [0, 1, 2, 3, 4, 5]
    cells = csv_rows(table)[1]
    assert (cells["look_n"], cells["look_seeds"]) == ("3", "0; 1; 2") and float(cells["look_level"]) == look["level"]
    assert csv_rows(table)[0]["look_n"] == "" and json.loads(export.json(table))["test"] == "paired"


def test_json_has_null_for_a_verdict_that_diverged_runs_withdraw():
    lost = tuple(diverged("b", seed) for seed in (3, 4, 5))
    table = build_table(compare([row("a", CALM), row("b", [0.99, 0.991, 0.992], diverged=lost)]))
    (_, variant) = json.loads(export.json(table))["variants"]
    assert (variant["verdict"], variant["excluded"]) == (None, "higher where it trained")
    assert (variant["diverged"], variant["missing"]) == (3, 0) and 0 < variant["diverged_p"] < 1
    assert csv_rows(table)[1]["verdict"] == ""


def test_json_has_every_interval_of_a_verdict():
    table = build_table(compare([row("a", CALM), row("b", lower(0.02))], margin=0.05))
    (_, variant) = json.loads(export.json(table))["variants"]
    assert (variant["verdict"], variant["within_margin"], variant["test"]) == ("worse", True, "welch")
    for name in ("difference_ci", "simultaneous_ci", "equivalence_ci"):
        low, high = variant[name]
        assert low < variant["difference"] < high
    assert variant["equivalence_ci"][0] > variant["difference_ci"][0] and variant["p_equivalence"] < 0.05


def test_json_has_the_effects_of_a_factorial():
    document = json.loads(export.json(build_table(factorial())))
    assert all(each["verdict"] is None and each["excluded"] is None for each in document["variants"])
    main = {each["components"][0]: each for each in document["effects"] if each["kind"] == "main effect"}
    assert main["shortcut"]["verdict"] == "worse" and main["norm"]["verdict"] == "inconclusive"
    assert main["shortcut"]["difference_ci"][0] < -0.2 < main["shortcut"]["difference_ci"][1]
    assert {each["verdict"] for each in document["effects"] if each["kind"] != "main effect"} == {None}


def test_an_object_of_one_image_comparison():
    paired = records.ImagesRecord(360, -0.1, Interval(-0.2, 0.0), 0.04)
    assert export.strict(paired.ci) == [-0.2, 0.0]


@pytest.mark.parametrize(
    ("value", "strict"),
    [
        (math.nan, None),
        (math.inf, None),
        (0.1 + 0.2, 0.3),
        ({"a\x1b": (1, [True, None])}, {"a\ufffd": [1, [True, None]]}),
        ("\ud800", "\ufffd"),
    ],
)
def test_what_strict_json_lacks_is_replaced(value, strict):
    assert export.strict(value) == strict


def test_equal_tables_are_equal_bytes():
    first, second = (build_table(compare([row("a", [0.5, 0.6]), row("b", [0.7, 0.8])])) for _ in range(2))
    assert (export.csv(first), export.json(first)) == (export.csv(second), export.json(second))


def test_json_has_the_setting_without_the_whole_configuration(tmp_path):
    sweep(tmp_path, {"plain34": 0.5, "resnet34": 0.9})
    document = json.loads(export.json(build_table(compared(tmp_path, baseline="resnet34"))))
    setting = document["setting"]
    assert setting["data"] == [{"name": "digits", "train": 1077, "validation": 360, "test": 360, "classes": 2}]
    assert setting["baseline"]["name"] == "resnet34" and setting["epochs"] == {"low": 6, "high": 6}
    assert setting["varied"] == ["model.residual"] and setting["shared"]["train.learning_rate"] == 0.05
    assert setting["compute"]["seconds"] == 75.0 and "config" not in setting
    assert (setting["runs"], setting["seeds"], setting["comparisons"]) == (6, [0, 1, 2], 1)


def test_files_for_programs_have_fractions_and_all_columns_in_any_style(table):
    style = TableStyle(percent=True, decimals=1, caption="C", columns=("metric",))
    comparison = replace(study(), metric=replace(TEST, largest=1.0))
    styled = build_table(in_style(comparison, style), style)
    plain = build_table(comparison)
    assert export.csv(styled) == export.csv(plain) == export.csv(table)
    document = json.loads(export.json(styled))
    assert document.pop("style") == style.to_json()
    assert document == {key: value for key, value in json.loads(export.json(plain)).items() if key != "style"}
