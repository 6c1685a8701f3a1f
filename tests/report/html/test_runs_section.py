import re
from dataclasses import replace

from support.comparisons import by_variant
from support.fake_runs import config, history, write
from support.page import COMMAND, NAN, report, shown

from ablation.comparison.analysis.comparison import NumberStyle
from ablation.comparison.reading.run_details import RunDetails
from ablation.report.html.runs_section import known, runs_section, varied_keys
from ablation.report.wording.metric_format import MetricFormat
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
    assert known(-0.5, MetricFormat(2)) == "−0.50" and known(float("nan"), MetricFormat(2)) == ""


def test_in_percent_the_accuracies_of_single_runs_are_too(study):
    percent = replace(study, metric=replace(study.metric, largest=1.0), numbers=NumberStyle(percent=True))
    (first, *_), (before, *_) = (runs_section(made, {}).table for made in (percent, study))
    assert first.metric == f"{100 * first.value:.2f} %" and before.metric == f"{first.value:.4f}"
    assert first.val_accuracy.endswith(" %") and first.loss == before.loss


def test_the_configuration_lists_first_what_differs_between_the_variants(study):
    assert varied_keys(study.variants) == {"model.width"}
    path = study.variants[1].runs[0].path
    section = runs_section(study, {path: RunDetails()})
    base, half, *_ = section.variants
    assert (half.settings[0].key, half.settings[0].value, half.settings[0].varies) == ("model.width", "8", True)
    assert not any(setting.varies for setting in half.settings[1:]) and len(half.settings) > 30
    unset = half.unset.split(", ")
    config = study.variants[1].runs[0].config
    assert {*unset, *(setting.key for setting in half.settings)} == set(config)
    assert all(config[key] is None for key in unset) and base.settings[0].value == "16"


def test_the_details_of_a_run_begin_with_its_configuration(study):
    path = study.variants[1].runs[0].path
    half = runs_section(study, {path: RunDetails()}).variants[1]
    assert [run.facts[0] for run in half.runs] == [
        ("configuration", f"model.width=8, seed={seed}") for seed in range(4)
    ]
    alone = replace(study, variants=study.variants[:1])
    assert runs_section(alone, {path: RunDetails()}).variants[0].runs[0].facts[0] == ("configuration", "seed=0")


def test_very_many_differing_settings_are_cut(study):
    base, half = study.variants[:2]
    many = {f"key{i:02}": i for i in range(20)}
    wide = replace(half, runs=tuple(replace(run, config={**run.config, **many}) for run in half.runs))
    other = replace(base, runs=tuple(replace(run, config={**run.config, **dict.fromkeys(many)}) for run in base.runs))
    made = runs_section(replace(study, variants=(other, wide)), {half.runs[0].path: RunDetails()})
    text = dict(made.variants[1].runs[0].facts)["configuration"]
    assert text.count("=") == 13 and text.endswith(", …, seed=0")
