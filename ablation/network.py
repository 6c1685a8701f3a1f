"""cfg.model + input shape + classes -> keras.Model. The only place that looks names up in the registries."""

from dataclasses import replace
from functools import partial

import keras
import numpy as np

from ablation import plugins, streams, structure
from ablation.blocks import conv as parts
from ablation.blocks import head, shake
from ablation.blocks.head import HEADS
from ablation.blocks.norm import NORMS
from ablation.blocks.residual import BLOCKS, ORDERS
from ablation.blocks.shortcut import SHORTCUTS
from ablation.blocks.squeeze_excite import squeeze_excite
from ablation.blocks.stem import STEMS
from ablation.blocks.stochastic_depth import linear_decay, stochastic_depth
from ablation.blocks.vgg import vgg as vgg_block
from ablation.config import Model


def build(model: Model, input_shape: tuple[int, int, int], classes: int, seed: int = 0) -> keras.Model:
    """Build the network with the initial weights of `seed`.

    input_shape: (height, width, channels). The model maps (batch, height, width, channels) to logits (batch, classes).
    """
    network = _graph(model, input_shape, classes)
    initialise(network, seed)
    return network


def outline(model: Model, input_shape: tuple[int, int, int], classes: int) -> keras.Model:
    """The network's graph and the shapes of its weights, none of which is allocated: to be counted, not to be run."""
    with keras.StatelessScope(initialize_variables=False):
        return _graph(model, input_shape, classes)


def _graph(model: Model, input_shape: tuple[int, int, int], classes: int) -> keras.Model:
    structure.check(model, min(input_shape[:2]))
    inputs = keras.Input(input_shape, name="image")
    outputs = FAMILIES[model.family](model, inputs, classes)
    return keras.Model(inputs, outputs, name=structure.name(model))


def _vgg(model: Model, x, classes: int):
    conv, norm, activation = _parts(model)
    for i, convolutions in enumerate(model.repeats):
        filters = model.width * min(2**i, 8)  # 64, 128, 256, 512, 512
        x = vgg_block(x, filters, convolutions, conv=conv, norm=norm, activation=activation, name=f"stage{i + 1}")
    return _head(model, x, classes, activation)


def _resnet(model: Model, x, classes: int):
    conv, norm, activation = _parts(model)
    before = model.order == "pre"  # then one norm and activation end the network, and none follows stem and projections
    behind = {"norm": parts.absent if before else norm, "activation": parts.absent if before else activation}
    stem = STEMS[structure.stem(model, min(x.shape[1:3]))]
    x = stem(x, model.width, conv=conv, **behind)
    shortcut = SHORTCUTS[model.shortcut if model.residual else "plain"]
    given = {
        "conv": conv,
        "norm": norm,
        "last_norm": partial(norm, scale="zeros") if model.zero_init_last and model.residual else norm,
        "activation": activation,
        "shortcut": partial(shortcut, conv=conv, norm=behind["norm"]),
        "excite": partial(squeeze_excite, reduction=model.squeeze_excite, dense=_dense(model), activation=activation),
    }
    block = partial(_block(model), **given)
    rates = linear_decay(model.stochastic_depth, sum(model.repeats))
    blocks = [partial(block, drop=partial(stochastic_depth, rate=rate)) for rate in rates]
    x = _stages(blocks, x, model.repeats, model.width)
    if before:
        x = activation(norm(x, name="head_norm"), name="head_act")
    return _head(model, x, classes, activation)


def _block(model: Model):
    """A residual block that is given x, filters, strides and its parts: the user's own, or one of this package."""
    own = plugins.own("BLOCKS")
    if model.block in own:
        return own[model.block]
    convolutions = partial(BLOCKS[model.block], stride_in=model.stride_in, groups=model.groups)
    return partial(ORDERS[model.order], block=convolutions)


def _resnet_cifar(model: Model, x, classes: int):
    basic = {"block": "basic", "stem": "cifar", "repeats": structure.repeats(model)}
    return _resnet(replace(model, **basic), x, classes)


def _shake(model: Model, x, classes: int):
    conv, norm, activation = _parts(model)
    mix = partial(
        shake.ShakeShake, forward=model.shake_forward, backward=model.shake_backward, level=model.shake_level or "image"
    )
    x = norm(conv(x, 16, 3, 1, name="stem_conv"), name="stem_norm")
    block = partial(shake.shake, conv=conv, norm=norm, activation=activation, mix=mix)
    repeats = structure.repeats(model)
    x = _stages([block] * sum(repeats), x, repeats, model.width)
    return _head(model, activation(x, name="head_act"), classes, activation)


