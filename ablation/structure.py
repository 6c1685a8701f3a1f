"""What a model config says of its network before it is built: depth, name, smallest input. Without Keras."""

import math
from collections.abc import Iterator

from ablation.config import Model
from ablation.errors import AblateError

SHAKE_STAGES = CIFAR_STAGES = 3
WEIGHTED = {"basic": 2, "bottleneck": 3}  # layers of a block


def depth(model: Model) -> int | None:
    """Weighted layers as the papers count them: convolutions and dense layers on the way from image to classes.

    None for a block of the user's own, which does not say how many it has.
    """
    hidden = 2 if model.head == "vgg" else 0
    if model.depth is not None:  # it is given for a head of one layer
        return model.depth + hidden
    if model.family == "vgg":
        return sum(model.repeats) + 1 + hidden
    each = WEIGHTED.get(model.block)
    return None if each is None else 2 + each * sum(model.repeats) + hidden


def name(model: Model) -> str:
    """`resnet34`, `seresnext50_32x4d`, `preresnet110`, `plain20`, `shake26_2x32d`: from the structure, not the file."""
    if model.family == "vgg":
        return f"vgg{depth(model)}"
    if model.family == "shake":
        return f"shake{depth(model)}_2x{model.width}d"
    if depth(model) is None:  # by its blocks
        return f"{'resnet' if model.residual else 'plain'}_{sum(model.repeats)}x{model.block}"
    prefix = ("se" if model.squeeze_excite else "") + ("pre" if model.order == "pre" else "")
    kind = ("resnext" if model.groups > 1 else "resnet") if model.residual else "plain"
    groups = f"_{model.groups}x{group_width(model.width, model.groups)}d" if model.groups > 1 else ""
    return f"{prefix}{kind}{depth(model)}{groups}"


