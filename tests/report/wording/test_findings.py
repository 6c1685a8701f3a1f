"""All findings of a comparison, and how many seeds would detect a difference."""

from dataclasses import replace

import pytest
from support.comparisons import compare, compared, factorial, row, study
from support.fake_runs import config, history, sweep, write
from support.finished_studies import CALM, finish

from ablation.report.wording import findings
from ablation.report.wording.warnings import warning_sentences
from ablation.statistics import power


def test_verdicts_come_first_and_the_method_after_what_is_missing():
    found = findings.sentences(study())
    starts = ("-shortcut is worse", "-epochs", "-width.half is equivalent", "No difference shown for -norm")
    starts += ("5 to 14 seeds", "Too few seeds", "No verdict on -dropout", "Not comparable: -data", "Planned runs")
    starts += ("Welch's t-test", "Note:")
    assert len(found) == len(starts)
    for sentence, start in zip(found, starts, strict=True):
        assert sentence.startswith(start), sentence


def test_warnings_are_apart():
    assert not set(warning_sentences(study())) & set(findings.sentences(study()))


def test_the_test_is_named_with_its_correction():
    two = compare([row("a", [0.9, 0.91, 0.92]), row("b", [0.5, 0.51, 0.52])])
    assert "Welch's t-test over seeds, two-sided at 5 %." in findings.sentences(two)
    assert (
        "Welch's t-test over seeds, two-sided at 5 %, Holm's correction over 7 comparisons. The intervals are not "
        "corrected for multiple comparisons."
    ) in findings.sentences(study())
    looked = findings.sentences(replace(two, max_seeds=30))
    assert any("from 3 to at most 30" in sentence and "Lan-DeMets" in sentence for sentence in looked)


@pytest.mark.parametrize("max_seeds", [None, 30])
@pytest.mark.parametrize("comparisons", [1, 2])
def test_intervals_that_contradict_a_verdict_are_explained(comparisons, max_seeds):
    """Uncorrected, one may exclude 0 where no difference is shown."""
    two = compare([row("a", [0.9, 0.91, 0.92]), row("b", [0.5, 0.51, 0.52])])
    found = " ".join(findings.sentences(replace(two, comparisons=comparisons, max_seeds=max_seeds)))
    assert (" corrected for multiple comparisons." in found) == (comparisons > 1)
    assert ("The intervals are not adjusted for the looks" in found) == (max_seeds is not None)


def test_the_assumption_follows_the_test():
    found = findings.sentences(compare([row("a", [0.9, 0.91, 0.92]), row("b", [0.5, 0.51, 0.52])]))
    assert found[-1].startswith("With 3 seeds this assumes normally distributed noise")


def test_without_a_verdict_no_test_is_named():
    found = findings.sentences(compare([row("a", [0.9]), row("b", [0.5])]))
    assert not any("Welch" in sentence for sentence in found)
    found = findings.sentences(replace(factorial(), effects=()))
    assert not any("Welch" in sentence for sentence in found)


def test_how_many_seeds_detect_a_difference():
    comparison = replace(study(), margin=None)
    assert not any("would detect" in sentence for sentence in findings.sentences(comparison))
    wanted = findings.sentences(comparison, detect=0.05)
    arms = [variant.arm for variant in comparison.variants if variant.label != "-data"]
    few, many = power.seeds_to_detect(0.05, arms, 0.05 / 7)
    assert f"{few} to {many} seeds would detect 0.05." in wanted or f"{few} seeds would detect 0.05." in wanted


def test_a_margin_takes_the_place_of_a_difference_where_a_variant_is_inconclusive():
    found = findings.sentences(study())
    assert found[found.index(next(each for each in found if each.startswith("No difference"))) + 1].endswith(
        "seeds would detect 0.02."
    )
    clear = compare([row("a", [0.9, 0.91, 0.92]), row("b", [0.5, 0.51, 0.52])], margin=0.02)
    assert not any("would detect" in sentence for sentence in findings.sentences(clear))


def test_to_plan_seeds_takes_three():
    few = compare([row("a", [0.9, 0.8]), row("b", [0.5, 0.6])])
    assert findings.seeds_sentence(few, 0.1) == (
        "At least one variant needs 3 seeds to estimate how many seeds would detect 0.1."
    )
    assert findings.seeds_sentence(factorial(), 1e-9).startswith("more than 10,000 runs on each side of an effect")


def test_without_a_baseline_runs_are_described():
    comparison = replace(study(), baseline=None)
    found = findings.sentences(comparison, detect=0.05)
    assert "has the highest test accuracy" in found[0] and found[-1].endswith("would detect 0.05.")


@pytest.mark.parametrize(
    ("accuracies", "losses", "sentence"),
    [
        ((0.8, 0.8), (0.1, 0.2), "plain34 and resnet34 share the highest test accuracy: 0.790 (1 seed)."),
        ((0.8, 0.9), (0.2, 0.1), "Training loss agrees: in the last epoch it is lowest for resnet34, 0.100."),
        ((0.8, 0.9), (0.1, 0.2), "disagrees: in the last epoch it is lowest for plain34, 0.100; resnet34 has 0.200."),
        ((0.8, 0.9), (0.1, 0.1), "does not separate them: in the last epoch it is lowest for resnet34 and plain34,"),
        ((0.9, 0.9001), (0.1, 0.1), "0.0001 above plain34 (0.890)"),
    ],
)
def test_the_sentences_say_what_the_table_shows(tmp_path, accuracies, losses, sentence):
    for model, accuracy, loss in zip(("plain34", "resnet34"), accuracies, losses, strict=True):
        write(tmp_path, config(model), history(accuracy=accuracy, loss=loss))
    assert sentence in " ".join(findings.sentences(compared(tmp_path)))


def test_a_lead_within_the_spread_of_seeds_is_called_so(tmp_path):
    sweep(tmp_path, {"plain34": 0.900, "resnet34": 0.901})
    said = findings.sentences(compared(tmp_path))
    assert "Its lead over plain34 is smaller than one standard deviation over seeds (SD 0.010)." in said


@pytest.mark.parametrize(
    ("values", "wanted", "said"),
    [
        (CALM, 0.001, "123 to 146 seeds would detect 0.001."),
        (CALM[:1] * 4, 0.01, "3 seeds would detect 0.01."),
        (CALM, 1e-9, "more than 10,000 seeds would detect 1e-09."),
    ],
)
def test_how_many_seeds_tell_a_difference_is_a_range_where_it_is_one(tmp_path, values, wanted, said):
    for seed, value in enumerate(values):
        for model in ("plain34", "resnet34"):
            write(tmp_path, config(model, seed=seed), history(accuracy=value))
    assert findings.seeds_sentence(compared(tmp_path, baseline="resnet34"), wanted) == said


def test_of_a_factorial_the_seeds_that_tell_are_runs_on_each_side(quick, tmp_path):
    cells = ("baseline", "-shortcut", "-init", "-shortcut -init")
    finish(quick, tmp_path, dict.fromkeys(cells, CALM), design="factorial", seeds=3)
    assert findings.seeds_sentence(compared(tmp_path), 0.01).endswith(
        "runs on each side of an effect would detect 0.01."
    )
