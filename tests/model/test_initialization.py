"""Initial weights: the same seed means the same luck, and each draw follows its published law.

Weights are compared by layer name.
"""

import re
from functools import cache
from itertools import product

import keras
import numpy as np
import pytest
from scipy.stats import truncnorm
from support.networks import TINY, initial, kernels, small

import ablation
from ablation import random_streams
from ablation.config.schema import INITIALIZERS
from ablation.model.initialization import TRUNCATED_SD, initialise
from ablation.model.layer_origins import keep, recorded

pytestmark = pytest.mark.integration

LAW = {  # initialiser: (scale, the fan it divides by, shape of the draw)
    "he_normal": (2, "in", "normal"),
    "he_uniform": (2, "in", "uniform"),
    "glorot_normal": (1, "mean", "normal"),
    "glorot_uniform": (1, "mean", "uniform"),
    "lecun_normal": (1, "in", "normal"),
    "lecun_uniform": (1, "in", "uniform"),
}


def test_plain34_and_resnet34_share_33_convolutions_and_the_classifier():
    plain, residual, other = (
        kernels(small(f"model={name}", "model.width=4", f"seed={seed}"))
        for name, seed in (("plain34", 3), ("resnet34", 3), ("resnet34", 4))
    )
    assert len(plain) == 34 and plain.keys() < residual.keys()
    assert {name for name in residual if name not in plain} == {f"stage{i}_block0_shortcut_conv" for i in (2, 3, 4)}
    for name, kernel in plain.items():
        np.testing.assert_array_equal(kernel, residual[name])
    for name, kernel in residual.items():
        assert np.mean(kernel == other[name]) < 0.001


def test_no_two_layers_draw_the_same_weights():
    first_entries = [kernel.flat[0] for kernel in kernels(small("model=resnet34", "model.width=4")).values()]
    assert len(set(first_entries)) == len(first_entries)


@pytest.mark.parametrize("base", ["resnet", "bottleneck", "resnet_cifar"])
def test_both_orders_begin_with_the_same_convolutions(base):
    post, pre = (kernels(small(*TINY[base], "seed=5", f"model.order={order}")) for order in ("post", "pre"))
    assert post.keys() == pre.keys()
    for name in post:
        np.testing.assert_array_equal(post[name], pre[name])


CHANGES = [
    *product(
        ["resnet", "bottleneck", "shake"],
        [
            "norm=none",
            "norm=group",
            "norm=layer",
            "dropout=0.2",
            "activation=gelu",
            "norm_momentum=0.5",
            "conv_bias=true",
        ],
    ),
    *product(
        ["resnet", "bottleneck"],
        [
            "residual=false",
            "shortcut=identity_pad",
            "shortcut=projection_all",
            "stride_in=3x3",
            "stem=imagenet",
            "order=pre",
            "squeeze_excite=2",
            "stochastic_depth=0.5",
            "zero_init_last=true",
        ],
    ),
    ("bottleneck", "groups=2"),
    *product(
        ["shake"],
        ["shake_forward=even", "shake_backward=even", "shake_backward=keep", "shake_level=batch"],
    ),
]


@cache
def before(base: str) -> dict[str, np.ndarray]:
    return initial(small(*TINY[base], "seed=5"))


@pytest.mark.parametrize(("base", "change"), CHANGES)
def test_changing_one_part_changes_no_other_layer(base, change):
    """Nor the seeds of layers that draw: what both networks have, in the same shape, begins equal."""
    old, new = before(base), initial(small(*TINY[base], "seed=5", f"model.{change}"))
    shared = {path for path in old if path in new and old[path].shape == new[path].shape}
    key, _, value = change.partition("=")
    for path in shared:
        if key != "zero_init_last" or not re.fullmatch(r"stage.*_norm\d/gamma", path):
            np.testing.assert_array_equal(old[path], new[path], err_msg=path)
    touched = {  # what of the base a change may take away or reshape; all else is shared
        "norm": r".*_norm\d?/.*",
        "residual": r".*_shortcut_.*",
        "shortcut": r".*_shortcut_.*" if value == "identity_pad" else "",
        "stem": "stem_conv/kernel",
        "groups": r"stage\d_block0_(conv\d/kernel|norm[12]/.*)",
        "order": r"stage\d_block\d_norm[13]/.*|(stem|.*_shortcut)_norm/.*",  # none there, and before what it was behind
    }
    assert [path for path in old if path not in shared and not re.fullmatch(touched.get(key, ""), path)] == []


def test_the_noise_of_a_layer_follows_the_seed_and_its_name():
    both = [*TINY["shake"], "model.dropout=0.2"]
    first, again, other = (initial(small(*both, f"seed={seed}")) for seed in (0, 0, 1))
    without = initial(small(*TINY["shake"], "seed=0"))
    noisy = [path for path in first if path.endswith("/seed")]
    assert noisy == [*(f"stage{i}_block0_shake/seed" for i in (1, 2, 3)), "head_dropout/seed"]
    assert len({tuple(network[path]) for network in (first, other) for path in noisy}) == 8
    for path in noisy:
        np.testing.assert_array_equal(first[path], again[path])
        np.testing.assert_array_equal(first[path], without.get(path, first[path]))


