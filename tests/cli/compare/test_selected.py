"""The experiments that a comparison is about."""

import pytest
from support.fake_runs import config, sweep, write

from ablation.cli.compare import selected
from ablation.cli.compare.arguments import CompareArguments
from ablation.errors import AblateError


def test_options_narrow_and_join(tmp_path):
    sweep(tmp_path, {"plain34": 0.5, "resnet34": 0.9})
    sweep(tmp_path, {"vgg16": 0.5}, **{"train.epochs": 3})
    assert len(selected.selected(CompareArguments([tmp_path]))) == 2
    assert len(selected.selected(CompareArguments([tmp_path], together=True))) == 1
    (only,) = selected.selected(CompareArguments([tmp_path], where=["network=vgg16"]))
    assert len(only.runs.runs) == 3


def test_excluded_runs_are_listed_once_with_the_reason(tmp_path):
    sweep(tmp_path, {"plain34": 0.5})
    failed = write(tmp_path, config("resnet34"), status="failed")
    excluded = selected.excluded_runs(selected.selected(CompareArguments([tmp_path])))
    assert [(str(path), reason) for path, reason in excluded] == [(str(failed), "failed")]
    assert selected.excluded_sentence(excluded, 3).startswith(f"Excluded 1, compared 3: {failed} (failed). Only ")


def test_nothing_found_and_nothing_left(tmp_path):
    with pytest.raises(AblateError, match="No run found"):
        selected.selected(CompareArguments([tmp_path]))
    write(tmp_path, config(), status="failed")
    with pytest.raises(AblateError, match=r"Nothing to compare. Found .*\(failed\)"):
        selected.selected(CompareArguments([tmp_path]))


def test_folders_of_other_programs_are_named_with_what_makes_a_table(tmp_path):
    for name, words in (("mlruns", "mlflow experiments csv"), ("wandb", "wandb_export.csv")):
        (tmp_path / name).mkdir()
        with pytest.raises(AblateError, match=words):
            selected.selected(CompareArguments([tmp_path / name]))
