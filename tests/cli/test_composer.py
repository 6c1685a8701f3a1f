"""The composer of sweeps and studies gives what Hydra gives, and refuses in the same words."""

import pytest

from ablation.cli import composition, hydra_errors
from ablation.cli.composer import Composer
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


@pytest.fixture
def counted(quick, monkeypatch):
    """A composer that has composed nothing, and the overrides that it has Hydra compose."""
    asked = []

    class Counting:
        def __getattr__(self, name):
            return getattr(quick.loader, name)

        def load_sweep_config(self, master, overrides):
            asked.append(overrides)
            return quick.loader.load_sweep_config(master, overrides)

    return Composer(Counting(), quick.master), asked


def test_hydra_composes_each_choice_of_files_once(counted):
    composer, asked = counted
    for seed in range(3):
        for model in ("resnet18", "plain18"):
            composed = composer.config([f"model={model}", f"seed={seed}", "model.width=8"])
            assert (composed.seed, composed.model.width, composed.model.residual) == (seed, 8, model == "resnet18")
    assert asked == [["model=resnet18"], ["model=plain18"]]


def test_one_run_s_values_are_not_another_s(counted):
    composer, _ = counted
    first = composer.config(["tags=[a]", "model.width=8"])
    first.tags.append("b")
    assert composer.config(["tags=[a]", "model.width=8"]).tags == ["a"]
    assert composer.config([]).model.width != 8 and composer.config([]).tags == []


def test_every_key_has_its_value_before_it_is_checked(quick):
    words = ["model=resnet34", "model.width=4", "train.beta_1=0.5", "train.schedule=cosine", "name=${train.schedule}"]
    resolved = quick.resolved(words)
    assert (resolved["model.width"], resolved["train.beta_1"], resolved["model.depth"]) == (4, 0.5, None)
    assert resolved["name"] == resolved["train.schedule"] == "cosine"


@pytest.mark.parametrize(
    ("word", "simple"),
    [
        ("model=resnet34", True),
        ("model.width=8", True),
        ("model.repeats=[1,1]", True),
        ("train.clipnorm=null", True),
        ("name='a b'", True),
        ("model.width=4,8", False),
        ("seed=range(0,3)", False),
        ("model={width:8}", False),
        ("tags=[{a:1}]", False),
        ("model=[resnet34]", False),
        ("+model.width=8", False),
        ("++model.width=8", False),
        ("~model.width", False),
        ("model@data=resnet34", False),
        ("model.width", False),
        ("a b", False),
    ],
)
def test_an_override_is_simple_that_sets_one_value_or_chooses_one_file(quick, word, simple):
    assert quick.is_simple(word) is simple
