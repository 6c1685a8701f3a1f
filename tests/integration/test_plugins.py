"""A user's own block, norm and augmentation: a key like any other, and never from what lies on the disk."""

import json
import os
import subprocess

import keras
import numpy as np
import pytest
from support.commands import BIN

import ablation
from ablation import data
from ablation.cli import composition
from ablation.config import fingerprint, network_structure
from ablation.config.plugins import registry
from ablation.data.batches import Feed
from ablation.errors import AblateError
from ablation.model import counts

pytestmark = pytest.mark.integration

PARTS = '''
import keras


def separable(x, filters, strides, *, conv, norm, activation, shortcut, name, **more):
    skip = shortcut(x, filters, strides, name=f"{name}_shortcut")
    for i, stride in enumerate((strides, 1), start=1):
        x = keras.layers.DepthwiseConv2D(3, stride, padding="same", use_bias=False, name=f"{name}_depthwise{i}")(x)
        x = conv(x, filters, 1, 1, name=f"{name}_conv{i}")
        x = norm(x, name=f"{name}_norm{i}")
        x = activation(x, name=f"{name}_act1") if i == 1 else x
    x = x if skip is None else keras.layers.Add(name=f"{name}_add")([skip, x])
    return activation(x, name=f"{name}_out")


class Scaled(keras.layers.Layer):
    """Its own weight with its own law, and a layer within it."""

    def build(self, shape):
        self.gain_initializer = keras.initializers.RandomNormal(stddev=0.1)
        self.gain = self.add_weight(name="gain", shape=(shape[-1],), initializer=self.gain_initializer)

    def call(self, x):
        return x * (1 + self.gain)


def scaled(x, *, momentum, epsilon, name, **more):
    return Scaled(name=name)(x)


def invert(pixels, draws):
    import numpy

    return numpy.where(draws.flips[:, None, None, None], 255 - pixels, pixels).astype("uint8")


BLOCKS = {"separable": separable}
NORMS = {"scaled": scaled}
AUGMENTS = {"invert": invert}
'''
BASE = ["model=resnet18", "model.repeats=[1,1]", "model.width=8"]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "my_parts.py"
    path.write_text(PARTS)
    return path


def built(file, *overrides, seed=0):
    return ablation.build([f"plugins=[{file}]", *BASE, f"seed={seed}", *overrides], (16, 16, 3), 10)


def initial(model):
    return {weight.path: np.asarray(weight) for weight in model.weights}


def test_an_own_block_is_built_of_the_parts_that_it_is_given(file):
    model = built(file, "model.block=separable", "model.norm=group", "model.residual=false")
    kinds = {type(layer).__name__ for layer in model.layers}
    assert {"DepthwiseConv2D", "GroupNormalization"} <= kinds and "Add" not in kinds
    assert model.name == "plain_2xseparable"
    counted = sum(16 * 16 * 9 * 8 for _ in range(2)) + 16 * 16 * 2 * 64  # first stage: depthwise, then 1x1
    stage1 = [layer for layer in model.layers if layer.name.startswith("stage1")]
    assert counts.macs(keras.Model(stage1[0].input, stage1[-1].output)) == counted


def test_what_is_shared_with_a_shipped_network_starts_equal(file):
    own, shipped = initial(built(file, "model.block=separable")), initial(built(file))
    shared = {path for path in own if path in shipped and own[path].shape == shipped[path].shape}
    assert {"stem_conv/kernel", "classifier/kernel"} <= shared
    assert all(np.array_equal(own[path], shipped[path]) for path in shared)


@pytest.mark.parametrize("override", ["model.block=separable", "model.norm=scaled"])
def test_own_initial_values_are_keyed_by_seed_and_name(file, override):
    one, again, other = (initial(built(file, override, seed=seed)) for seed in (0, 0, 1))
    assert all(np.array_equal(one[path], again[path]) for path in one)
    drawn = [path for path in one if path.endswith(("kernel", "gain"))]
    assert drawn and not any(np.array_equal(one[path], other[path]) for path in drawn)


