from dataclasses import replace

from support import curves
from support.comparisons import compared
from support.fake_runs import sweep
from support.page import COMMAND, SENTENCES, report, shown

from ablation.report.html.header import header


def test_a_comparison_is_planned_where_there_is_a_plan(study):
    assert "3 planned comparisons Plan abcabcabcabc" in shown(report(study, SENTENCES, COMMAND))
    text = shown(report(replace(study, plan=None, comparisons=1), SENTENCES, COMMAND))
    assert "1 comparison " in text and "planned comparison" not in text


def test_an_exploratory_comparison_is_labelled_with_its_reasons(study):
    made = replace(study, exploratory=("--metric val_loss is not that of the plan", "no study planned it"))
    text = shown(report(made, SENTENCES, COMMAND))
    label = "Exploratory --metric val_loss is not that of the plan No study planned it Verdict"
    assert label in text and "3 comparisons Plan abcabcabcabc" in text and "planned comparison" not in text
    assert header(study).exploratory == () and "Exploratory" not in shown(report(study, SENTENCES, COMMAND))


def test_the_facts_say_what_was_trained_on_what_and_for_how_long():
    made = curves.comparison(curves.variant("resnet34"), curves.variant("plain34", epochs=4))
    facts = header(made).facts
    assert facts[0] == "resnet34 and plain34 on digits, 4 to 6 epochs" and "2 variants, 6 runs" in facts
    assert "Baseline resnet34" in facts and "1 comparison" in facts


def test_the_heading_is_the_question_or_what_is_compared():
    one, two = curves.several(1), curves.several(2)
    assert header(one).heading == "arm0" and header(two).heading == "2 variants compared"
    asked = replace(two, question="Why?", study="parts")
    assert (header(asked).heading, header(asked).title, header(asked).study) == ("Why?", "Why?", "parts")
    assert header(two).title == "Comparison"


def test_without_a_run_there_is_no_setting():
    assert header(curves.comparison(curves.of_runs("a"), baseline=False)).facts[1] == "1 variant, 0 runs"


def test_the_facts_say_data_recipe_and_compute(tmp_path):
    sweep(tmp_path, {"plain34": 0.5, "resnet34": 0.9})
    text = "\n".join(header(compared(tmp_path, baseline="resnet34")).facts)
    assert "Data: digits (1,077 training, 360 validation and 360 test images of 2 classes)." in text
    assert "Recipe: SGD, Nesterov momentum 0.9" in text and "Compute: 1 min 15 s of training in total." in text


def test_the_page_has_the_methods(study):
    text = shown(report(study, SENTENCES, COMMAND))
    assert "Methods We compared 3 variants" in text and text.index(" Methods ") < text.index(" Reproduce ")
