"""What must be equal for runs to be comparable."""

from dataclasses import replace

import pytest
from support.comparisons import compared
from support.fake_runs import config, history, write

from ablation.comparison.experiments.basis import BasisReader
from ablation.comparison.reading.load import load


def bases(folder):
    """The basis of each run below a folder, by the run's seed."""
    loaded, reader = load([folder]), BasisReader()
    return {run.seed: reader.basis(run) for run in (*loaded.runs, *loaded.without_result)}


DIFFERENT = {
    "data": (config("resnet34", "cifar10", "quickstart", seed=1), {}),
    "split": (config(seed=1, **{"data.holdout": 0.3}), {}),
    "size of the data": (config(seed=1, **{"data.limit": 128}), {}),
    "epochs": (config(seed=1, **{"train.epochs": 5}), {}),
    "steps": (config(seed=1, **{"train.epochs": None, "train.steps": 100}), {}),
    "precision": (config(seed=1, **{"train.precision": "mixed_bfloat16"}), {}),
    "backend": (config(seed=1, backend="jax"), {}),
    "determinism": (config(seed=1, deterministic=False), {}),
    "code": (config(seed=1), {"code": "b" * 64}),
    "version": (config(seed=1), {"versions": {"keras": "3.16.0", "numpy": "2.1.0", "tensorflow": "2.21.0"}}),
    "what selects the best epoch": (config(seed=1), {"selected_on": "test"}),
    "a flag of precision": (config(seed=1), {"exactness": {"flags": {"NVIDIA_TF32_OVERRIDE": "0"}}}),
}
EQUAL = {
    "network": config("vgg16", seed=1),
    "a block": config(seed=1, **{"model.norm": "none"}),
    "recipe": config(seed=1, **{"train.learning_rate": 0.3}),
    "batch size": config(seed=1, **{"train.batch_size": 16}),
    "augmentation": config(seed=1, **{"data.augment": "flip"}),
    "name": config(seed=1, name="mine", tags=["a"]),
}
KNOWN = {
    "exactness": {"flags": {}},
    "code": "a" * 64,
    "versions": {"keras": "3.15.1", "numpy": "2.1.0", "tensorflow": "2.21.0"},
}


@pytest.mark.parametrize(("other", "changes"), DIFFERENT.values(), ids=DIFFERENT)
def test_runs_that_differ_in_it_have_another_basis(tmp_path, other, changes):
    write(tmp_path, config(seed=0), **KNOWN)
    write(tmp_path, other, **{**KNOWN, **changes})
    first, second = bases(tmp_path).values()
    assert first != second


@pytest.mark.parametrize("other", EQUAL.values(), ids=EQUAL)
def test_what_a_variant_may_differ_in_is_no_part_of_it(tmp_path, other):
    write(tmp_path, config(seed=0), **KNOWN)
    write(tmp_path, other, **KNOWN)
    first, second = bases(tmp_path).values()
    assert first == second


def test_whatever_blocks_every_comparison_is_part_of_it(tmp_path):
    """The gate is the judge: runs of one basis are comparable if one key of their recipe differs."""
    for name, (other, changes) in DIFFERENT.items():
        folder = tmp_path / name
        for seed in range(3):
            write(folder, config(seed=seed), **KNOWN)
            other_rate = replace(other.train, learning_rate=0.4)
            write(folder, replace(other, seed=seed, train=other_rate), **{**KNOWN, **changes})
        made = compared(folder)
        rated = compared(folder, baseline=made.variants[0].label)
        assert rated.variants[1].comparability.blocking, name


def test_a_run_without_a_result_has_the_declared_part(tmp_path):
    write(tmp_path, config(seed=0), **KNOWN)
    write(tmp_path, config(seed=1), history(1), status="diverged", **KNOWN)
    write(tmp_path, config(seed=2), history(1), status="failed", **KNOWN)
    found = bases(tmp_path)
    assert found[0].declared == found[1].declared == found[2].declared
    assert found[1].epochs is None and not found[1].facts


def test_its_texts_are_those_of_a_person(tmp_path):
    write(tmp_path, config(seed=0, **{"data.limit": 128, "train.epochs": 5}), history(5), **KNOWN)
    texts = bases(tmp_path)[0].texts()
    assert (texts["length"], texts["data.limit"], texts["code"]) == ("5 epochs", "limit=128", "code aaaaaaaa")


def test_one_epoch_is_singular(tmp_path):
    write(tmp_path, config(**{"train.epochs": 1}), history(1))
    assert bases(tmp_path)[0].texts()["length"] == "1 epoch"