def test_every_initialiser_of_the_schema_is_tested():
    assert set(LAW) == set(INITIALIZERS)


@pytest.mark.parametrize("name", LAW)
def test_initial_weights_have_the_deviation_bounds_and_shape_of_their_law(name):
    """The published formula, and quantile by quantile what Keras draws."""
    network = small("model=resnet18", "model.width=16", f"model.initializer={name}")
    layer = network.get_layer("stage4_block0_conv1")
    drawn, shape = np.asarray(layer.kernel), layer.kernel.shape
    scale, fan, distribution = LAW[name]
    fan_in, fan_out = 9 * 64, 9 * 128
    variance = scale / {"in": fan_in, "mean": (fan_in + fan_out) / 2}[fan]
    assert drawn.dtype == "float32" and shape == (3, 3, 64, 128)
    assert drawn.std() == pytest.approx(np.sqrt(variance), rel=0.01)
    assert abs(drawn.mean()) < 4 * np.sqrt(variance / drawn.size)
    bound = np.sqrt(3 * variance) if distribution == "uniform" else 2 * np.sqrt(variance) / 0.87962566
    assert 0.99 * bound < np.abs(drawn).max() <= bound * (1 + 1e-6)
    initializer = keras.initializers.get({"class_name": name, "config": {"seed": 0}})
    expected = np.asarray(initializer(shape))
    shares = np.linspace(0.01, 0.99, 21)
    np.testing.assert_allclose(
        np.quantile(drawn, shares), np.quantile(expected, shares), rtol=0, atol=0.03 * np.sqrt(variance)
    )


def test_the_classifier_is_drawn_by_its_own_fan_and_biases_begin_at_zero():
    network = ablation.build(["model=resnet18", "model.width=16", "model.conv_bias=true"], (32, 32, 3), 1000)
    classifier = network.get_layer("classifier")
    assert np.asarray(classifier.kernel).std() == pytest.approx(np.sqrt(2 / 128), rel=0.01)
    biases = [weight for weight in network.weights if weight.name == "bias"]
    assert len(biases) == 21 and not any(np.any(np.asarray(bias)) for bias in biases)


def test_a_normal_that_is_cut_at_two_sds_has_the_sd_of_scipy():
    assert TRUNCATED_SD == pytest.approx(truncnorm(-2, 2).std(), rel=1e-12)


class Plugin(keras.layers.Layer):
    """Two layers inside a third, one of them of a distribution that the backend draws."""

    def __init__(self, **keywords):
        super().__init__(**keywords)
        self.first = keras.layers.Dense(4, kernel_initializer="he_normal", name="dense")
        other = keras.initializers.RandomNormal(stddev=2.0)
        self.second = keras.layers.Dense(4, kernel_initializer=other, name="other")

    def call(self, x):
        return self.second(self.first(x))


def with_plugins(*names: str) -> dict[str, np.ndarray]:
    """The initial values of a chain of plugin layers, with seed 3."""
    with recorded() as origins:
        x = inputs = keras.Input((4,))
        for name in names:
            x = Plugin(name=name)(x)
        network = keras.Model(inputs, x)
    keep(network, origins)
    initialise(network, 3)
    return initial(network)


def test_a_layer_inside_a_plugin_is_keyed_by_its_path():
    both, alone = with_plugins("a", "b"), with_plugins("b")
    assert list(alone) == ["b/dense/kernel", "b/dense/bias", "b/other/kernel", "b/other/bias"]
    for path, value in alone.items():
        np.testing.assert_array_equal(value, both[path], err_msg=path)
        if path.endswith("kernel"):
            assert (value != both[path.replace("b/", "a/", 1)]).all(), path
    assert 1 < both["a/other/kernel"].std() < 3 and not both["a/dense/bias"].any()


def test_a_layer_is_keyed_by_its_name_and_a_layer_that_draws_gets_a_seed():
    with recorded() as origins:
        inputs = keras.Input((4,))
        outputs = keras.layers.Dropout(0.5, name="noise")(keras.layers.Dense(4, name="dense")(inputs))
        network = keras.Model(inputs, outputs)
    keep(network, origins)
    for seed in (3, 4):
        initialise(network, seed)
        values = initial(network)
        limit = np.sqrt(6 / (4 + 4))  # Glorot & Bengio 2010, which Dense takes where nothing else is said
        drawn = (random_streams.generator(seed, "init", "dense").random((4, 4), "float32") * 2 - 1) * limit
        np.testing.assert_allclose(values["dense/kernel"], drawn, rtol=1e-6)
        assert values["noise/seed"].tolist() == [random_streams.derived_seed(seed, "noise", "noise"), 0]
