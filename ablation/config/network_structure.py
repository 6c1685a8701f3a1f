"""The structure of a network, derived from its config without Keras: depth, name, smallest input, shared weights."""

import math
from collections.abc import Collection

from ablation.config.plugins.own_schema import OwnChoice
from ablation.config.schema import Model
from ablation.errors import AblateError

CIFAR_STAGES = 3
WEIGHTED = {"basic": 2, "bottleneck": 3}  # weighted layers per block
# Initial weights depend on the seed, the layer's name, its shape and the initializer. These keys change the shape or
# the initializer of every layer between the stem and the classifier, or the names of most; any other key leaves some.
SEPARATING = frozenset({"model.family", "model.width", "model.initializer"})


def depth(model: Model) -> int | None:
    """The number of weighted layers as the papers count them: convolutions and dense layers from image to logits.

    None for a block or network from a plugin, because its number of layers is unknown.
    """
    if isinstance(model, OwnChoice):
        return None
    hidden = 2 if model.head == "vgg" else 0
    if model.depth is not None:  # includes one layer of the head
        return model.depth + hidden
    if model.family == "vgg":
        return sum(model.repeats) + 1 + hidden
    if model.block not in WEIGHTED:
        return None
    return 2 + WEIGHTED[model.block] * sum(model.repeats) + hidden


def name(model: Model) -> str:
    """The name of a structure: `resnet34`, `seresnext50_32x4d`, `preresnet110`, `plain20`, `shake26_2x32d`.

    A network from a plugin has the name that the plugin gives it.
    """
    if isinstance(model, OwnChoice):
        return model.family
    if model.family == "vgg":
        return f"vgg{depth(model)}"
    if model.family == "shake":
        return f"shake{depth(model)}_2x{model.width}d"
    if depth(model) is None:  # named after its block, because its number of layers is unknown
        kind = "resnet" if model.residual else "plain"
        return f"{kind}_{sum(model.repeats)}x{model.block}"
    prefix = ""
    if model.squeeze_excite:
        prefix += "se"
    if model.order == "pre":
        prefix += "pre"
    return f"{prefix}{_kind(model)}{depth(model)}{_groups(model)}"


def _kind(model: Model) -> str:
    if not model.residual:
        return "plain"
    return "resnext" if model.groups > 1 else "resnet"


def _groups(model: Model) -> str:
    if model.groups == 1:
        return ""
    return f"_{model.groups}x{group_width(model.width, model.groups)}d"


def repeats(model: Model) -> list[int]:
    """Blocks per stage in families whose depth 6n+2 is configured (He et al. 2015, section 4.2)."""
    return [(model.depth - 2) // 6] * CIFAR_STAGES


def stem(model: Model, image_size: int) -> str:
    """The stem, with `auto` resolved by the image size in pixels: the ImageNet stem reduces small images too much."""
    if model.stem != "auto":
        return model.stem
    return "cifar" if image_size <= 48 else "imagenet"


def group_width(filters: int, groups: int) -> int:
    """The width d of each group in a bottleneck's 3x3 convolution that keeps the number of weights of a ResNet block.

    With f filters and C groups, C (8 f d + 9 d^2) = 17 f^2 (Xie et al. 2017, arXiv 1611.05431, equation 4; Table 2: 64,
    40, 24, 14 and 4 for f = 64 and 1, 2, 4, 8 and 32 groups), rounded, and at least 1.
    """
    return max(round(filters * (math.sqrt(16 + 153 / groups) - 4) / 9), 1)


def shares_initial_weights(differing: Collection[str]) -> bool:
    """Return whether networks of one seed start with some equal kernels between stem and classifier.

    differing: the keys in which their configs differ. Without such kernels, runs of one seed are hardly correlated.
    """
    return SEPARATING.isdisjoint(differing)


def check(model: Model, image_size: int) -> None:
    """Raise AblateError for an invalid depth, width or number of groups, or an input too small for the poolings.

    image_size: the shorter side of the images in pixels.
    """
    if isinstance(model, OwnChoice):
        return
    _check_depth(model)
    _check_width(model)
    _check_groups(model)
    _check_image_size(model, image_size)


def _check_depth(model: Model) -> None:
    if model.depth is not None and (model.depth - 2) % 6:
        below = 6 * ((model.depth - 2) // 6) + 2
        raise AblateError(
            f"A network of three stages has 6n+2 layers. Received model.depth={model.depth}. "
            f"Allowed: 8, 14, 20, 26, 32, 44, 56, 110 and so on. Type for example model.depth={below}"
        )


def _check_width(model: Model) -> None:
    if model.family == "shake" and model.width % 2:
        raise AblateError(
            f"The two-path shortcut halves the filters. Received model.width={model.width}. Allowed: even numbers. "
            f"Type for example model.width={model.width + 1}"
        )


def _check_groups(model: Model) -> None:
    if model.groups > 1 and model.block != "bottleneck":
        raise AblateError(
            f"Only a bottleneck's 3x3 convolution is grouped (ResNeXt). Received model.groups={model.groups} "
            f"model.block={model.block}. Allowed with it: model.groups=1. Type for example model=resnet50 "
            f"model.groups={model.groups}"
        )


def _check_image_size(model: Model, image_size: int) -> None:
    if model.family != "vgg":
        return
    smallest = 2 ** len(model.repeats)
    if image_size < smallest:
        raise AblateError(
            f"The input is too small for {name(model)}: {len(model.repeats)} poolings halve it to nothing. "
            f"Received data.image_size={image_size}. Allowed: from {smallest}. "
            f"Type for example data.image_size={smallest}"
        )
