"""All metrics on the page: means of what the runs recorded, the planned one first."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from support import curves
from support.page import Document, report, shown

from ablation.comparison.analysis.comparison import Comparison, NumberStyle
from ablation.report.html import scores_section as module
from ablation.report.html.scores_section import Score, scores_section
from ablation.report.plots.scores import means


def scores(made: Comparison) -> dict[str, Score]:
    section = scores_section(made)
    assert section is not None
    return {score.name: score for score in section.scores}


def test_the_metric_of_the_verdicts_comes_first_and_the_others_as_recorded(study):
    assert list(scores(study)) == [
        "Test accuracy of the last weights",
        "Test loss of the last weights",
        "Validation accuracy of the last epoch",
        "Validation accuracy of the best epoch",
        "Validation loss of the last epoch",
        "Validation loss of the best epoch",
        "Training accuracy of the last epoch",
        "Training loss of the last epoch",
    ]
    section = scores_section(study)
    assert section is not None
    assert section.note.endswith(
        "Verdicts rest on test accuracy of the last weights alone; the other metrics are descriptive."
    )
    assert section.counts == (4, 4, 4, 3)


def test_in_percent_accuracies_are_and_losses_are_not(study):
    percent = scores(replace(study, numbers=NumberStyle(percent=True)))
    name = "Validation accuracy of the best epoch"
    plain, found = scores(study)[name], percent[f"{name} (%)"]
    assert float(found.cells[1].text) == pytest.approx(100 * float(plain.cells[1].text), abs=0.051)
    assert found.bars.label == f"{name} (%)" and float(found.bars.ticks[-1].text) > 10
    assert percent["Test loss of the last weights"] == scores(study)["Test loss of the last weights"]


def test_a_cell_is_the_mean_with_its_interval(study):
    values = [run.metrics.value("best", "val_accuracy") for run in study.variants[1].runs]
    cell = scores(study)["Validation accuracy of the best epoch"].cells[1]
    low, high = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
    assert (cell.text, cell.detail) == (f"{np.mean(values):.3f}", f"± {(high - low) / 2:.3f}")
    assert cell.value == pytest.approx(np.mean(values))


def test_where_some_runs_lack_a_metric_their_number_is_said(study):
    base, half, *others = study.variants
    first, *rest = half.runs
    scores_of = {**first.metrics.scores, "test": {"accuracy": 0.5}}
    lacking = replace(first, metrics=replace(first.metrics, scores=scores_of))
    made = replace(study, variants=(base, replace(half, runs=(lacking, *rest)), *others))
    cell = scores(made)["Test loss of the last weights"].cells[1]
    assert (
        cell.detail.endswith("(n = 3)") and "(n" not in scores(study)["Test loss of the last weights"].cells[1].detail
    )
    assert scores(replace(made, variants=(base, replace(half, runs=())))) is not None


def test_the_chart_has_a_row_for_each_variant_and_a_dot_for_each_run(study):
    bars = scores(study)["Validation loss of the last epoch"].bars
    assert bars is not None and [bar.name for bar in bars.bars] == [variant.label for variant in study.variants]
    assert [bar.dots.count("M") for bar in bars.bars] == [4, 4, 4, 3]
    assert [bar.style for bar in bars.bars][:2] == ["baseline-point", "plain-point"]
    assert bars.zero is None and not bars.judged and bars.label == "Validation loss of the last epoch"


def test_of_many_variants_there_is_a_table_alone_and_of_very_many_nothing(study, monkeypatch):
    monkeypatch.setattr(means, "MAX_ROWS", 3)
    assert all(score.bars is None for score in scores(study).values())
    monkeypatch.setattr(module, "MAX_VARIANTS", 3)
    assert scores_section(study) is None and "All metrics" not in shown(report(study))


def test_a_comparison_by_another_metric_has_that_one_first():
    made = curves.with_metric(curves.several(2), "val_accuracy")
    section = scores_section(made)
    assert section is not None and section.scores[0].name == "Validation accuracy of the last epoch"


def test_without_a_verdict_none_is_mentioned():
    section = scores_section(curves.several(2, baseline=False))
    assert section is not None and "Verdicts" not in section.note


def test_the_page_has_a_chooser_that_only_a_script_shows(study):
    values = Document(report(study)).values
    assert values.count(("p", "class", "chooser")) == 2 and ("p", "hidden", None) in values
    text = shown(report(study))
    assert "All metrics of all variants" in text and "Test loss of the last weights" in text
