"""`components: auto`: all that is on and can be turned off, for shipped networks and for one's own."""

import pytest

from ablation.cli.composition import compose
from ablation.errors import AblateError
from ablation.study.compilation import auto_components


class Composer:
    def config(self, overrides):
        return compose(overrides).config


def expanded(*overrides):
    return auto_components.expand(overrides, Composer())


def test_a_shipped_recipe():
    found = expanded("model=resnet18", "train=sgd_he2015", "data.augment=flip", "train.label_smoothing=0.1")
    assert found.components == {
        "residual": ["model.residual=false"],
        "norm": ["model.norm=none"],
        "augment": ["data.augment=none"],
        "normalize": ["data.normalize=none"],
        "momentum": ["train.momentum=0.0"],
        "weight_decay": ["train.weight_decay=0.0"],
        "label_smoothing": ["train.label_smoothing=0.0"],
        "schedule": ["train.schedule=constant"],
    }
    assert found.left_out == {}


def test_what_has_no_meaning_without_a_part_is_declared():
    momentum = expanded("train=quickstart", "train.nesterov=true").components["momentum"]
    assert momentum == {"remove": ["train.momentum=0.0"], "with": ["train.nesterov=false"]}


def test_every_component_can_be_composed():
    words = ["model=vgg16", "data.image_size=32", "train=quickstart", "train.clipnorm=1", "model.norm=batch"]
    for form in expanded(*words).components.values():
        removal = form if isinstance(form, list) else [*form["remove"], *form["with"]]
        compose([*words, *removal])


OWN = """
def build(
    shape, classes, *, attention: bool = True, off: bool = False, width: int = 8, dropout: float = 0.1,
    alpha: float = 0.5, pool: Literal["avg", "max", "a b", "true"] = "avg", size: Literal[3, 5] = 3,
    rate: float | None = 0.2, extra: int | None = None, act: str = "relu", warmup: bool = True
):
    return attention, off, width, dropout, alpha, pool, size, rate, extra, act, warmup


NETWORKS = {"mine": build}
"""


def test_a_network_of_ones_own(tmp_path):
    file = tmp_path / "net.py"
    file.write_text(OWN)
    words = [f"plugins=[{file}]", "model=mine", "train.warmup=0.1"]
    found = expanded(*words).components
    own = {name: form for name, form in found.items() if "model." in str(form)}
    assert own == {
        "attention": ["model.attention=false"],
        "dropout": ["model.dropout=0"],
        "pool": {
            "alternatives": {"max": ["model.pool=max"], "a_b": ["model.pool='a b'"], "true": ["model.pool='true'"]}
        },
        "size": ["model.size=5"],
        "rate": ["model.rate=null"],
        "warmup": ["model.warmup=false"],
    }
    assert found["train-warmup"] == ["train.warmup=0.0"]
    for form in own["pool"]["alternatives"].values():
        compose([*words, *form])


def test_alternatives_of_like_names_are_all_planned(tmp_path):
    (tmp_path / "net.py").write_text(
        "def build(shape, classes, *, pool: Literal['c', 'a b', 'a_b', 'a+b', 'a_b-2'] = 'c'):\n    return pool\n\n\n"
        "NETWORKS = {'mine': build}\n"
    )
    pool = expanded(f"plugins=[{tmp_path / 'net.py'}]", "model=mine").components["pool"]["alternatives"]
    assert pool == {
        "a_b": ["model.pool='a b'"],
        "a_b-2": ["model.pool=a_b"],
        "a_b-3": ["model.pool='a+b'"],
        "a_b-2-2": ["model.pool=a_b-2"],
    }


def test_a_removal_that_does_not_compose_is_left_out_with_its_reason():
    found = expanded("model=resnet18", "data.cutout_size=4", "data.augment=crop")
    assert "cutout_size" in found.components
    bare = ["model=plain18", "model.norm=none", "data.normalize=none", "train.momentum=0", "train.schedule=constant"]
    bare += ["train.weight_decay=0", "train.warmup=0", "train.nesterov=false", "train.clipnorm=null"]
    with pytest.raises(AblateError, match="No part of the baseline is on"):
        expanded(*bare)
