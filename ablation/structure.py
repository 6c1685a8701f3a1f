"""What a model config says of its network before it is built: depth, name, smallest input. Without Keras."""

from collections.abc import Callable

from ablation.config import Model
from ablation.errors import AblateError

SHAKE_STAGES = CIFAR_STAGES = 3


def depth(model: Model) -> int:
    """Weighted layers as the papers count them: convolutions and dense layers, without projections."""
    if model.depth is not None:
        return model.depth
    if model.family == "vgg":
        return sum(model.repeats) + (3 if model.head == "vgg" else 1)
    return 2 + {"basic": 2, "bottleneck": 3}[model.block] * sum(model.repeats)


def name(model: Model) -> str:
    """`resnet34`, `plain20`, `vgg16`, `shake26_2x32d`: derived from the structure, not from the file's name."""
    if model.family == "vgg":
        return f"vgg{depth(model)}"
    if model.family == "shake":
        return f"shake{depth(model)}_2x{model.width}d"
    return f"{'resnet' if model.residual else 'plain'}{depth(model)}"


def repeats(model: Model) -> list[int]:
    """Blocks per stage of the families that are given by their depth, 6n+2 (He et al. 2015, section 4.2)."""
    return [(model.depth - 2) // 6] * CIFAR_STAGES


def stem(model: Model, image_size: int) -> str:
    """The stem that `auto` stands for: the ImageNet stem would leave nothing of a small image."""
    if model.stem != "auto":
        return model.stem
    return "cifar" if image_size <= 48 else "imagenet"


def check(model: Model, image_size: int) -> None:
    """Raise AblateError for a depth that is not 6n+2, an odd Shake width and an input too small for the poolings."""
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
    if model.family == "vgg":
        least = 2 ** len(model.repeats)
        if image_size < least:
            raise AblateError(
                f"The input is too small for {name(model)}: {len(model.repeats)} poolings halve it to nothing. "
                f"Received data.image_size={image_size}. Allowed: from {least}. "
                f"Type for example data.image_size={least}"
            )


def parameters(model: Model, image_size: int, channels: int, classes: int) -> int:
    """How many numbers the network holds, moving statistics included, as Keras counts them once it is built."""

    def conv(kernel: int, before: int, after: int) -> int:
        return (kernel * kernel * before + bool(model.conv_bias)) * after + norm[model.norm] * after

    norm = {"batch": 4, "layer": 2, "group": 2, "none": 0}
    if model.family == "vgg":
        return _vgg(model, image_size, channels, classes, conv)
    shake = model.family == "shake"
    first = 16 if shake else model.width
    kernel = 7 if not shake and (model.stem or "cifar") != "cifar" and stem(model, image_size) == "imagenet" else 3
    total, before = conv(kernel, channels, first), first
    for stage, blocks in enumerate(model.repeats or repeats(model)):
        filters = model.width * 2**stage
        for block in range(blocks):
            moved = block == 0 and stage > 0
            if shake:
                total += 2 * (conv(3, before, filters) + conv(3, filters, filters))
                # two 1x1 convolutions of half the filters, and one norm over both
                total += conv(1, before, filters) if moved or before != filters else 0
                before = filters
                continue
            after = filters * (4 if model.block == "bottleneck" else 1)
            if model.block == "bottleneck":
                total += conv(1, before, filters) + conv(3, filters, filters) + conv(1, filters, after)
            else:
                total += conv(3, before, filters) + conv(3, filters, filters)
            projects = moved or before != after if model.shortcut == "projection" else model.shortcut != "identity_pad"
            total += conv(1, before, after) if model.residual and projects else 0
            before = after
    return total + _dense(before, classes)


def _vgg(model: Model, image_size: int, channels: int, classes: int, conv: Callable[[int, int, int], int]) -> int:
    total, before = 0, channels
    for stage, convolutions in enumerate(model.repeats):
        filters = model.width * min(2**stage, 8)
        total += conv(3, before, filters) + (convolutions - 1) * conv(3, filters, filters)
        before = filters
    if model.head == "vgg":
        pixels = (image_size // 2 ** len(model.repeats)) ** 2
        return total + _dense(pixels * before, 4096) + _dense(4096, 4096) + _dense(4096, classes)
    return total + _dense(before, classes)


def _dense(before: int, after: int) -> int:
    return (before + 1) * after
