"""Depth, name and the width of groups follow from the keys of a network."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ablation.cli import composition
from ablation.config import network_structure


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


@pytest.mark.parametrize(("groups", "width"), [(1, 64), (2, 40), (4, 24), (8, 14), (32, 4)])
def test_the_width_of_a_group_is_that_of_the_resnext_paper(groups, width):
    """Xie et al. 2017, Table 2, whose blocks all have about 70 k weights."""
    assert network_structure.group_width(64, groups) == width
    weights = groups * (256 * width + 9 * width**2 + width * 256)
    assert abs(weights - 69_632) < 0.04 * 69_632


@given(filters=st.integers(1, 2048), groups=st.integers(1, 1024))
def test_the_width_of_a_group_solves_its_equation(filters, groups):
    """C (8 f d + 9 d^2) = 17 f^2 lies within half a step of the width, or below one."""

    def weights(width: float) -> float:
        return groups * (8 * filters * width + 9 * width**2)

    width = network_structure.group_width(filters, groups)
    assert width >= 1 and 17 * filters**2 <= weights(width + 0.5) * (1 + 1e-9)
    assert width == 1 or 17 * filters**2 >= weights(width - 0.5) * (1 - 1e-9)
    assert network_structure.group_width(filters, 1) == filters
