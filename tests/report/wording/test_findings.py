"""All findings of a comparison, and how many seeds would detect a difference."""

import re
from dataclasses import replace

import pytest
from support.comparisons import TEST, compare, compared, factorial, row, sequential, study
from support.fake_runs import config, history, sweep, write
from support.finished_studies import CALM, finish, lower

from ablation.comparison.analysis.comparison import Comparison, NumberStyle
from ablation.report.wording import findings
from ablation.report.wording.warnings import warning_sentences
from ablation.statistics import power


def test_verdicts_come_first_and_the_method_after_what_is_missing():
    found = findings.sentences(study())
    starts = ("-shortcut is worse", "-epochs", "-width.half is equivalent", "No difference shown for -norm")
    starts += ("No verdict on -dropout", "Not comparable: -data", "Incomplete: -augment")
    starts += ("Welch's t-test", "Equivalence: two one-sided tests (TOST) with a margin of 0.02.")
    starts += ("With 5 seeds this assumes", "Note:")
    assert len(found) == len(starts)
    for sentence, start in zip(found, starts, strict=True):
        assert sentence.startswith(start), sentence


def test_warnings_are_apart():
    assert not set(warning_sentences(study())) & set(findings.sentences(study()))


def test_the_test_is_named_with_its_correction():
    two = compare([row("a", [0.9, 0.91, 0.92]), row("b", [0.5, 0.51, 0.52])])
    assert "Welch's t-test over seeds, two-sided at 5 %." in findings.sentences(two)
    assert (
        "Welch's t-test over seeds, two-sided at 5 %, Holm's correction over 7 comparisons. Each 95 % CI is for one "
        "comparison alone."
    ) in findings.sentences(study())


@pytest.mark.parametrize(
    ("comparisons", "sentence"),
    [
        (
            1,
            "Paired t-test over seeds, with interim looks from 3 to at most 30 seeds; the level is 5 % over all looks "
            "(Lan-DeMets alpha spending). The repeated 95 % CIs hold over all looks.",
        ),
        (
            2,
            "Paired t-test over seeds, with interim looks from 3 to at most 30 seeds; the level is 5 % over all looks "
            "(Lan-DeMets alpha spending) and 2 comparisons (Holm). The repeated 95 % CIs hold over all looks, each "
            "for one comparison alone.",
        ),
    ],
)
def test_interim_looks_are_part_of_the_test(comparisons, sentence):
    looked = sequential([row("a", CALM), row("b", [0.5, 0.51, 0.52, 0.515, 0.505])], max_seeds=30)
    assert sentence in findings.sentences(replace(looked, comparisons=comparisons))


def test_a_test_of_both_kinds_names_the_variants_of_one():
    paired = compare([row("a", CALM), row("b", lower(0.1)), row("c", lower(0.2))], paired=True)
    assert "Paired t-test over seeds, two-sided at 5 %, " in " ".join(findings.sentences(paired))
    last = paired.variants[2]
    welch = replace(last, result=replace(last.result, pair=replace(last.result.pair, paired=False)))
    mixed = replace(paired, variants=(*paired.variants[:2], welch))
    assert "Paired t-test over seeds (for c Welch's t-test), two-sided at 5 %, " in " ".join(findings.sentences(mixed))


def test_a_comparison_that_no_plan_fixed_is_called_exploratory_first():
    reasons = ("--metric val_loss is not that of the plan", "--margin 0.02 is not that of the plan, which has none")
    changed = ("The plan was changed at 2026-01-02 03:04 UTC, after 8 runs had ended: seeds: 3 -> 5.",)
    found = findings.sentences(replace(study(), exploratory=reasons, disclosures=changed))
    assert found[0] == (
        "Exploratory: --metric val_loss is not that of the plan; --margin 0.02 is not that of the plan, which has none."
    )
    assert found[1] == changed[0]
    assert not any("Exploratory" in sentence for sentence in findings.sentences(study()))


def test_without_a_baseline_runs_that_are_missing_and_changes_are_said_too():
    comparison = replace(study(), baseline=None, disclosures=("Diverged at first, and completed when repeated: a.",))
    found = findings.sentences(comparison)
    assert found[0] == "Diverged at first, and completed when repeated: a."
    assert found[1].startswith("Incomplete: -augment (3 of 5 runs missing)") and "Exploratory" not in " ".join(found)


