"""Narrowing: a study, an experiment, settings and tags; the number of comparisons stays."""

import pytest
from support.fake_runs import config, history, sweep, write
from support.finished_studies import CALM, finish, lower

from ablation.comparison.analysis.compare import compare
from ablation.comparison.analysis.requested_test import Request
from ablation.comparison.experiments.grouping import find, together
from ablation.comparison.experiments.narrowing import narrow, selection
from ablation.comparison.reading.load import load
from ablation.errors import AblateError
from ablation.report.wording import findings
from ablation.statistics.verdict import INCOMPLETE, WORSE

ALL = {"baseline": CALM, "-shortcut": lower(0.3), "-init": lower(0.0005)}


@pytest.fixture
def folder(quick, tmp_path):
    """A study of three cells, and a sweep of two networks on the same data."""
    finish(quick, tmp_path, ALL)
    sweep(tmp_path, {"vgg16": 0.5, "resnet34": 0.9}, tags=["trial"])
    return tmp_path


def narrowed(folder, study=None, experiment=None, where=(), tags=()):
    return narrow(find(load([folder])), selection(study, experiment, where, tags))


def test_nothing_typed_changes_nothing(folder):
    experiments = find(load([folder]))
    assert narrow(experiments, selection(None, None)) is experiments


def test_a_study_is_named_in_full(folder):
    (experiment,) = narrowed(folder, study="mine")
    assert experiment.plan is not None and len(experiment.runs.runs) == 15
    with pytest.raises(AblateError, match="Received --study=nobody. Allowed: mine"):
        narrowed(folder, study="nobody")


def test_a_study_that_is_named_where_none_is_says_what_to_type(tmp_path):
    write(tmp_path, config("resnet34"))
    with pytest.raises(AblateError, match=r"None of these runs belongs to a study.*--baseline NAME"):
        narrowed(tmp_path, study="mine")


def test_of_an_experiment_a_beginning_or_its_folder_is_enough(folder):
    for name in ("resnet34 and vgg16 on digits", "resnet34-and-vgg16-on-digits", "res"):
        (experiment,) = narrowed(folder, experiment=name)
        assert experiment.name == "resnet34 and vgg16 on digits"
    with pytest.raises(AblateError, match="Unknown experiment"):
        narrowed(folder, experiment="nobody")


def test_a_beginning_of_several_is_refused(tmp_path):
    for epochs in (3, 5):
        sweep(tmp_path, {"resnet34": 0.9}, **{"train.epochs": epochs})
    with pytest.raises(AblateError, match=r"ambiguous.*resnet34 on digits, 3 epochs.*--experiment 'resnet34"):
        narrowed(tmp_path, experiment="resnet34 on")


def test_a_condition_leaves_out_experiments_and_runs(folder):
    (experiment,) = narrowed(folder, where=["network=vgg16"])
    assert {run.network for run in experiment.runs.runs} == {"vgg16"} and experiment.left_out == 3
    (tagged,) = narrowed(folder, tags=["trial"])
    assert len(tagged.runs.runs) == 6 and tagged.left_out == 0


def test_a_study_keeps_its_baseline_and_its_number_of_comparisons(folder):
    (experiment,) = narrowed(folder, where=["model.residual=false", "data.limit=128"])
    made = compare(experiment)
    assert [variant.label for variant in made.variants] == ["baseline", "-shortcut"]
    assert made.comparisons == 2 and not made.exploratory and made.variants[1].result.verdict == WORSE
    assert "Left out by --where model.residual=false and --where data.limit=128: 5 runs." in made.disclosures


def test_chosen_seeds_leave_a_variant_incomplete(folder):
    (experiment,) = narrowed(folder, study="mine", where=["seed=0,1,2", "model.initializer=glorot_uniform"])
    made = compare(experiment)
    assert made.variant("-init").result.verdict == INCOMPLETE
    (text,) = [text for text in findings.sentences(made) if text.startswith("Incomplete: ")]
    assert text.endswith("Runs were left out by --where seed=0,1,2 and --where model.initializer=glorot_uniform.")


def test_without_a_plan_the_variants_that_are_left_out_count(tmp_path):
    sweep(tmp_path, {"vgg16": 0.5, "vgg19": 0.5, "resnet34": 0.9, "resnet50": 0.9})
    (experiment,) = narrowed(tmp_path, where=["network=vgg16,resnet34"])
    made = compare(experiment, Request("resnet34"))
    assert len(made.variants) == 2 and made.comparisons == 3


def test_a_variant_is_named_by_its_label(folder):
    (experiment,) = narrowed(folder, where=["variant=-init"])
    assert [variant.label for variant in compare(experiment).variants] == ["baseline", "-init"]


def test_a_factorial_study_stays_whole_and_is_incomplete(quick, tmp_path):
    cells = ("baseline", "-shortcut", "-init", "-shortcut -init")
    finish(quick, tmp_path, dict.fromkeys(cells, CALM), design="factorial", seeds=3)
    (experiment,) = narrowed(tmp_path, where=["model.residual=false"])
    made = compare(experiment)
    assert len(made.variants) == 4 and {effect.verdict for effect in made.effects} <= {"", INCOMPLETE}


def test_a_cumulative_study_keeps_the_references_of_what_is_left(quick, tmp_path):
    finish(quick, tmp_path, {"baseline": CALM, "-shortcut": CALM, "-shortcut -init": CALM}, design="cumulative")
    (experiment,) = narrowed(tmp_path, where=["model.initializer=glorot_uniform"])
    assert [variant.label for variant in compare(experiment).variants] == ["-shortcut", "-shortcut -init"]


def test_what_no_run_meets_is_refused(folder):
    with pytest.raises(AblateError, match=r"No run is left. Received --where seed=99. .*ablate-runs"):
        narrowed(folder, where=["seed=99"])
    with pytest.raises(AblateError, match="No run has this key"):
        narrowed(folder, where=["model.widht=8"])


def test_together_can_be_narrowed(folder):
    (experiment,) = narrow(together(load([folder])), selection(None, None, ["network=vgg16,resnet34"]))
    assert {run.network for run in experiment.runs.runs} == {"vgg16", "resnet34"}


@pytest.mark.parametrize("typed", ["val_accuracy>0.9", "test_accuracy<0.5", "loss<1", "status=completed"])
def test_no_run_is_chosen_by_its_result(folder, typed):
    with pytest.raises(AblateError, match=r"does not choose runs by their results.*ablate-runs --where"):
        narrowed(folder, where=[typed])


def test_a_diverged_run_meets_conditions_too(tmp_path):
    write(tmp_path, config())
    write(tmp_path, config(seed=1), history(1), status="diverged")
    (experiment,) = narrowed(tmp_path, where=["seed=1"])
    assert not experiment.runs.runs and len(experiment.runs.diverged) == 1


def test_a_factorial_study_keeps_its_number_of_comparisons(quick, tmp_path):
    cells = {"baseline": CALM, "-shortcut": lower(0.3), "-init": CALM, "-shortcut -init": lower(0.3)}
    finish(quick, tmp_path, cells, design="factorial")
    (experiment,) = narrowed(tmp_path, where=["seed<3"])
    assert compare(experiment, Request()).comparisons == 2  # main effects, not cells


def test_the_example_for_a_name_can_be_typed(folder):
    with pytest.raises(AblateError, match=r"Type for example --experiment='resnet34 and vgg16 on digits'"):
        narrowed(folder, experiment="Resnet34 and vgg16")
