"""What is said where nothing is compared."""

import re
from dataclasses import replace

import pytest
from support.comparisons import TEST, row, run

from ablation.comparison.analysis.comparison import Comparison, Metric
from ablation.report.wording.description import describing_sentences


def described(*rows, metric: Metric = TEST) -> list[str]:
    return describing_sentences(Comparison(metric, rows))


def test_the_leader_the_next_and_the_last():
    found = described(row("a", [0.5, 0.52, 0.54]), row("b", [0.9, 0.91, 0.92]), row("c", [0.7, 0.71, 0.72]))
    assert found[0] == (
        "b has the highest test accuracy: 0.910 ± 0.025 (3 seeds), 0.200 above c (0.710 ± 0.025), the second highest, "
        "and 0.390 above a (0.520 ± 0.050), the lowest."
    )
    assert "This only describes the runs; no significance test was made." in found


def test_the_suggested_baseline_does_not_depend_on_the_results():
    for values in ([0.5, 0.9], [0.9, 0.5]):
        found = described(*(row(label, [value] * 3) for label, value in zip("ab", values, strict=True)))
        assert found[-1].endswith("for example --baseline a")


def test_a_label_is_quoted_for_the_shell():
    assert described(row("a b", [0.5] * 3), row("c", [0.6] * 3))[-1].endswith("--baseline 'a b'")


def test_of_a_loss_the_lowest_leads():
    loss = replace(TEST, name="test loss", higher=False)
    found = described(row("a", [0.5, 0.5, 0.5]), row("b", [0.9, 0.9, 0.9]), metric=loss)
    assert found[0] == "a has the lowest test loss: 0.500 (3 seeds), 0.400 below b (0.900)."


def test_level_variants_share_the_lead():
    found = described(row("a", [0.5] * 3), row("b", [0.5] * 3))
    assert found[0] == "a and b share the highest test accuracy: 0.500 (3 seeds)."


def test_a_lead_within_the_standard_deviation_is_said():
    found = described(row("a", [0.5, 0.6, 0.7]), row("b", [0.51, 0.61, 0.71]))
    assert found[1] == "Its lead over a is smaller than one standard deviation over seeds (SD 0.100)."


@pytest.mark.parametrize(
    ("losses", "sentence"),
    [
        ({"a": 2.299, "b": 2.289}, "Training loss in the last epoch: b 2.289 and a 2.299."),
        ({"a": 0.1, "b": 0.2}, "Training loss in the last epoch: b 0.200 and a 0.100."),
        ({"a": 0.1, "b": 0.1 + 1e-17}, "Training loss in the last epoch: b 0.100 and a 0.100."),
    ],
)
def test_training_losses_are_numbers_without_a_claim(losses, sentence):
    """Best variant first. Whether a difference of means over seeds matters is for a test to say."""
    rows = []
    for label, value in (("a", 0.5), ("b", 0.9)):
        runs = tuple(run(label, seed, value, loss=losses[label]) for seed in range(3))
        rows.append(replace(row(label, [value] * 3), runs=runs))
    found = described(*rows)
    assert sentence in found
    assert not re.search("agree|separate", " ".join(found))


def test_the_training_loss_is_not_said_twice_where_it_is_the_metric():
    loss = replace(TEST, name="training loss", key="loss", higher=False)
    assert not any("last epoch" in each for each in described(row("a", [0.5]), row("b", [0.9]), metric=loss))


def test_too_few_seeds_are_said():
    found = described(row("a", [0.5]), row("b", [0.5, 0.6]))
    assert "Too few seeds for a verdict: b has 2 and a has 1. Run at least 3 of each, for example seed=0,1,2." in found


def test_a_lone_variant_and_none():
    assert described(row("a", [0.5, 0.6, 0.7])) == [
        "There is nothing to compare a with. Its test accuracy: 0.600 ± 0.248 (3 seeds).",
        "This only describes the runs; no significance test was made.",
    ]
    assert described(row("a", [])) == ["This only describes the runs; no significance test was made."]