def test_an_own_augmentation_gets_the_draws_of_the_others(file):
    config = composition.compose([f"plugins=[{file}]", "data=digits", "data.augment=invert"]).config
    registry.take(config.plugins)
    images = data.load(config.data).train
    mine, flip, none = (Feed(images, 0, 32, augment).batch(3)[0] for augment in ("invert", "flip", "none"))
    mirrored = np.array([not np.array_equal(a, b) for a, b in zip(flip, none, strict=True)])
    inverted = np.array([not np.array_equal(a, b) for a, b in zip(mine, none, strict=True)])
    symmetric = np.array([np.array_equal(a, a[:, ::-1]) for a in none])
    assert np.array_equal(mirrored | symmetric, inverted | symmetric) and 4 < inverted.sum() < 28


def test_its_content_counts_where_it_is_used_and_nowhere_else(file):
    def mark(*overrides):
        return fingerprint.fingerprint(composition.compose([*BASE, *overrides]).config, {})

    own = [f"plugins=[{file}]", "model.block=separable"]
    plain, named, used = mark(), mark(own[0]), mark(*own)
    assert plain == named != used
    file.write_text(PARTS + "\n# another\n")
    assert mark(own[0]) == plain and mark(*own) not in (plain, used)


@pytest.mark.parametrize(
    ("content", "overrides", "words"),
    [
        (None, [], ("cannot be read", "my_parts.py")),
        ("def f(:", [], ("is not Python",)),
        ("X = 1", [], ("defines no network", "NORMS")),
        ("NORMS = dict(mine=len)", [], ("NORMS", "not as a dict literal")),
        ("NORMS = {'batch': len}", [], ("model.norm=batch", "already in use", "my_batch")),
        ("NORMS = {'mine': len}", ["model.norm=mien"], ("model.norm=mien", "batch", "mine", "Type for example")),
        ("BLOCKS = {'mine': len}", ["model=vgg16", "data=cifar10", "model.block=mine"], ("not used by", "vgg")),
        ("NORMS = {'mine': len, 'mine': max}", [], ("each name once",)),
        ("raise RuntimeError('no')\nNORMS = {'mine': len}", ["model.norm=mine"], ("fails", "RuntimeError: no")),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_in_a_paragraph(tmp_path, content, overrides, words):
    file = tmp_path / "my_parts.py"
    if content is not None:
        file.write_text(content)
    with pytest.raises(AblateError) as told:
        built(file, *overrides)
    assert all(word in str(told.value) for word in words), str(told.value)


def test_nothing_of_it_runs_while_a_command_is_checked(tmp_path):
    file = tmp_path / "my_parts.py"
    file.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nNORMS = {{'mine': len}}\n")
    composition.compose([f"plugins=[{file}]", "model.norm=mine"])
    assert not (tmp_path / "ran").exists()


def test_a_record_or_a_study_names_no_code(tmp_path, file):
    """A finished run's record holds plugins=; comparing and going on with it runs nothing of the file."""
    words = [*BASE, "data=digits", "data.limit=64", "train=quickstart", "train.epochs=1", "model.norm=scaled"]
    first = subprocess.run(
        [BIN / "ablate", f"plugins=[{file}]", *words], cwd=tmp_path, capture_output=True, text=True, timeout=600
    )
    assert first.returncode == 0, first.stderr
    (run,) = (tmp_path / "outputs").glob("resnet*")
    assert json.loads((run / "run.json").read_text())["config"]["plugins"] == [str(file)]
    file.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n{PARTS}")
    compared = subprocess.run(
        [BIN / "ablate-compare", "outputs"], cwd=tmp_path, capture_output=True, text=True, timeout=600
    )
    assert compared.returncode == 0 and not (tmp_path / "ran").exists(), compared.stderr
    (tmp_path / "study").mkdir()
    body = {"baseline": [f"plugins=[{file}]", *words[:-1]], "components": {"norm": ["model.norm=scaled"]}}
    (tmp_path / "study" / "mine.yaml").write_text(f"# @package _global_\nstudy: {json.dumps(body)}\n")
    told = subprocess.run(
        [BIN / "ablate", "-m", "+study=mine", "--config-dir", tmp_path],
        cwd=tmp_path, capture_output=True, text=True, timeout=600, env=dict(os.environ),
    )  # fmt: skip
    assert told.returncode == 1 and "plugins" in told.stderr and not (tmp_path / "ran").exists()


def test_a_name_says_what_is_known(file):
    model = composition.compose([f"plugins=[{file}]", *BASE, "model.block=separable"]).config.model
    assert network_structure.depth(model) is None and network_structure.name(model) == "resnet_2xseparable"
