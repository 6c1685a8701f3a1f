"""The composer of sweeps and studies gives what Hydra gives, and refuses in the same words."""

import pytest

from ablation.cli import composition, hydra_errors
from ablation.errors import AblateError

CELLS = [
    [],
    ["model=plain34", "seed=3"],
    ["seed=3", "model=shake26", "model.width=64", "model.dropout=0.5"],
    ["train=sgd_he2015", "train.lr_milestones=[0.3,0.6]", "data=cifar10", "data.limit=1000"],
    ["model.width=4", "model=resnet50", "model.width=8"],
    ["name=free", "tags=[a,b]", "outputs=elsewhere", "threads=2", "n_jobs=auto", "job_timeout=90s", "rerun=stale"],
    ["model={width:8}", "model.width=16"],
    ["train.epochs=null", "train.steps=7"],
]
WRONG = [["model=typo"], ["model.typo=1"], ["+seed=1"], ["seed=a"], ["model.width=0"], ["typo=1"], ["~model"]]


@pytest.mark.parametrize("overrides", CELLS, ids=" ".join)
def test_a_cell_is_composed_as_hydra_composes_it(quick, overrides):
    for _ in range(2):  # also from what was kept
        slow = quick.loader.load_sweep_config(quick.master, list(overrides))
        assert quick.config(overrides) == composition.checked(slow, overrides)
        assert quick.request(overrides) == composition.run_request(slow, overrides)


@pytest.mark.parametrize("overrides", WRONG, ids=" ".join)
def test_a_wrong_cell_is_refused_in_hydras_words(quick, overrides):
    with pytest.raises(AblateError) as told:
        quick.config(overrides)
    with pytest.raises(hydra_errors.REFUSALS) as slow:
        composition.checked(quick.loader.load_sweep_config(quick.master, list(overrides)), overrides)
    error = slow.value
    assert str(told.value) == str(error if isinstance(error, AblateError) else hydra_errors.explain(error))