def repeats(model: Model) -> list[int]:
    """Blocks per stage of the families that are given by their depth, 6n+2 (He et al. 2015, section 4.2)."""
    return [(model.depth - 2) // 6] * CIFAR_STAGES


def stem(model: Model, image_size: int) -> str:
    """The stem that `auto` stands for: the ImageNet stem would leave nothing of a small image."""
    if model.stem != "auto":
        return model.stem
    return "cifar" if image_size <= 48 else "imagenet"


def group_width(filters: int, groups: int) -> int:
    """Width d of each group of a bottleneck's 3x3 convolution that keeps the weights of a block of `filters`.

    C groups: C (8 f d + 9 d^2) = 17 f^2 (Xie et al. 2017, arXiv 1611.05431, equation 4 and Table 2: 64, 40, 24, 14 and
    4 for f = 64 and 1, 2, 4, 8 and 32 groups), rounded, and at least 1.
    """
    return max(round(filters * (math.sqrt(16 + 153 / groups) - 4) / 9), 1)


def check(model: Model, image_size: int) -> None:
    """Raise AblateError for what no network has: a wrong depth, width or number of groups, too many poolings."""
    if model.depth is not None and (model.depth - 2) % 6:
        below = 6 * ((model.depth - 2) // 6) + 2
        raise AblateError(
            f"A network of three stages has 6n+2 layers. Received model.depth={model.depth}. "
            f"Allowed: 8, 14, 20, 26, 32, 44, 56, 110 and so on. Type for example model.depth={below}"
        )
    if model.family == "shake" and model.width % 2:
        raise AblateError(
            f"The two-path shortcut halves the filters. Received model.width={model.width}. Allowed: even numbers. "
            f"Type for example model.width={model.width + 1}"
        )
    if model.groups > 1 and model.block != "bottleneck":
        raise AblateError(
            f"Only a bottleneck's 3x3 convolution is grouped (ResNeXt). Received model.groups={model.groups} "
            f"model.block={model.block}. Allowed with it: model.groups=1. Type for example model=resnet50 "
            f"model.groups={model.groups}"
        )
    if model.family == "vgg":
        least = 2 ** len(model.repeats)
        if image_size < least:
            raise AblateError(
                f"The input is too small for {name(model)}: {len(model.repeats)} poolings halve it to nothing. "
                f"Received data.image_size={image_size}. Allowed: from {least}. "
                f"Type for example data.image_size={least}"
            )


def parameters(model: Model, image_size: int, channels: int, classes: int) -> int:
    """How many numbers the network holds, moving statistics included, as Keras counts them once it is built.

    Of a user's own block or norm only a guess: as many as a basic block and batch normalisation have.
    """
    count, size, features = COUNTS[model.family](model, image_size, channels)
    if model.head == "vgg":
        return count + _dense(size**2 * features, 4096) + _dense(4096, 4096) + _dense(4096, classes)
    return count + _dense(features, classes)


def _vgg(model: Model, size: int, before: int) -> tuple[int, int, int]:
    """The count of all but the head; side and channels of what the head sees."""
    count = 0
    for stage, convolutions in enumerate(model.repeats):
        filters = model.width * min(2**stage, 8)
        count += _conv_norm(model, 3, before, filters) + (convolutions - 1) * _conv_norm(model, 3, filters, filters)
        before, size = filters, size // 2
    return count, size, before


def _resnet(model: Model, size: int, channels: int) -> tuple[int, int, int]:
    """With pre-activation a norm stands before each convolution of a block, and one before the head."""
    pre = model.order == "pre"
    large = model.family == "resnet" and stem(model, size) == "imagenet"
    behind = _conv if pre else _conv_norm
    count, before = behind(model, 7 if large else 3, channels, model.width), model.width
    size = _halved(_halved(size)) if large else size
    for filters, strides in _blocks(model):
        after = before
        for kernel, to, groups in _convolutions(model, filters):
            count += _conv(model, kernel, after, to, groups) + _norm(model, after if pre else to)
            after = to
        count += _squeeze_excite(model, after)
        if model.residual and PROJECTS[model.shortcut](strides > 1 or before != after):
            count += behind(model, 1, before, after)
        before, size = after, _halved(size) if strides > 1 else size
    return count + (_norm(model, before) if pre else 0), size, before


def _shake(model: Model, size: int, channels: int) -> tuple[int, int, int]:
    count, before = _conv_norm(model, 3, channels, 16), 16
    for filters, strides in _blocks(model):
        count += 2 * (_conv_norm(model, 3, before, filters) + _conv_norm(model, 3, filters, filters))
        if before != filters or strides > 1:  # two 1x1 convolutions of half the filters, and one norm over both
            count += _conv_norm(model, 1, before, filters)
        before, size = filters, _halved(size) if strides > 1 else size
    return count, size, before


def _blocks(model: Model) -> Iterator[tuple[int, int]]:
    """Filters and strides of each block."""
    for stage, blocks in enumerate(model.repeats or repeats(model)):
        for block in range(blocks):
            yield model.width * 2**stage, 2 if stage > 0 and block == 0 else 1


def _convolutions(model: Model, filters: int) -> list[tuple[int, int, int]]:
    """Kernel size, filters and groups of each convolution of a residual block."""
    if model.block == "bottleneck":
        inner = model.groups * group_width(filters, model.groups)
        return [(1, inner, 1), (3, inner, model.groups), (1, 4 * filters, 1)]
    return [(3, filters, 1), (3, filters, 1)]


def _halved(size: int) -> int:
    """What stride 2 leaves where both sides are padded."""
    return -(-size // 2)


def _conv_norm(model: Model, kernel: int, before: int, after: int) -> int:
    return _conv(model, kernel, before, after) + _norm(model, after)


def _conv(model: Model, kernel: int, before: int, after: int, groups: int = 1) -> int:
    return (kernel * kernel * before // groups + bool(model.conv_bias)) * after


def _norm(model: Model, channels: int) -> int:
    return {"batch": 4, "layer": 2, "group": 2, "none": 0}.get(model.norm, 4) * channels


def _squeeze_excite(model: Model, channels: int) -> int:
    hidden = max(channels // model.squeeze_excite, 1) if model.squeeze_excite else 0
    return _dense(channels, hidden) + _dense(hidden, channels) if hidden else 0


def _dense(before: int, after: int) -> int:
    return (before + 1) * after


PROJECTS = {  # does a shortcut have a convolution, given whether the shape changes?
    "identity_pad": lambda changes: False,
    "projection": lambda changes: changes,
    "projection_all": lambda changes: True,
}
COUNTS = {"vgg": _vgg, "resnet": _resnet, "resnet_cifar": _resnet, "shake": _shake}
