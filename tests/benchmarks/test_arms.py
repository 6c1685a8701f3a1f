"""The arms do the same work: equal networks, and crops and flips that are those of `ablate`."""

import numpy as np
import pytest

from ablation.cli import composition
from ablation.data import augmentations
from ablation.data.augmentations import PAD, Draws
from benchmarks.bench.arms import keras_networks
from benchmarks.bench.settings import NETWORKS

FILL = np.array([10, 20, 30], "uint8")


def possible(image: np.ndarray) -> set[bytes]:
    """The results of every crop and flip of an image."""
    side = 2 * PAD + 1
    offsets = np.stack(np.meshgrid(range(side), range(side)), -1).reshape(-1, 2)
    found = set()
    for flip in (False, True):
        draws = Draws(offsets, np.full(len(offsets), flip))
        found |= {each.tobytes() for each in augmentations.crop_flip(np.stack([image] * len(offsets)), draws, FILL)}
    return found


def test_keras_arm_crops_and_flips_like_ablate():
    from benchmarks.bench.arms import keras_fit

    pixels = np.random.default_rng(0).integers(0, 256, (200, 8, 8, 3), "uint8")
    results = [image.tobytes() for image in keras_fit.crop_flip(pixels, FILL).numpy()]
    for image, result in zip(pixels, results, strict=True):
        assert result in possible(image)
    kept = sum(image.tobytes() == result for image, result in zip(pixels, results, strict=True))
    assert kept < 20  # one of 162 results is the image itself


def test_torch_arm_crops_and_flips_like_ablate():
    torch = pytest.importorskip("torch")
    from benchmarks.bench.arms import torch_eager
    from benchmarks.bench.images import Loaded

    pixels = np.random.default_rng(0).integers(0, 256, (200, 8, 8, 3), "uint8")
    loaded = Loaded(pixels, np.zeros(200, "int32"), FILL.astype("float32"), np.ones(3, "float32"))
    batches = torch_eager.Batches(loaded, torch.contiguous_format)
    images = batches.augmented(torch.arange(200)).permute(0, 2, 3, 1).numpy() + FILL
    results = [image.astype("uint8").tobytes() for image in images]
    for image, result in zip(pixels, results, strict=True):
        assert result in possible(image)
    assert len({image.tobytes() for image in pixels} & set(results)) < 20


@pytest.mark.integration
@pytest.mark.parametrize("name", NETWORKS)
def test_the_networks_of_all_arms_are_those_of_ablate(name):
    import keras

    from ablation.model import network

    cfg = composition.compose([*NETWORKS[name].overrides, "data=cifar10"]).config
    ours, plain = network.build(cfg.model, (32, 32, 3), 10), keras_networks.build(name)
    weights = {variable.path: variable.numpy() for variable in ours.trainable_variables}
    variables = {variable.path: variable for variable in plain.trainable_variables}
    assert variables.keys() == weights.keys()
    for path, variable in variables.items():
        variable.assign(weights[path])
    images = np.random.default_rng(0).standard_normal((2, 32, 32, 3)).astype("float32")
    expected = keras.ops.convert_to_numpy(ours(images, training=False))
    np.testing.assert_allclose(plain(images, training=False), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.integration
@pytest.mark.parametrize("name", NETWORKS)
def test_the_networks_in_pytorch_have_the_same_outputs(name):
    torch = pytest.importorskip("torch")
    from benchmarks.bench.arms import torch_networks

    plain = keras_networks.build(name)
    network = torch_networks.build(name).eval()
    torch_networks.put(network, {variable.path: variable.numpy() for variable in plain.trainable_variables})
    images = np.random.default_rng(0).standard_normal((2, 32, 32, 3)).astype("float32")
    with torch.no_grad():
        outputs = network(torch.from_numpy(images).permute(0, 3, 1, 2)).numpy()
    np.testing.assert_allclose(outputs, plain(images, training=False), rtol=1e-3, atol=1e-3)


def test_weights_of_another_network_are_refused():
    pytest.importorskip("torch")
    from benchmarks.bench.arms import torch_networks

    with pytest.raises(ValueError, match="differ"):
        torch_networks.put(torch_networks.build("vgg16"), {})
