"""Our networks against the ones that Keras ships: equal weights give equal outputs, so published weights fit."""

import keras
import numpy as np
import pytest

import ablation

pytestmark = pytest.mark.integration

CLASSES = 1000
NETWORKS = {
    "vgg16": keras.applications.VGG16,
    "vgg19": keras.applications.VGG19,
    "resnet50": keras.applications.ResNet50,
    "resnet101": keras.applications.ResNet101,
    "resnet152": keras.applications.ResNet152,
}
SIZES = {"vgg16": (224, 96), "resnet50": (224, 96, 75)}  # 75: no stage divides it evenly; the others are deeper alone
LONG = {("resnet152", 96), ("resnet101", 96), ("resnet50", 224), ("vgg16", 224)}
CASES = [
    pytest.param(name, size, marks=pytest.mark.slow) if (name, size) in LONG else (name, size)
    for name in NETWORKS
    for size in SIZES.get(name, (96,))
]


@pytest.fixture(autouse=True)
def memory():
    """A VGG holds 0.55 GB of weights: let go of them before the next."""
    keras.utils.clear_session()
    yield
    keras.utils.clear_session()


def overrides(name: str) -> list[str]:
    return [f"model={name}"] + ([] if "vgg" in name else ["model.conv_bias=true", "model.norm_epsilon=1.001e-5"])


def randomise(network: keras.Model) -> None:
    """Replace what begins as zeros and ones, so that a bias or a statistic in the wrong place shows."""
    draw = np.random.default_rng(1)
    for weight in network.weights:
        if weight.name == "gamma":
            weight.assign(draw.uniform(0.5, 1.5, weight.shape))
        elif weight.name == "moving_variance":
            weight.assign(draw.uniform(0.5, 2, weight.shape))
        elif weight.name != "kernel":  # bias, beta, moving_mean
            weight.assign(draw.normal(0, 0.2, weight.shape))


@pytest.mark.parametrize(("name", "size"), CASES)
@pytest.mark.usefixtures("undrawn")
def test_with_the_weights_of_keras_applications_the_outputs_are_equal(name, size):
    shape = (size, size, 3)
    keras.utils.set_random_seed(1)
    theirs = NETWORKS[name](weights=None, input_shape=shape, classes=CLASSES, classifier_activation=None)
    randomise(theirs)
    ours = ablation.build(overrides(name), shape, CLASSES)
    ours.set_weights(theirs.get_weights())
    images = np.random.default_rng(0).normal(0, 64, (2, *shape)).astype("float32")  # the size of pixels less their mean
    expected, received = (np.asarray(network(images, training=False)) for network in (theirs, ours))
    largest = np.abs(expected).max()
    assert received.shape == expected.shape == (2, CLASSES)
    assert np.abs(expected[0] - expected[1]).max() > 0.002 * largest  # the image still shows at the end
    assert np.abs(received - expected).max() <= 1e-4 * largest
