"""A threshold in words."""

import pytest

from ablation.comparison.analysis.comparison import Reached, Threshold
from ablation.report.wording import threshold_text


def threshold(x_axis: str = "epoch", metric: str = "val_accuracy", **reached: Reached | None) -> Threshold:
    return Threshold(metric, 0.9, x_axis, reached)


@pytest.mark.parametrize(
    ("x_axis", "title"),
    [("epoch", "Epochs to 0.9"), ("seconds", "Time to 0.9"), ("images", "Images to 0.9"), ("macs", "MACs to 0.9")],
)
def test_the_title_names_the_unit(x_axis, title):
    assert threshold_text.title(threshold(x_axis)) == title


@pytest.mark.parametrize(
    ("x_axis", "reached", "texts"),
    [
        ("epoch", Reached(12.0, 5, 5, 0), ("12", "")),
        ("epoch", Reached(12.5, 3, 5, 0), ("12.5", "(3 of 5)")),
        ("images", Reached(45_000.0, 1, 1, 0), ("45,000", "")),
        ("images", Reached(4.5e6, 1, 1, 0), ("4.50M", "")),
        ("seconds", Reached(200.0, 1, 1, 0), ("3 min 20 s", "")),
        ("epoch", Reached(None, 1, 5, 0), ("–", "(1 of 5)")),
        ("epoch", Reached(None, 0, 0, 2), ("–", "")),
        ("epoch", None, ("–", "")),
    ],
)
def test_the_median_and_how_many_runs_reach_it(x_axis, reached, texts):
    assert (threshold_text.median_text(threshold(x_axis), reached), threshold_text.runs_text(reached)) == texts


def test_the_caption_explains_what_some_runs_never_do():
    assert threshold_text.caption_sentence(threshold(a=Reached(4.0, 2, 2, 0))) == (
        "Epochs to 0.9: until validation accuracy rises to it, median over runs."
    )
    assert threshold_text.caption_sentence(threshold(metric="loss", a=Reached(4.0, 2, 3, 0))) == (
        "Epochs to 0.9: until training loss falls to it, median over runs; (2 of 3) is the number of runs that "
        "reach it, and a run that never does counts as infinitely late."
    )


def test_in_percent_a_threshold_of_accuracy_is_too_and_one_of_a_loss_is_not():
    assert threshold_text.title(threshold(), percent=True) == "Epochs to 90 %"
    assert threshold_text.title(threshold(metric="val_loss"), percent=True) == "Epochs to 0.9"
    assert threshold_text.caption_sentence(threshold(a=None), percent=True).startswith("Epochs to 90 %: until")
