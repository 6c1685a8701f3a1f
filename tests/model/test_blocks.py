"""What the networks are made of: names, coupled initial weights, shortcuts, padding, norms, heads.

Weights are compared by layer name. References are written out in NumPy, channels last.
"""

import re
from dataclasses import replace
from functools import cache, partial
from itertools import product

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

import ablation
from ablation.cli import composition
from ablation.config import network_structure
from ablation.config.schema import ACTIVATIONS, INITIALIZERS
from ablation.model.blocks.conv import conv
from ablation.model.blocks.norm import NORMS
from ablation.model.blocks.shake import two_path
from ablation.model.blocks.shortcut import SHORTCUTS
from ablation.model.blocks.stochastic_depth import StochasticDepth
from ablation.model.network import build

few = settings(max_examples=10, deadline=None, database=None, derandomize=True)
SMALL = ((32, 32, 3), 10)
TINY = {  # the smallest network of each family
    "vgg": ["model=vgg16", "model.head=global_pool", "model.repeats=[1,2]", "model.width=4"],
    "resnet": ["model=resnet18", "model.repeats=[1,1]", "model.width=4"],
    "bottleneck": ["model=resnet50", "model.repeats=[1,1]", "model.width=4"],
    "plain": ["model=plain18", "model.repeats=[1,1]", "model.width=4"],
    "resnet_cifar": ["model=resnet_cifar", "model.depth=8", "model.width=4"],
    "shake": ["model=shake26", "model.depth=8", "model.width=4"],
}
LAW = {  # initialiser: (scale, the fan it divides by, shape of the draw)
    "he_normal": (2, "in", "normal"),
    "he_uniform": (2, "in", "uniform"),
    "glorot_normal": (1, "mean", "normal"),
    "glorot_uniform": (1, "mean", "uniform"),
    "lecun_normal": (1, "in", "normal"),
    "lecun_uniform": (1, "in", "uniform"),
}


def small(*overrides: str) -> keras.Model:
    return ablation.build(overrides, *SMALL)


def names(network: keras.Model, pattern: str) -> list[str]:
    return [layer.name for layer in network.layers if re.fullmatch(pattern, layer.name)]


def kernels(network: keras.Model) -> dict[str, np.ndarray]:
    return {layer.name: np.asarray(layer.kernel) for layer in network.layers if hasattr(layer, "kernel")}


def initial(network: keras.Model) -> dict[str, np.ndarray]:
    """Every initial value by layer and role, with the seeds of the layers that draw."""
    values = {weight.path: np.asarray(weight) for weight in network.weights}
    drawing = (layer for layer in network.layers if hasattr(layer, "seed_generator"))
    return values | {f"{layer.name}/seed": np.asarray(layer.seed_generator.state) for layer in drawing}


def randomise(network: keras.Model) -> None:
    """Other values than zeros and ones, so that every weight counts."""
    draw = np.random.default_rng(2)
    for weight in network.weights:
        values = draw.normal(size=weight.shape)
        weight.assign(0.5 + np.abs(values) if weight.name == "moving_variance" else values)


def images(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def apply(part, x: np.ndarray, **arguments) -> tuple[np.ndarray, keras.Model]:
    """A block on x, with random weights; and the model that holds them."""
    inputs = keras.Input(x.shape[1:])
    network = keras.Model(inputs, part(inputs, **arguments))
    randomise(network)
    return np.asarray(network(x)), network


def convolve(x, kernel, strides: int = 1, pad: int = 0):
    """Correlation of (b, h, w, c) with (k, k, c, f), zeros on every side."""
    x = np.pad(x, [(0, 0), (pad, pad), (pad, pad), (0, 0)])
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))
    return np.einsum("bhwcij,ijcf->bhwf", windows[:, ::strides, ::strides], kernel)


def normalise(x, gamma, beta, mean, variance, epsilon: float = 1e-5):
    return (x - mean) / np.sqrt(variance + epsilon) * gamma + beta


def seen(network: keras.Model, *layers: str) -> list[np.ndarray]:
    """What these layers give for one random image, without training."""
    outputs = [network.get_layer(name).output for name in layers]
    return [np.asarray(y) for y in keras.Model(network.input, outputs)(images(1, *network.input_shape[1:]))]


