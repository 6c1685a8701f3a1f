import pytest

from ablation import data
from ablation.model import counts, network
from ablation.runtime import threads

NETWORKS = [
    ["model=vgg16", "data=cifar10"],
    ["model=vgg19", "data=cifar10", "model.width=16"],
    ["model=plain34", "data=cifar10"],
    ["model=resnet34", "data=digits", "model.width=8"],
    ["model=resnet34", "data=cifar10", "model.stem=imagenet"],
    ["model=resnet50", "data=cifar10"],
    ["model=resnet_cifar", "model.depth=20", "data=cifar10"],
    ["model=shake26", "data=cifar10", "model.width=32"],
]


@pytest.mark.integration
@pytest.mark.parametrize("words", NETWORKS, ids=" ".join)
def test_the_approximation_is_within_a_factor_of_two_of_the_network(quick, words):
    config = quick.config(words)
    shape, classes = data.describe(config.data)
    exact = counts.macs(network.outline(config.model, shape, len(classes)))
    assert exact / 2 < threads.approximate_macs(config.model, shape[0]) < exact * 2


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["model=resnet34", "data=digits", "model.width=8"], 1),
        (["model=resnet34", "data=digits", "model.width=8", "train.batch_size=512"], 6),
        (["model=resnet34", "data=cifar10"], 6),
        (["model=resnet_cifar", "model.depth=8", "model.width=4", "data=digits"], 1),
    ],
    ids=str,
)
def test_a_small_network_trains_on_a_single_thread(quick, words, expected):
    assert threads.default_threads(quick.config(words), 6) == expected
