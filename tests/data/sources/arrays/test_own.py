"""The data of a plugin: a function whose arrays are hashed, with its parameters as keys."""

import numpy as np
import pytest

from ablation import data
from ablation.cli.composition import compose
from ablation.config.plugins import registry
from ablation.data.sources.arrays import array_source
from ablation.data.sources.arrays.own import Own
from ablation.errors import AblateError

TEXT = """
import numpy as np


def load(*, count: int = 40, kind: str = "images", root: str = "x"):
    generator = np.random.default_rng(count)
    if kind == "fail":
        raise ValueError("no such file: " + root)
    if kind == "list":
        return [1, 2]
    shape = (count, 6, 6, 3) if kind == "images" else (count, 5)
    values = generator.integers(0, 256, shape).astype("uint8" if kind == "images" else "float32")
    return {"x_train": values, "y_train": np.arange(count) % 2, "x_test": None, "classes": ["cat", "dog"]}


DATA = {"mine": load}
"""


@pytest.fixture
def config(tmp_path):
    file = tmp_path / "my_data.py"
    file.write_text(TEXT)
    registry.take([str(file)])
    return lambda *words: compose([f"plugins=[{file}]", "data=mine", *words]).config.data


def test_a_function_gives_images_of_their_own_size(config):
    loaded = data.load(config("data.holdout=0.5", "data.augment=crop_flip"))
    assert (len(loaded.train), len(loaded.validation)) == (20, 20) and loaded.classes == ("cat", "dog")
    assert loaded.train.pixels.shape[1:] == (6, 6, 3) and loaded.name == "mine"
    assert data.load(config("data.image_size=8")).train.pixels.shape[1:] == (8, 8, 3)


def test_the_arrays_are_the_fingerprint(config):
    first = data.prepare(config())
    assert first["name"] == "mine" and data.prepare(config("data.root=elsewhere")) == first
    assert data.prepare(config("data.count=42")) != first != data.prepare(config("data.kind=table"))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["data.kind=fail", "data.root=there"], "data mine fails .ValueError: no such file: there.*data.kind=fail"),
        (["data.kind=list"], "data mine returns list"),
        (["data.kind=table", "data.cutout_size=2"], "data.cutout_size is for images"),
        (["data.kind=table", "data.augment=flip"], "data.augment is for images"),
        (["data.coutn=3"], "Type for example data.count="),
        (["data.count=many"], "Wrong type for data.count"),
    ],
)
def test_what_fails_is_named(config, words, message):
    with pytest.raises(AblateError, match=message):
        data.prepare(config(*words))


def test_more_labels_than_classes_are_refused(config, monkeypatch):
    monkeypatch.setattr(array_source, "MOST_CLASSES", 1)
    with pytest.raises(AblateError, match="have 2 different values"):
        data.prepare(config())
    with pytest.raises(TypeError):
        Own(compose([]).config.data)
    assert np.isfinite(data.load(config("data.kind=table")).mean).all()