def conv_norm(network: keras.Model, prefix: str, number: str, x: np.ndarray, strides: int = 1) -> np.ndarray:
    """A convolution of the network and the batch norm behind it, in NumPy."""
    (kernel,) = network.get_layer(f"{prefix}_conv{number}").get_weights()
    statistics = network.get_layer(f"{prefix}_norm{number}").get_weights()
    return normalise(convolve(x, kernel, strides, kernel.shape[0] // 2), *statistics)


CONV = partial(conv, use_bias=False, initializer="he_normal")
NORM = partial(NORMS["batch"], momentum=0.9, epsilon=1e-5)


def relu(x, *, name: str):
    return keras.layers.Activation("relu", name=name)(x)


# Names


@pytest.mark.parametrize("family", TINY)
def test_every_layer_has_a_name_of_the_design(family):
    stage = r"stage\d+(_block\d+(_shortcut|_left|_right)?)?"
    role = r"(conv|norm|act|subsample)\d?(_pad)?|add|out|pool|pad_channels|shake|shift_pad|shift_crop|concat"
    role += "|drop|se_(pool|fc[12]|act|gate|scale)"
    pattern = rf"image|classifier|(stem|head|{stage})_({role}|dropout)"
    parts = [] if family in ("vgg", "shake") else ["model.squeeze_excite=2", "model.stochastic_depth=0.1"]
    network = small(*TINY[family], "model.dropout=0.1", *parts)
    assert [layer.name for layer in network.layers if not re.fullmatch(pattern, layer.name)] == []


def test_names_read_like_the_table():
    network = small("model=resnet34", "model.width=4")
    wanted = ["stem_conv", "stem_norm", "stage2_block0_conv1", "stage2_block0_shortcut_conv", "stage4_block2_norm2"]
    assert set(wanted) <= {layer.name for layer in network.layers}
    assert network.layers[0].name == "image" and network.layers[-1].name == "classifier"
    for stage, blocks in enumerate((3, 4, 6, 3), start=1):
        assert len(names(network, rf"stage{stage}_block\d+_out")) == blocks


@pytest.mark.parametrize(
    ("overrides", "depth", "name"),
    [
        (["model=vgg16"], 16, "vgg16"),
        (["model=vgg19"], 19, "vgg19"),
        (["model=plain18"], 18, "plain18"),
        (["model=plain34"], 34, "plain34"),
        (["model=plain50"], 50, "plain50"),
        (["model=resnet18"], 18, "resnet18"),
        (["model=resnet34"], 34, "resnet34"),
        (["model=resnet50"], 50, "resnet50"),
        (["model=resnet101"], 101, "resnet101"),
        (["model=resnet152"], 152, "resnet152"),
        (["model=resnet_cifar"], 20, "resnet20"),
        (["model=resnet_cifar", "model.depth=110"], 110, "resnet110"),
        (["model=plain_cifar", "model.depth=56"], 56, "plain56"),
        (["model=resnet34", "model.residual=false"], 34, "plain34"),
        (["model=resnet34", "model.head=vgg"], 36, "resnet36"),
        (["model=resnet_cifar", "model.head=vgg"], 22, "resnet22"),
        (["model=resnet_cifar", "model.depth=110", "model.order=pre"], 110, "preresnet110"),
        (["model=plain34", "model.order=pre"], 34, "plain34"),
        (["model=resnet50", "model.groups=32"], 50, "resnext50_32x4d"),
        (["model=resnet101", "model.groups=2", "model.width=32", "model.order=pre"], 101, "preresnext101_2x20d"),
        (["model=resnet34", "model.squeeze_excite=16"], 34, "seresnet34"),
        (["model=resnet50", "model.squeeze_excite=8", "model.groups=32"], 50, "seresnext50_32x4d"),
        (["model=plain50", "model.groups=32"], 50, "plain50_32x4d"),
        (["model=shake26"], 26, "shake26_2x32d"),
        (["model=shake26", "model.width=64"], 26, "shake26_2x64d"),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, list) else "",
)
def test_depth_and_name_follow_the_structure(overrides, depth, name):
    model = composition.compose([*overrides, "data=cifar10"]).config.model
    assert (network_structure.depth(model), network_structure.name(model)) == (depth, name)


@pytest.mark.parametrize("family", TINY)
def test_depth_is_the_count_of_weighted_layers_without_projections(family):
    """In shake networks both branches count once."""
    network = small(*TINY[family])
    config = composition.compose([*TINY[family], "data=cifar10"]).config.model
    counted = [name for name in kernels(network) if "shortcut" not in name and "_right_" not in name]
    assert network_structure.depth(config) == len(counted)
    assert network_structure.name(config) == network.name


def test_shape_and_classes_come_from_the_data():
    network = ablation.build(TINY["resnet_cifar"])
    assert network.input_shape == (None, 8, 8, 1) and network.output_shape == (None, 10)
    network = ablation.build([*TINY["resnet_cifar"], "data=cats_vs_dogs", "data.image_size=40"])
    assert network.input_shape == (None, 40, 40, 3) and network.output_shape == (None, 2)
    assert ablation.build(TINY["resnet_cifar"], (9, 12, 2)).input_shape == (None, 9, 12, 2)
    assert ablation.build(TINY["resnet_cifar"], classes=7).output_shape == (None, 7)


# The same seed means the same luck


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


# Initial weights


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


# Padding and shortcuts


@pytest.mark.parametrize(("kernel_size", "strides", "size"), list(product((1, 3, 7), (1, 2), (7, 8))))
def test_convolutions_pad_evenly(kernel_size, strides, size):
    x = images(2, size, size, 3)
    y, network = apply(CONV, x, filters=4, kernel_size=kernel_size, strides=strides, name="c")
    (kernel,) = network.get_weights()
    np.testing.assert_allclose(y, convolve(x, kernel, strides, kernel_size // 2), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("overrides", "strided"),
    [
        (["model=plain18"], "conv1"),
        (["model=resnet50", "model.stride_in=3x3"], "conv2"),
        (["model=resnet50", "model.stride_in=first"], "conv1"),
    ],
)
def test_the_strided_convolution_of_a_network_pads_evenly(overrides, strided):
    network = small(*overrides, "model.width=4", "model.repeats=[1,1]")
    name = f"stage2_block0_{strided}"
    kernel = kernels(network)[name]
    source = network.get_layer(f"{name}_pad" if kernel.shape[0] > 1 else name).input
    x, y = seen(network, source._keras_history.operation.name, name)
    assert x.shape[1:3] == (32, 32) and y.shape[1:3] == (16, 16)
    np.testing.assert_allclose(y, convolve(x, kernel, 2, kernel.shape[0] // 2), rtol=1e-4, atol=1e-4)


def test_the_imagenet_stem_pads_evenly():
    """7x7 with 3 and, after the ReLU, 3x3 max pooling with 1 on every side (reference 4.2)."""
    network = small("model=resnet18", "model.repeats=[1]", "model.width=4", "model.norm=none", "model.stem=imagenet")
    x, y = seen(network, "image", "stem_pool")
    after = np.maximum(convolve(x, kernels(network)["stem_conv"], 2, 3), 0)
    padded = np.pad(after, [(0, 0), (1, 1), (1, 1), (0, 0)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))[:, ::2, ::2]
    np.testing.assert_allclose(y, windows.max((-1, -2)), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("size", "stem"), [(48, "cifar"), (49, "imagenet")])
def test_auto_takes_the_cifar_stem_up_to_48_pixels(size, stem):
    network = ablation.build(TINY["resnet"], (size, size, 3), 10)
    assert bool(names(network, "stem_pool")) == (stem == "imagenet")
    assert network.get_layer("stem_conv").kernel_size == {"cifar": (3, 3), "imagenet": (7, 7)}[stem]


@few
@given(size=st.integers(1, 9), channels=st.integers(1, 4), more=st.integers(0, 4), strides=st.integers(1, 2))
def test_shortcut_a_subsamples_and_pads_channels_with_zeros(size, channels, more, strides):
    x = images(2, size, size, channels)
    inputs = keras.Input(x.shape[1:])
    shortcut = SHORTCUTS["identity_pad"](inputs, channels + more, strides, conv=CONV, norm=NORM, name="s")
    network = keras.Model(inputs, shortcut)
    assert network.weights == []
    expected = np.pad(x[:, ::strides, ::strides], [(0, 0), (0, 0), (0, 0), (0, more)])
    np.testing.assert_array_equal(np.asarray(network(x)), expected)


@pytest.mark.parametrize(
    ("name", "shortcut", "count"),
    [
        ("resnet34", "identity_pad", 0),
        ("resnet34", "projection", 3),
        ("resnet34", "projection_all", 16),
        ("resnet50", "identity_pad", 0),
        ("resnet50", "projection", 4),
        ("resnet50", "projection_all", 16),
        ("plain34", "projection_all", 0),
    ],
)
def test_how_many_shortcuts_project(name, shortcut, count):
    network = small(f"model={name}", f"model.shortcut={shortcut}", "model.width=4")
    assert len(names(network, ".*_shortcut_conv")) == len(names(network, ".*_shortcut_norm")) == count
    assert len(names(network, ".*_add")) == (0 if name == "plain34" else 16)


@pytest.mark.parametrize("strides", [1, 2])
@pytest.mark.parametrize("shortcut", ["projection", "projection_all"])
def test_a_projection_is_a_1x1_convolution_and_a_norm(shortcut, strides):
    x = images(2, 6, 6, 3)
    y, network = apply(SHORTCUTS[shortcut], x, filters=5, strides=strides, conv=CONV, norm=NORM, name="s")
    kernel, *statistics = network.get_weights()
    np.testing.assert_allclose(y, normalise(convolve(x, kernel, strides), *statistics), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("name", "last"), [("resnet18", "norm2"), ("resnet50", "norm3")])
def test_a_block_whose_branch_gives_nothing_is_the_identity(name, last):
    """y = relu(x + branch(x)): nothing else stands between two blocks, and x is not negative."""
    network = small(f"model={name}", "model.repeats=[3]", "model.width=4")
    for name in names(network, rf"stage1_block[12]_{last}"):
        gamma = network.get_layer(name).gamma
        gamma.assign(np.zeros(gamma.shape))
    first, third = seen(network, "stage1_block0_out", "stage1_block2_out")
    assert first.min() == 0 < first.max()
    np.testing.assert_array_equal(first, third)


@pytest.mark.parametrize("residual", [True, False])
def test_the_basic_block_in_numpy(residual):
    """y = relu(x + norm(conv(relu(norm(conv(x)))))), and the same without x + (He et al. 2015, Figure 2)."""
    network = small(*TINY["resnet"], f"model.residual={str(residual).lower()}")
    randomise(network)
    x, first, second = seen(network, "stem_act", "stage1_block0_out", "stage2_block0_out")
    for name, source, strides, y in (("stage1_block0", x, 1, first), ("stage2_block0", first, 2, second)):
        expected = np.maximum(conv_norm(network, name, "1", source, strides), 0)
        expected = conv_norm(network, name, "2", expected)
        if residual:
            expected += source if strides == 1 else conv_norm(network, f"{name}_shortcut", "", source, strides)
        np.testing.assert_allclose(y, np.maximum(expected, 0), rtol=1e-3, atol=1e-3 * np.abs(y).max())


# Zero-initialised branches (Goyal et al. 2017)


@pytest.mark.parametrize("norm", ["batch", "layer", "group"])
@pytest.mark.parametrize(("base", "last"), [("resnet", "norm2"), ("bottleneck", "norm3"), ("resnet_cifar", "norm2")])
def test_zero_init_takes_the_scale_of_the_last_norm_of_each_branch_alone(base, last, norm):
    network = small(*TINY[base], "model.zero_init_last=true", f"model.norm={norm}", "model.shortcut=projection")
    scales = {name: network.get_layer(name).gamma for name in names(network, r".*_norm\d?")}
    zero = [name for name, gamma in scales.items() if not np.any(np.asarray(gamma))]
    assert zero == names(network, rf"stage\d_block\d_{last}") and len(zero) == len(names(network, ".*_add"))
    assert all(np.all(np.asarray(gamma) == 1) for name, gamma in scales.items() if name not in zero)


def test_with_zero_init_a_block_begins_as_its_shortcut():
    network = small("model=resnet18", "model.repeats=[3]", "model.width=4", "model.zero_init_last=true")
    x, third = seen(network, "stem_act", "stage1_block2_out")
    np.testing.assert_array_equal(x, third)


def test_a_branch_that_begins_as_nothing_learns():
    """The gradient of its scale is not zero, so that it leaves zero in the first step."""
    network = small(*TINY["resnet"], "model.zero_init_last=true")
    network.compile(optimizer=keras.optimizers.SGD(0.1), loss=keras.losses.SparseCategoricalCrossentropy(True))
    network.train_on_batch(images(8, 32, 32, 3), np.arange(8))
    for name in names(network, "stage.*_norm2"):
        assert np.abs(np.asarray(network.get_layer(name).gamma)).min() > 0


# Keys that nothing reads while another has some value


@pytest.mark.parametrize(
    ("base", "unread", "because"),
    [
        ("resnet", "zero_init_last=true", "norm=none"),
        ("resnet", "zero_init_last=true", "order=pre"),
        ("resnet", "zero_init_last=true", "residual=false"),
        ("bottleneck", "stochastic_depth=0.5", "residual=false"),
        ("resnet_cifar", "order=pre", "residual=false"),
        ("plain", "zero_init_last=true", "order=pre"),
    ],
)
def test_a_key_that_nothing_reads_then_makes_no_other_config(base, unread, because):
    given_key, left_out = (
        composition.compose([*TINY[base], f"model.{because}", *more]) for more in ([f"model.{unread}"], [])
    )
    assert given_key.config == left_out.config and given_key.record == left_out.record
    read = composition.compose([*TINY[base], f"model.{unread}"]).config
    assert (read == composition.compose(TINY[base]).config) == (base == "plain")


# Stochastic depth (Huang et al. 2016)


@pytest.mark.parametrize("order", ["post", "pre"])
def test_blocks_are_dropped_at_rates_that_grow_linearly_with_depth(order):
    """Block l of L survives with probability 1 - l/L * rate (equation 4): here 1/6, 2/6, … of 0.6."""
    network = small("model=resnet_cifar", "model.width=4", "model.stochastic_depth=0.6", f"model.order={order}")
    drops = [layer for layer in network.layers if isinstance(layer, StochasticDepth)]
    assert [layer.name for layer in drops] == [f"stage{i}_block{j}_drop" for i in (1, 2, 3) for j in (0, 1, 2)]
    np.testing.assert_allclose([layer.rate for layer in drops], 0.6 * np.arange(1, 10) / 9)
    for layer in drops:
        (add,) = [node.operation.name for node in layer._outbound_nodes]
        assert add == layer.name.replace("drop", "add")
        assert layer.input._keras_history.operation.name.endswith("norm2" if order == "post" else "conv2")


def test_a_rate_of_zero_adds_no_layer_and_a_plain_network_drops_nothing():
    without, plain = small(*TINY["resnet"]), small(*TINY["plain"], "model.stochastic_depth=0.5")
    assert names(without, ".*_drop") == names(plain, ".*_drop") == []
    assert [layer.name for layer in small(*TINY["plain"]).layers] == [layer.name for layer in plain.layers]


def test_without_training_stochastic_depth_changes_nothing():
    network, without = small(*TINY["resnet"], "model.stochastic_depth=0.5"), small(*TINY["resnet"])
    x = images(4, 32, 32, 3)
    np.testing.assert_array_equal(network(x, training=False), without(x, training=False))
    assert np.abs(np.asarray(network(x, training=True)) - np.asarray(without(x, training=True))).max() > 1e-3


# Groups (Xie et al. 2017)


def test_each_group_of_a_convolution_sees_its_own_channels():
    x = images(2, 5, 5, 6)
    y, network = apply(CONV, x, filters=4, kernel_size=3, strides=2, groups=2, name="c")
    (kernel,) = network.get_weights()
    assert kernel.shape == (3, 3, 3, 4)
    halves = [convolve(x[..., 3 * i : 3 * i + 3], kernel[..., 2 * i : 2 * i + 2], 2, 1) for i in (0, 1)]
    np.testing.assert_allclose(y, np.concatenate(halves, -1), rtol=1e-4, atol=1e-4)


# Squeeze-and-excitation (Hu et al. 2018)


@pytest.mark.parametrize(("order", "last"), [("post", "norm2"), ("pre", "conv2")])
@pytest.mark.parametrize("reduction", [2, 16])
def test_squeeze_and_excitation_in_numpy(order, last, reduction):
    """x * sigmoid(W2 relu(W1 mean(x) + b1) + b2) on what the branch ends with (equations 2 to 4), before the sum."""
    network = small(*TINY["resnet"], f"model.squeeze_excite={reduction}", f"model.order={order}")
    randomise(network)
    for name, channels in (("stage1_block0", 4), ("stage2_block0", 8)):
        x, y = seen(network, f"{name}_{last}", f"{name}_se_scale")
        w1, b1 = network.get_layer(f"{name}_se_fc1").get_weights()
        w2, b2 = network.get_layer(f"{name}_se_fc2").get_weights()
        assert w1.shape == (channels, max(channels // reduction, 1)) == w2.shape[::-1]  # one hidden unit is the least
        hidden = np.maximum(x.mean((1, 2)) @ w1 + b1, 0)
        gate = expit(hidden @ w2 + b2)  # the logistic function
        np.testing.assert_allclose(y, x * gate[:, None, None], rtol=1e-3, atol=1e-4)
        added = [tensor._keras_history.operation.name for tensor in network.get_layer(f"{name}_add").input]
        assert f"{name}_se_scale" in added and len(added) == 2


def test_squeeze_and_excitation_starts_at_its_initial_weights():
    network = small("model=resnet18", "model.squeeze_excite=16", "model.initializer=lecun_normal")
    kernel, bias = network.get_layer("stage4_block1_se_fc2").get_weights()
    assert kernel.std() == pytest.approx(np.sqrt(1 / 32), rel=0.02) and not bias.any()
    assert len(names(network, ".*_se_scale")) == len(names(network, ".*_add")) == 8
    assert len(names(small("model=plain18", "model.squeeze_excite=16"), ".*_se_scale")) == 8


# Pre-activation (He et al. 2016)


def pre_activation_block(network, name: str, x: np.ndarray, strides: int, shortcut: str) -> np.ndarray:
    """norm-relu-conv-norm-relu-conv plus x or its projection, in NumPy (Figure 1b)."""
    y = x
    for number in "12":
        y = np.maximum(normalise(y, *network.get_layer(f"{name}_norm{number}").get_weights()), 0)
        if number == "1":
            activated = y
        (kernel,) = network.get_layer(f"{name}_conv{number}").get_weights()
        y = convolve(y, kernel, strides if number == "1" else 1, 1)
    if strides == 1:
        return x + y
    if shortcut == "projection":  # of what is activated, and with no norm behind it
        return convolve(activated, network.get_layer(f"{name}_shortcut_conv").get_weights()[0], strides) + y
    return np.pad(x[:, ::2, ::2], [(0, 0), (0, 0), (0, 0), (0, x.shape[-1])]) + y


@pytest.mark.parametrize("shortcut", ["projection", "identity_pad"])
def test_the_pre_activation_network_in_numpy(shortcut):
    """From the stem's bare convolution to the pooling: nothing else stands between, nothing after the sums."""
    network = small(*TINY["resnet"], "model.order=pre", f"model.shortcut={shortcut}")
    randomise(network)
    image, first, second, pooled = seen(network, "image", "stage1_block0_add", "stage2_block0_add", "head_pool")
    x = convolve(image, network.get_layer("stem_conv").get_weights()[0], 1, 1)
    for name, strides, y in (("stage1_block0", 1, first), ("stage2_block0", 2, second)):
        x = pre_activation_block(network, name, x, strides, shortcut)
        np.testing.assert_allclose(y, x, rtol=1e-3, atol=1e-3 * np.abs(y).max())
        assert y.min() < 0
    x = np.maximum(normalise(x, *network.get_layer("head_norm").get_weights()), 0).mean((1, 2))
    np.testing.assert_allclose(pooled, x, rtol=1e-3, atol=1e-3 * np.abs(x).max())


@pytest.mark.parametrize("base", ["resnet", "bottleneck", "resnet_cifar"])
def test_both_orders_begin_with_the_same_convolutions(base):
    post, pre = (kernels(small(*TINY[base], "seed=5", f"model.order={order}")) for order in ("post", "pre"))
    assert post.keys() == pre.keys()
    for name in post:
        np.testing.assert_array_equal(post[name], pre[name])


@pytest.mark.parametrize("stem", ["cifar", "imagenet"])
def test_the_stem_of_a_pre_activation_network_is_bare(stem):
    network = small(*TINY["resnet"], "model.order=pre", f"model.stem={stem}")
    assert [name for name in names(network, "stem_.*") if "pad" not in name] == (
        ["stem_conv"] if stem == "cifar" else ["stem_conv", "stem_pool"]
    )
    assert names(network, ".*_out") == []
    assert [layer.name for layer in network.layers][-4:] == ["head_norm", "head_act", "head_pool", "classifier"]


def test_a_plain_network_has_one_order():
    """He et al. 2016, section 4.1: without sums, both are the same layers under other names."""
    post, asked = (
        composition.compose([*TINY["plain"], f"model.order={order}"]).config.model for order in ("post", "pre")
    )
    assert post == asked
    one, other = (build(replace(post, order=order), *SMALL) for order in ("post", "pre"))
    assert {layer.name for layer in one.layers} != {layer.name for layer in other.layers}
    x = images(4, 32, 32, 3)
    for training in (False, True):
        np.testing.assert_allclose(one(x, training=training), other(x, training=training), rtol=1e-4, atol=1e-5)


def test_the_plain_network_is_the_residual_one_without_its_sums():
    plain, residual = small("model=plain18", "model.width=4"), small("model=resnet18", "model.width=4")
    extra = {layer.name for layer in residual.layers} - {layer.name for layer in plain.layers}
    assert all(re.fullmatch(r".*_(add|shortcut_conv|shortcut_norm)", name) for name in extra)
    assert {layer.name for layer in plain.layers} < {layer.name for layer in residual.layers}


# Shake-Shake's shortcut


@pytest.mark.parametrize(("strides", "size"), list(product((1, 2), (4, 5))))
def test_the_second_path_sees_the_image_one_pixel_later(strides, size):
    x = images(2, size, size, 3)
    parts = {"conv": CONV, "norm": NORM, "activation": relu}
    y, network = apply(two_path, x, filters=6, strides=strides, name="s", **parts)
    left, right, *statistics = network.get_weights()
    positive = np.maximum(x, 0)
    shifted = np.zeros_like(x)
    shifted[:, 1:, 1:] = positive[:, :-1, :-1]  # zeros at the top and the left
    paths = [convolve(positive[:, ::strides, ::strides], left), convolve(shifted[:, ::strides, ::strides], right)]
    assert left.shape == right.shape == (1, 1, 3, 3)
    np.testing.assert_allclose(y, normalise(np.concatenate(paths, -1), *statistics), rtol=1e-4, atol=1e-4)


def test_shake_changes_shape_in_exactly_three_blocks():
    """Also where 16 channels become K at stride 1: in the reference all three stages begin so."""
    network = small("model=shake26", "model.width=4")
    assert names(network, ".*_shortcut_concat") == [f"stage{i}_block0_shortcut_concat" for i in (1, 2, 3)]
    assert network.get_layer("stem_conv").filters == 16
    assert len(names(network, ".*_shake")) == len(names(network, ".*_add")) == 12
    assert [network.get_layer(f"stage{i}_block3_add").output.shape[1:] for i in (1, 2, 3)] == [
        (32, 32, 4),
        (16, 16, 8),
        (8, 8, 16),
    ]


def test_a_shake_block_in_numpy():
    """Skip plus the mean of two branches relu-conv-norm-relu-conv-norm, nothing after the sum (reference 4.4)."""
    network = small(*TINY["shake"], "model.width=16")  # as many channels as the stem: the first skip is the identity
    randomise(network)
    x, first, projected, second = seen(
        network, "stem_norm", "stage1_block0_add", "stage2_block0_shortcut_norm", "stage2_block0_add"
    )
    for name, source, skip, strides, y in (
        ("stage1_block0", x, x, 1, first),
        ("stage2_block0", first, projected, 2, second),
    ):
        branches = []
        for branch in (f"{name}_left", f"{name}_right"):
            inner = conv_norm(network, branch, "1", np.maximum(source, 0), strides)
            branches.append(conv_norm(network, branch, "2", np.maximum(inner, 0)))
        np.testing.assert_allclose(y, skip + sum(branches) / 2, rtol=1e-3, atol=1e-3 * np.abs(y).max())
        assert y.min() < 0


# Norms, activations, heads


@pytest.mark.parametrize(("family", "norm"), list(product(TINY, NORMS)))
def test_every_family_runs_with_every_norm(family, norm):
    network = ablation.build([*TINY[family], f"model.norm={norm}", "model.dropout=0.1"], (8, 8, 1), 5)
    for training in (True, False):
        logits = np.asarray(network(images(2, 8, 8, 1), training=training))
        assert logits.shape == (2, 5) and np.isfinite(logits).all()
        assert np.abs(logits[0] - logits[1]).max() > 1e-6
    kinds = {"batch": "BatchNormalization", "group": "GroupNormalization", "layer": "GroupNormalization"}
    found = {type(layer).__name__ for layer in network.layers if re.fullmatch(r".*_norm\d?", layer.name)}
    assert found == ({kinds[norm]} if norm in kinds else set())


@pytest.mark.parametrize("family", ["resnet", "bottleneck", "plain", "resnet_cifar", "shake"])
@pytest.mark.parametrize(
    ("overrides", "momentum", "epsilon"),
    [([], 0.9, 1e-5), (["model.norm_momentum=0.7", "model.norm_epsilon=1e-3"], 0.7, 1e-3)],
    ids=["default", "given"],
)
def test_batch_norm_is_as_configured(family, overrides, momentum, epsilon):
    network = small(*TINY[family], *overrides)
    norms = [layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)]
    assert {(layer.momentum, layer.epsilon) for layer in norms} == {(momentum, epsilon)}


def test_batch_norm_momentum_is_the_share_of_the_old_statistics():
    network = small(*TINY["resnet_cifar"])
    x, y = seen(network, "image", "stem_conv")
    network(x, training=True)
    norm = network.get_layer("stem_norm")
    np.testing.assert_allclose(norm.moving_mean, 0.1 * y.mean((0, 1, 2)), rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(norm.moving_variance, 0.9 + 0.1 * y.var((0, 1, 2)), rtol=1e-3)


@pytest.mark.parametrize(("norm", "channels", "groups"), [("layer", 6, 1), ("group", 6, 2), ("group", 64, 32)])
def test_group_and_layer_norm(norm, channels, groups):
    """Mean and variance of each image over pixels and a group's channels; 32 groups, or as many as divide."""
    x = images(2, 3, 3, channels)
    y, network = apply(partial(NORMS[norm], momentum=0.9, epsilon=1e-3), x, name="n")
    gamma, beta = network.get_weights()
    grouped = x.reshape(2, 3, 3, groups, channels // groups)
    mean, variance = grouped.mean((1, 2, 4), keepdims=True), grouped.var((1, 2, 4), keepdims=True)
    expected = ((grouped - mean) / np.sqrt(variance + 1e-3)).reshape(x.shape) * gamma + beta
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_of_the_schema_runs(activation):
    network = ablation.build([*TINY["resnet_cifar"], f"model.activation={activation}"], (8, 8, 1), 3)
    found = {layer.activation for layer in network.layers if isinstance(layer, keras.layers.Activation)}
    assert found == {keras.activations.get(activation)}
    assert np.isfinite(np.asarray(network(images(1, 8, 8, 1)))).all()


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_the_vgg_head_is_4096_4096_with_biases(dropout):
    network = small("model=vgg16", "model.width=4", f"model.dropout={dropout}")
    head = [layer.name for layer in network.layers if re.match("head|classifier", layer.name)]
    drops = [["head_dropout1"], ["head_dropout2"]] if dropout else [[], []]
    assert head == [
        "head_flatten",
        *["head_fc1", "head_act1", *drops[0]],
        *["head_fc2", "head_act2", *drops[1]],
        "classifier",
    ]
    for name, units in (("head_fc1", 4096), ("head_fc2", 4096), ("classifier", 10)):
        layer = network.get_layer(name)
        assert layer.units == units and layer.use_bias and layer.activation is keras.activations.linear
    assert all(network.get_layer(name).rate == dropout for drop in drops for name in drop)
    assert network.get_layer("head_fc1").kernel.shape == (32, 4096)


@pytest.mark.parametrize("family", [name for name in TINY if name != "vgg"])
def test_every_family_takes_the_vgg_head_on_all_its_features(family):
    network, pooled = small(*TINY[family], "model.head=vgg", "model.dropout=0.1"), small(*TINY[family])
    pool = pooled.get_layer("head_pool").input
    assert [layer.name for layer in network.layers if layer.name.startswith(("head", "classifier"))] == [
        *(["head_act"] if family == "shake" else []),
        *["head_flatten", "head_fc1", "head_act1", "head_dropout1", "head_fc2", "head_act2", "head_dropout2"],
        "classifier",
    ]
    assert network.get_layer("head_fc1").kernel.shape == (np.prod(pool.shape[1:]), 4096)
    assert len(kernels(network)) == len(kernels(pooled)) + 2
    model, other = (
        composition.compose([*TINY[family], "data=cifar10", f"model.head={h}"]) for h in ("vgg", "global_pool")
    )
    assert network_structure.depth(model.config.model) == network_structure.depth(other.config.model) + 2
    for name, kernel in kernels(pooled).items():
        if name != "classifier":
            np.testing.assert_array_equal(kernel, network.get_layer(name).kernel)


@pytest.mark.parametrize("family", TINY)
def test_dropout_stands_before_the_classifier_and_zero_adds_no_layer(family):
    without, given_rate = small(*TINY[family]), small(*TINY[family], "model.dropout=0.3")
    assert not [layer for layer in without.layers if isinstance(layer, keras.layers.Dropout)]
    (drop,) = [layer for layer in given_rate.layers if isinstance(layer, keras.layers.Dropout)]
    assert drop.rate == 0.3
    assert [layer.name for layer in given_rate.layers][-2:] == ["head_dropout", "classifier"]


@pytest.mark.parametrize("family", TINY)
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_under_half_precision_logits_and_weights_stay_float32(family, policy):
    keras.config.set_dtype_policy(policy)
    try:
        network = ablation.build(TINY[family], (8, 8, 1), 3)
    finally:
        keras.config.set_dtype_policy("float32")
    assert {w.dtype for w in network.weights} == {"float32"}
    assert network.output.dtype == "float32"
    assert network.get_layer("classifier").input.dtype == policy.removeprefix("mixed_")
    full = ablation.build(TINY[family], (8, 8, 1), 3)
    for ours, theirs in zip(network.get_weights(), full.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
