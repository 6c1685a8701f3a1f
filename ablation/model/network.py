"""Build a `keras.Model` from `cfg.model`, an input shape and a number of classes.

This is the only module that looks names up in the registries.
"""

from dataclasses import replace
from functools import partial

import keras

from ablation.config import network_structure
from ablation.config.plugins import registry
from ablation.config.plugins.own_schema import OwnChoice
from ablation.config.schema import Model
from ablation.errors import AblateError
from ablation.model import own_checks
from ablation.model.blocks import conv as blocks_conv
from ablation.model.blocks import head, shake
from ablation.model.blocks.head import HEADS
from ablation.model.blocks.norm import NORMS
from ablation.model.blocks.residual import BLOCKS, ORDERS
from ablation.model.blocks.shortcut import SHORTCUTS
from ablation.model.blocks.squeeze_excite import squeeze_excite
from ablation.model.blocks.stem import STEMS
from ablation.model.blocks.stochastic_depth import linear_decay, stochastic_depth
from ablation.model.blocks.vgg import vgg as vgg_block
from ablation.model.initialization import initialise
from ablation.model.keras_private import without_values
from ablation.model.layer_origins import keep, recorded
from ablation.model.own_network import OwnNetwork

IMAGE_AXES = 3  # height, width, channels


def build(model: Model, input_shape: tuple[int, ...], classes: int, seed: int = 0) -> keras.Model:
    """Build the network with the initial weights of `seed`.

    input_shape: of one example; (height, width, channels) of an image. The model maps (batch, *input_shape) to logits
    (batch, classes). Raises AblateError for a plugin's network that could not be trained and compared.
    """
    network = _graph(model, input_shape, classes)
    if isinstance(model, OwnChoice):
        own_checks.check(OwnNetwork(model, input_shape, classes), network)
    initialise(network, seed)
    return network


def outline(model: Model, input_shape: tuple[int, ...], classes: int) -> keras.Model:
    """The network without allocated weights: it can be counted, but not run."""
    with without_values():
        return _graph(model, input_shape, classes)


def _graph(model: Model, input_shape: tuple[int, ...], classes: int) -> keras.Model:
    if isinstance(model, OwnChoice):
        return OwnNetwork(model, input_shape, classes).graph()
    if len(input_shape) != IMAGE_AXES:
        raise AblateError(
            f"{network_structure.name(model)} takes images, and the data has examples of shape {input_shape}. Received "
            f"model.family={model.family}. Allowed: a network of your own for such data. Type plugins=[my_net.py] "
            "model=mine, and see docs/own_network.md"
        )
    network_structure.check(model, min(input_shape[:2]))
    with recorded() as origins:
        inputs = keras.Input(input_shape, name="image")
        outputs = FAMILIES[model.family](model, inputs, classes)
        network = keras.Model(inputs, outputs, name=network_structure.name(model))
    keep(network, origins)
    return network


def _vgg(model: Model, x, classes: int):
    conv, norm, activation = _parts(model)
    for i, convolutions in enumerate(model.repeats):
        filters = model.width * min(2**i, 8)  # 64, 128, 256, 512, 512
        x = vgg_block(x, filters, convolutions, conv=conv, norm=norm, activation=activation, name=f"stage{i + 1}")
    return _head(model, x, classes, activation)


def _resnet(model: Model, x, classes: int):
    conv, norm, activation = _parts(model)
    # In pre-activation order no norm or activation follows the stem and projections; one of each ends the network.
    is_pre = model.order == "pre"
    after_conv = {
        "norm": blocks_conv.absent if is_pre else norm,
        "activation": blocks_conv.absent if is_pre else activation,
    }
    stem = STEMS[network_structure.stem(model, min(x.shape[1:3]))]
    x = stem(x, model.width, conv=conv, **after_conv)
    shortcut = SHORTCUTS[model.shortcut if model.residual else "plain"]
    parts = {
        "conv": conv,
        "norm": norm,
        "last_norm": partial(norm, scale="zeros") if model.zero_init_last and model.residual else norm,
        "activation": activation,
        "shortcut": partial(shortcut, conv=conv, norm=after_conv["norm"]),
        "excite": partial(squeeze_excite, reduction=model.squeeze_excite, dense=_dense(model), activation=activation),
    }
    block = partial(_block(model), **parts)
    rates = linear_decay(model.stochastic_depth, sum(model.repeats))
    blocks = [partial(block, drop=partial(stochastic_depth, rate=rate)) for rate in rates]
    x = _stages(blocks, x, model.repeats, model.width)
    if is_pre:
        x = activation(norm(x, name="head_norm"), name="head_act")
    return _head(model, x, classes, activation)


def _block(model: Model):
    """The block function of `model.block`, from a plugin or from this package."""
    from_plugins = registry.parts("BLOCKS")
    if model.block in from_plugins:
        return from_plugins[model.block]
    convolutions = partial(BLOCKS[model.block], stride_in=model.stride_in, groups=model.groups)
    return partial(ORDERS[model.order], block=convolutions)


def _resnet_cifar(model: Model, x, classes: int):
    basic = {"block": "basic", "stem": "cifar", "repeats": network_structure.repeats(model)}
    return _resnet(replace(model, **basic), x, classes)


def _shake(model: Model, x, classes: int):
    conv, norm, activation = _parts(model)
    mix = partial(
        shake.ShakeShake, forward=model.shake_forward, backward=model.shake_backward, level=model.shake_level or "image"
    )
    x = norm(conv(x, 16, 3, 1, name="stem_conv"), name="stem_norm")
    block = partial(shake.shake, conv=conv, norm=norm, activation=activation, mix=mix)
    repeats = network_structure.repeats(model)
    x = _stages([block] * sum(repeats), x, repeats, model.width)
    return _head(model, activation(x, name="head_act"), classes, activation)


def _stages(blocks, x, repeats: list[int], width: int):
    """Apply the blocks of all stages. Each stage doubles the filters; all but the first halve the image size."""
    blocks = iter(blocks)
    for i, count in enumerate(repeats):
        for j in range(count):
            strides = 2 if i > 0 and j == 0 else 1
            x = next(blocks)(x, width * 2**i, strides, name=f"stage{i + 1}_block{j}")
    return x


def _parts(model: Model):
    conv = partial(blocks_conv.conv, use_bias=model.conv_bias, initializer=model.initializer)
    norm = partial(
        {**NORMS, **registry.parts("NORMS")}[model.norm], momentum=model.norm_momentum, epsilon=model.norm_epsilon
    )
    activation = partial(blocks_conv.activate, activation=model.activation)
    return conv, norm, activation


def _dense(model: Model):
    return partial(head.dense, initializer=model.initializer)


def _head(model: Model, x, classes: int, activation):
    dropout = partial(head.drop, rate=model.dropout)
    return HEADS[model.head](x, classes, dense=_dense(model), activation=activation, dropout=dropout)


FAMILIES = {"vgg": _vgg, "resnet": _resnet, "resnet_cifar": _resnet_cifar, "shake": _shake}
