"""The methods in paragraphs: everything that was done, and nothing that was not."""

from dataclasses import replace
from pathlib import Path

from support.comparisons import TEST, compare, compared, diverged, factorial, hostile, row, study
from support.finished_studies import CALM, finish, lower

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.methods.methods_text import Methods, methods

SCORES = {"baseline": CALM, "-shortcut": lower(0.1), "-init": CALM}


def text(comparison: Comparison) -> str:
    return " ".join(methods(comparison, ()).paragraphs)


def test_a_planned_study_whose_runs_all_completed(quick, tmp_path):
    finish(quick, tmp_path, SCORES, margin=0.02)
    comparison = compared(tmp_path)
    described = methods(comparison, ["ablate -m +study=mine", "ablate-compare outputs"])
    design, training, evaluation, plan, compute = described.paragraphs
    assert design == (
        "We compared 2 variants (-shortcut and -init) with the baseline resnet6 (width 4, 335k parameters) in a "
        "leave-one-out ablation study. The variants differ from the baseline as follows: -shortcut has model.residual "
        "false instead of true; and -init has model.initializer glorot_uniform instead of he_normal. Each variant has "
        "5 completed runs (seeds 0 to 4). Runs of equal seed start from identical weights in all layers of equal name, "
        "shape and initializer, and see the training images in the same order."
    )
    assert training.startswith(
        "Networks were trained for 6 epochs (102 steps) on digits (1,077 training, 360 validation and 360 test images "
        "of 2 classes). The split into these sets is the same for all seeds and variants. The recipe of the baseline: "
        "SGD, "
    )
    assert evaluation.startswith(
        "The metric is test accuracy of the last weights, on 360 images of digits. Test images were evaluated only "
        "after the last epoch. Intervals of means are 95 % confidence intervals (CIs) over seeds (Student's t). Each "
        "variant was compared with the baseline by Welch's t-test over seeds, two-sided at the 5 % level, with Holm's "
        "correction over 2 comparisons."
    )
    assert "two one-sided tests (TOST) with a margin of 0.02" in evaluation
    assert plan == (
        "Metric, baseline, comparisons, seeds, test and margin were fixed in the plan of the study mine (SHA-256 "
        f"{comparison.plan[:12]}) before any run of a compared variant had ended. All 15 planned runs completed."
    )
    assert compute == (
        "Compute: 3 min 8 s of training in total. All runs used single precision and deterministic operations."
    )
    assert described.commands == ("ablate -m +study=mine", "ablate-compare outputs")


def test_runs_that_are_missing_are_not_claimed(quick, tmp_path):
    finish(quick, tmp_path, {**SCORES, "-init": CALM[:3]})
    said = text(compared(tmp_path))
    assert "Completed runs: 13 of 15 planned and 2 missing." in said and "All 15" not in said
    assert "Each variant has 3 to 5 completed runs" in said


def test_an_exploratory_comparison_says_so_and_claims_no_plan(quick, tmp_path):
    finish(quick, tmp_path, SCORES)
    said = text(compared(tmp_path, metric="val_accuracy"))
    assert "The comparison is exploratory: --metric val_accuracy is not that of the plan." in said
    assert "were fixed in the plan" not in said and "Test images were evaluated" not in said


def test_diverged_and_excluded_runs_and_incomparable_variants_are_named():
    said = text(study())
    assert "Diverged runs are excluded from all means: 2 of -norm." in said
    assert "Excluded: 1 run (failed)." in said and "Not comparable: -data also differs" in said
    assert "-norm has" not in said  # nothing is recorded of what it changes


def test_what_was_declared_to_change_with_a_removal_is_said():
    norm = row("-norm", CALM, co_changes=("train.learning_rate=0.01",), budget=True)
    norm = replace(norm, differs={"model.norm": ("batch", "none"), "model.norm_epsilon": ("1e-05", "null")})
    said = text(compare([row("baseline", CALM), norm]))
    assert (
        "-norm has model.norm none instead of batch (train.learning_rate=0.01 declared to change with the removal, a "
        "different training budget declared)."
    ) in said
    only_unused = replace(norm, differs={"model.shortcut": ("projection", "null")}, co_changes=(), budget=False)
    assert "-norm has model.shortcut null instead of projection." in text(compare([row("baseline", CALM), only_unused]))


def test_without_a_baseline_nothing_was_compared():
    said = text(Comparison(TEST, (row("a", CALM), row("b", CALM))))
    assert said.startswith("We trained 2 variants of a (335k parameters) and b (335k parameters).")
    assert "No difference was tested." in said and "compared" not in said


def test_the_order_of_images_is_the_same_only_on_the_same_images():
    other = replace(row("b", CALM), runs=tuple(replace(run, data="cifar10") for run in row("b", CALM).runs))
    assert "in the same order" in text(compare([row("a", CALM), row("b", CALM)]))
    said = text(compare([row("a", CALM), other]))
    assert "in the same order" not in said and "The split into" not in said


def test_a_baseline_with_a_name_of_its_own_has_its_network_beside_it():
    renamed = compare([replace(row("resnet34", CALM), label="ours"), row("b", CALM)])
    renamed = replace(renamed, baseline="ours")
    assert "with the baseline ours with network resnet34 (335k parameters)." in text(renamed)
    assert "with the baseline." in text(compare([row("baseline", []), row("b", CALM)]))


def test_designs_have_their_names():
    for design, words in (("factorial", "in a full factorial ablation study"), ("list", "in an ablation study.")):
        assert words in text(replace(factorial(), design=design))


def test_disclosures_stand_once_and_as_they_are():
    disclosure = "2 runs were repeated."
    said = text(replace(study(), disclosures=(disclosure, disclosure), warnings=("Seeds are few",)))
    assert said.count(disclosure) == 1 and "Seeds are few." in said


def test_nothing_at_all_can_be_described():
    empty = Comparison(TEST, (row("a", []),), excluded=((Path("x"), "failed"),))
    assert isinstance(methods(empty, ()), Methods) and "Excluded: 1 run (failed)." in text(empty)
    assert text(hostile()) and text(compare([row("a", [], diverged=(diverged("a"),)), row("b", CALM)]))
