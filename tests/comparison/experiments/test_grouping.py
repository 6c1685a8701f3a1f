"""Which runs make an experiment: every run has one place."""

import shutil

import pytest
from support import lived_in
from support.fake_runs import config, history, sweep, write
from support.finished_studies import CALM, PARTS, finish, lower

from ablation.comparison.experiments.experiment import Experiment, Experiments
from ablation.comparison.experiments.grouping import ALL, find, together
from ablation.comparison.reading.load import load


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """The folder of some weeks, written once for this module."""
    from hydra.types import RunMode

    from ablation.cli import composer, hydra_setup, loader

    with hydra_setup.installed():
        conf = loader.conf_loader()
        quick = composer.Composer(conf, conf.load_configuration("config", [], RunMode.MULTIRUN))
        yield lived_in.make(quick, tmp_path_factory.mktemp("lived") / "outputs")


def by_name(experiments: Experiments) -> dict[str, Experiment]:
    return {experiment.name: experiment for experiment in experiments}


def test_every_run_has_one_place(lived):
    loaded = load([lived.outputs])
    experiments = find(loaded)
    placed = list(experiments.homes)
    unplaced = [path for path, _ in experiments.unplaced]
    assert sorted([*placed, *unplaced]) == lived.runs
    assert set(experiments.homes.values()) == {experiment.name for experiment in experiments}


def test_studies_and_other_runs_are_experiments_of_their_own(lived):
    found = by_name(find(load([lived.outputs])))
    assert {name for name, experiment in found.items() if experiment.is_study} == set(lived.plans)
    assert found["plain34 and resnet34 on cifar10"].plan is None
    assert len(found["resnet34 on digits"].runs.runs) == 45
    assert [run.status for run in found["resnet34 on digits"].runs.without_result] == [
        "diverged",
        "failed",
        "interrupted",
    ]


def test_the_newest_is_the_first(lived):
    newest = [experiment.newest for experiment in find(load([lived.outputs]))]
    assert newest == sorted(newest, reverse=True) and newest[-1].startswith("2026-11-02")


def test_a_run_of_two_studies_is_judged_in_both_and_counted_in_the_first(lived):
    experiments = find(load([lived.outputs]))
    found = by_name(experiments)
    shared = experiments.shared_runs(found["until_decided"])
    assert shared == {"components": 8} and not experiments.shared_runs(found["components"])
    assert len(found["until_decided"].runs.runs) == 22


def test_a_shared_run_counts_where_it_was_planned_first_whatever_the_age_of_the_plans(quick, tmp_path):
    """The study that is the first by its time and its name is not the one that its runs know first."""
    cells = {"baseline": CALM, "-shortcut": lower(0.3), "-init": CALM}
    finish(quick, tmp_path, cells, name="b", started="2026-11-20T10:00:00+00:00")
    less = {"components": {"init": PARTS["init"]}, "started": "2026-11-01T10:00:00+00:00"}
    finish(quick, tmp_path, {"baseline": CALM, "-init": CALM}, name="a", **less)
    experiments = find(load([tmp_path]))
    assert set(experiments.homes.values()) == {"b"} and experiments.shared_runs(by_name(experiments)["a"]) == {"b": 10}


def test_superseded_runs_and_copies_are_where_the_run_is(lived):
    found = by_name(find(load([lived.outputs])))
    (first,) = found["first look at vgg16"].runs.superseded
    (copy,) = found["components"].runs.copies
    assert first.attempt == 1 and copy.path.name == lived.plans["components"].cells.design[0].runs[0].last.name


def test_one_experiment_is_all_that_was_loaded(tmp_path):
    sweep(tmp_path, {"plain34": 0.5, "resnet34": 0.9})
    write(tmp_path, config("resnet50"), history(1), status="failed")
    loaded = load([tmp_path])
    (experiment,) = find(loaded)
    assert experiment.runs is loaded and experiment.plan is None


def test_runs_of_no_study_are_grouped_by_what_must_be_equal(tmp_path):
    sweep(tmp_path, {"plain34": 0.5, "resnet34": 0.9})
    sweep(tmp_path, {"plain34": 0.5}, **{"train.epochs": 3})
    assert sorted(len(experiment.runs.runs) for experiment in find(load([tmp_path]))) == [3, 6]


def test_a_run_without_a_result_joins_its_variant(tmp_path):
    """Of two groups with equal settings, which only the code distinguishes."""
    for seed, code in ((0, "a" * 64), (1, "b" * 64)):
        write(tmp_path, config("vgg16", seed=seed), code=code)
    write(tmp_path, config("resnet34", seed=0), code="b" * 64)
    write(tmp_path, config("resnet34", seed=5), history(1), status="diverged")
    (home,) = [each for each in find(load([tmp_path])) if each.runs.diverged]
    assert {run.network for run in home.runs.runs} == {"vgg16", "resnet34"}


def test_a_run_that_only_an_earlier_plan_contains_stays_with_its_study(quick, tmp_path):
    finish(quick, tmp_path, {"baseline": CALM, "-shortcut": lower(0.3), "-init": CALM}).record_ended()
    finish(quick, tmp_path, {}, components={"init": PARTS["init"]})
    (experiment,) = find(load([tmp_path]))
    assert len(experiment.former) == 5 and len(experiment.runs.runs) == 10
    assert {run.config["model.residual"] for run in experiment.former} == {False}


def test_a_study_without_its_plan_is_called_so(quick, tmp_path):
    finish(quick, tmp_path, {"baseline": CALM, "-shortcut": lower(0.3)})
    shutil.rmtree(tmp_path / "studies")
    (experiment,) = find(load([tmp_path]))
    assert experiment.name == "mine without its plan" and experiment.plan is None


def test_two_plans_of_one_name_are_two_experiments(quick, tmp_path):
    finish(quick, tmp_path / "one", {"baseline": CALM, "-shortcut": lower(0.3), "-init": CALM})
    finish(quick, tmp_path / "two", {"baseline": CALM, "-shortcut": lower(0.3)}, seeds=[5, 6, 7])
    assert {each.name for each in find(load([tmp_path]))} == {"mine, in one", "mine, in two"}


def test_a_copy_of_a_whole_folder_is_no_second_experiment(quick, tmp_path):
    finish(quick, tmp_path / "one", {"baseline": CALM, "-shortcut": lower(0.3), "-init": CALM})
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    (experiment,) = find(load([tmp_path]))
    assert len(experiment.runs.runs) == 15 == len(experiment.runs.copies)


def test_together_is_one_experiment_that_counts_the_comparisons_of_every_plan(quick, tmp_path):
    finish(quick, tmp_path, {"baseline": CALM, "-shortcut": lower(0.3), "-init": CALM})
    sweep(tmp_path, {"vgg16": 0.5})
    (experiment,) = together(load([tmp_path]))
    assert (experiment.name, experiment.plan, experiment.least_comparisons) == (ALL, None, 2)
    assert len(experiment.runs.runs) == 18


def test_a_copy_of_a_run_of_an_earlier_plan_has_a_place(quick, tmp_path):
    finish(quick, tmp_path, {"baseline": CALM, "-shortcut": lower(0.3), "-init": CALM})
    finish(quick, tmp_path, {}, components={"shortcut": PARTS["shortcut"]})
    sweep(tmp_path, {"vgg16": 0.5})
    former = by_name(find(load([tmp_path])))["mine"].former[0].path
    copied = tmp_path / "backup" / former.name
    shutil.copytree(former, copied)
    homes = find(load([tmp_path])).homes
    assert homes[former] == homes[copied] == "mine"