def _stages(blocks, x, repeats: list[int], width: int):
    """Each stage doubles the filters; each but the first halves the image in its first block."""
    blocks = iter(blocks)
    for i, count in enumerate(repeats):
        for j in range(count):
            strides = 2 if i > 0 and j == 0 else 1
            x = next(blocks)(x, width * 2**i, strides, name=f"stage{i + 1}_block{j}")
    return x


def _parts(model: Model):
    conv = partial(parts.conv, use_bias=model.conv_bias, initializer=model.initializer)
    norm = partial(
        {**NORMS, **plugins.own("NORMS")}[model.norm], momentum=model.norm_momentum, epsilon=model.norm_epsilon
    )
    activation = partial(parts.activate, activation=model.activation)
    return conv, norm, activation


def _dense(model: Model):
    return partial(head.dense, initializer=model.initializer)


def _head(model: Model, x, classes: int, activation):
    dropout = partial(head.drop, rate=model.dropout)
    return HEADS[model.head](x, classes, dense=_dense(model), activation=activation, dropout=dropout)


def initialise(network: keras.Model, seed: int) -> None:
    """Give every random initial value its draw of `seed`: kernels, and the seeds of layers that draw while training.

    Keyed by the layer's name, so that a layer which two variants share starts equal in both, on every backend; a layer
    within a layer of the user's own is keyed by its path.
    """
    for layer in network._flatten_layers(include_self=False):
        within = layer not in network.layers
        for weight in [] if layer._layers else layer.weights:
            initializer = _initializer(layer, weight.name)
            key = layer.name if weight.name == "kernel" and not within else weight.path
            if isinstance(initializer, keras.initializers.VarianceScaling):
                weight.assign(_kernel(initializer, weight.shape, seed, key))
            elif hasattr(initializer, "seed"):  # another law, of the user's own: drawn by the backend
                law = {**initializer.get_config(), "seed": streams.word(seed, "init", key)}
                weight.assign(type(initializer).from_config(law)(weight.shape, weight.dtype))
        if hasattr(layer, "seed_generator"):
            state = layer.seed_generator.state
            key = state.path if within else layer.name
            state.assign(np.array([streams.word(seed, "noise", key), 0], "uint32"))


def _initializer(layer: keras.Layer, weight: str):
    """What a layer says that a weight starts as; None where it does not say so."""
    names = (f"{weight}_initializer", f"{weight.removesuffix('_kernel')}_initializer", "depthwise_initializer")
    return next((getattr(layer, name) for name in names if hasattr(layer, name)), None)


def _kernel(initializer, shape: tuple[int, ...], seed: int, name: str) -> np.ndarray:
    """Variance scaling as Keras defines it (He et al. 2015, arXiv 1502.01852; Glorot & Bengio 2010), float32."""
    receptive = int(np.prod(shape[:-2]))
    fan_in, fan_out = shape[-2] * receptive, shape[-1] * receptive
    fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[initializer.mode]
    draw = streams.generator(seed, "init", name)
    if initializer.distribution == "uniform":
        limit = np.float32(np.sqrt(3 * initializer.scale / fan))
        return (draw.random(shape, "float32") * 2 - 1) * limit
    values = draw.standard_normal(int(np.prod(shape)), "float32")
    outside = np.flatnonzero(np.abs(values) > 2)
    while outside.size:  # a normal cut at two deviations: draw again what lies outside
        values[outside] = draw.standard_normal(outside.size, "float32")
        outside = outside[np.abs(values[outside]) > 2]
    truncated = 0.87962566103423978  # the deviation of what is left
    values *= np.float32(np.sqrt(initializer.scale / fan) / truncated)
    return values.reshape(shape)


def macs(network: keras.Model) -> int:
    """Multiply-adds of convolutions and dense layers for one image; norms, poolings and sums are not counted."""
    total = 0
    for layer in network.layers:
        kernels = sum(int(np.prod(w.shape)) for w in layer.weights if w.name.endswith("kernel"))
        total += kernels and int(np.prod(layer.output.shape[1:-1])) * kernels
    return total


def parameters(network: keras.Model) -> tuple[int, int]:
    """(trainable, total): convolutions, dense layers and norms; total adds the norms' moving statistics."""
    trainable = sum(int(np.prod(w.shape)) for w in network.trainable_weights)
    return trainable, network.count_params()


FAMILIES = {"vgg": _vgg, "resnet": _resnet, "resnet_cifar": _resnet_cifar, "shake": _shake}