def test_the_assumption_follows_the_test():
    found = findings.sentences(compare([row("a", [0.9, 0.91, 0.92]), row("b", [0.5, 0.51, 0.52])]))
    assert found[-1].startswith("With 3 seeds this assumes normally distributed noise")


def test_without_a_verdict_no_test_is_named():
    found = findings.sentences(compare([row("a", [0.9]), row("b", [0.5])]))
    assert not any("Welch" in sentence for sentence in found)
    found = findings.sentences(replace(factorial(), effects=()))
    assert not any("Welch" in sentence for sentence in found)


def test_how_many_seeds_detect_a_difference():
    comparison = compare([row("a", CALM), row("-norm", [0.88, 0.9, 0.92]), row("-width", lower(0.2))])
    (sentence,) = (each for each in findings.sentences(comparison, detect=0.05) if "would detect" in each)
    result = comparison.variant("-norm").result
    few, many = power.seeds_to_detect(0.05, result.estimate, 3, 0.05 / 2)
    assert sentence.endswith(f". {few} to {many} seeds would detect 0.05.")
    clear = compare([row("a", [0.9, 0.91, 0.92]), row("b", [0.5, 0.51, 0.52])])
    assert not any("would detect" in sentence for sentence in findings.sentences(clear))
    few, many = power.seeds_for_common_sd(0.01, [variant.arm for variant in clear.variants], 0.05)
    assert f"{few} to {many} seeds would detect 0.01." in findings.sentences(clear, detect=0.01)


def test_a_margin_takes_the_place_of_a_difference_where_a_variant_is_inconclusive():
    (sentence,) = (each for each in findings.sentences(study()) if each.startswith("No difference"))
    assert sentence.endswith(" seeds would detect 0.02.")
    clear = compare([row("a", [0.9, 0.91, 0.92]), row("b", [0.5, 0.51, 0.52])], margin=0.02)
    assert not any("would detect" in sentence for sentence in findings.sentences(clear))


def test_to_plan_seeds_takes_three():
    few = compare([row("a", [0.9, 0.8]), row("b", [0.5, 0.6])])
    assert findings.seeds_sentence(few, 0.1) == (
        "At least one variant needs 3 seeds to estimate how many seeds would detect 0.1."
    )
    assert findings.seeds_sentence(factorial(), 1e-9).startswith("More than 10,000 runs on each side of an effect")


def test_without_a_baseline_runs_are_described():
    comparison = replace(study(), baseline=None)
    found = findings.sentences(comparison, detect=0.05)
    assert "has the highest test accuracy" in found[1] and found[-1].endswith("would detect 0.05.")


@pytest.mark.parametrize(
    ("accuracies", "losses", "sentence"),
    [
        ((0.8, 0.8), (0.1, 0.2), "plain34 and resnet34 share the highest test accuracy: 0.790 (1 seed)."),
        ((0.8, 0.9), (0.2, 0.1), "Training loss in the last epoch: resnet34 0.100 and plain34 0.200."),
        ((0.8, 0.9), (0.1, 0.2), "Training loss in the last epoch: resnet34 0.200 and plain34 0.100."),
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
        (CALM, 1e-9, "More than 10,000 seeds would detect 1e-09."),
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


def in_percent(comparison: Comparison) -> Comparison:
    return replace(comparison, metric=replace(TEST, largest=1.0), numbers=NumberStyle(percent=True))


def test_in_percent_every_sentence_has_percentage_points():
    """So that no sentence has a fraction beside a table in percent."""
    few = compare([row("a", CALM), row("b", lower(0.1)), row("c", CALM[::-1])], margin=0.05)
    alone = Comparison(TEST, (row("a", CALM), row("b", lower(0.1))))
    for comparison in (few, alone, study(), factorial(), sequential([row("a", CALM), row("b", lower(0.1))])):
        text = " ".join(findings.sentences(in_percent(comparison), detect=0.03))
        numbers = re.sub(r"p = [\d.e-]+|level [\d.]+|Training loss[^.]*\.\d+ and[^.]*\.\d+\.", "", text)
        assert not re.search(r"(?<![\d.])[-+]?0\.\d{3}(?! pp)", numbers), numbers
        assert " pp" in text
    assert "b is worse: -10.0 pp test accuracy (95 % CI -10.4 to -9.6 pp, p = " in " ".join(
        findings.sentences(in_percent(few))
    )
    leading = " ".join(findings.sentences(in_percent(alone)))
    assert "a has the highest test accuracy: 90.0 ± 0.2 % (5 seeds), 10.0 pp above b (80.0 ± 0.2 %)." in leading
