import re

from support.comparisons import by_variant
from support.fake_runs import config, history, write
from support.page import COMMAND, NAN, report, shown

from ablation.comparison.reading.run_details import RunDetails
from ablation.report.html.runs_section import runs_section, written
from ablation.rundir import layout


def test_the_tags_of_a_run_stand_in_its_details(tmp_path):
    write(tmp_path, config(seed=0, tags=["warm up", "second try"]), history(1))
    write(tmp_path, config(seed=1, tags=["lost"]), history(1), status="diverged")
    write(tmp_path, config(seed=2), history(1))
    text = shown(report(by_variant(tmp_path), [], COMMAND))
    assert "tags warm up, second try" in text and "tags lost" in text and len(re.findall(r"\btags\b", text)) == 2


def test_what_ended_a_failed_run_is_told_where_it_is_left_out(tmp_path):
    write(tmp_path, config(seed=0), history(1))
    failed = write(tmp_path, config(seed=1), history(1), status="failed", error="ValueError: no such layer")
    write(tmp_path, config(seed=2), history(1), status="failed")
    (failed / layout.LOG).write_text("the end")
    text = shown(report(by_variant(tmp_path), [], COMMAND))
    assert "failed: ValueError: no such layer End of run.log the end" in text
    assert text.count("failed:") == 1 and not NAN.search(text)


def test_the_facts_of_a_run_stand_under_their_names(study):
    path = study.variants[0].runs[0].path
    base, *_ = runs_section(study, {path: RunDetails(git="abc", log=("end",))}).variants
    facts = dict(base.runs[0].facts)
    assert facts["git commit"] == "abc" and facts["length"] == "8 epochs" and base.runs[0].log == ("end",)
    assert facts["validation accuracy"].endswith(")") and "attempt" not in facts


def test_without_details_there_is_a_plain_table(study):
    section = runs_section(study, {})
    assert section.variants == () and len(section.table) == 16
    assert [run.metric for run in section.table].count("diverged") == 1
    assert section.table[0].value == study.variants[0].arm.values[0] and section.table[0].facts == ()


def test_a_number_has_a_true_minus_and_nan_is_empty():
    assert written(-0.5, 2) == "−0.50" and written(0.5, 2, sign=True) == "+0.50" and written(float("nan"), 2) == ""
