"""What makes a variant: runs with equal settings, over their seeds."""

from pathlib import Path

from support import fake_runs
from support.fake_runs import config, history, write

from ablation.comparison.analysis import variants
from ablation.comparison.reading import load


def found(*paths: Path) -> list[variants.Variant]:
    return variants.variants(load.load(paths).runs)


def names(*paths: Path) -> list[str]:
    return [variant.label for variant in found(*paths)]


def test_what_does_not_shape_the_result_makes_no_variant(tmp_path):
    write(tmp_path, config(seed=0, name="first", tags=["a"], threads=2, outputs="here"))
    write(tmp_path, config(seed=1, name="second", threads=4, outputs="there", rerun=True))
    (variant,) = found(tmp_path)
    assert (variant.label, [run.seed for run in variant.runs]) == ("resnet34", [0, 1])


def test_a_key_that_an_older_run_does_not_have_is_at_its_default(tmp_path):
    write(tmp_path, config(seed=0))
    older = fake_runs.record(config(seed=1), history())
    del older["config"]["train"]["clipnorm"], older["config"]["deterministic"]
    write(tmp_path, config(seed=1), config=older["config"])
    assert names(tmp_path) == ["resnet34"]


def test_a_crop_of_before_its_padding_was_a_key_is_padded_black(tmp_path):
    cropped = config(seed=0, **{"data.augment": "crop"})
    write(tmp_path / "new", cropped)
    older = fake_runs.record(cropped, history())
    del older["config"]["data"]["pad"]
    write(tmp_path / "old", cropped, config=older["config"])
    assert names(tmp_path) == ["pad=black", "pad=mean"]


def test_a_key_that_the_run_did_not_read_makes_no_variant(tmp_path):
    write(tmp_path, config(seed=0))
    left_over = fake_runs.record(config(seed=1, **{"train.lr_milestones": [0.5], "train.lr_gamma": 0.1}), history())
    write(tmp_path, config(seed=1), config=left_over["config"])
    assert names(tmp_path) == ["resnet34"]


def test_a_null_of_an_older_record_stands_for_the_default_of_today(tmp_path):
    """model.head was null in networks that had but one head."""
    write(tmp_path, config(seed=0))
    write(tmp_path, config(seed=1), **{"config.model.head": None})
    assert names(tmp_path) == ["resnet34"]


def test_a_key_that_this_version_does_not_know_tells_variants_apart(tmp_path):
    write(tmp_path, config())
    newer = fake_runs.record(config(), history())
    newer["config"]["train"]["lookahead"] = 5
    write(tmp_path / "newer", config(), config=newer["config"])
    assert names(tmp_path) == ["lookahead=5", "lookahead=null"]
