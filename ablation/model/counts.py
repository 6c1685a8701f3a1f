"""Parameters and multiply-accumulate operations (MACs) of a network."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

from ablation.model import keras_private

TRANSPOSED = (keras.layers.Conv1DTranspose, keras.layers.Conv2DTranspose, keras.layers.Conv3DTranspose)
# A layer, and the shape of its output; of a recurrent layer, that of its input.
Call = tuple[keras.Layer, tuple[Any, ...]]


def macs(network: keras.Model) -> int:
    """MACs of convolutions and dense layers for one example; norms, pooling and additions are not counted.

    Nor are products of two inputs, such as those of the queries and keys of attention.
    """
    return sum(_macs(layer, shape) for layer, shape in _calls(network))


def parameters(network: keras.Model) -> tuple[int, int]:
    """(trainable, total) parameters; the total includes the moving statistics of norms."""
    trainable = sum(int(np.prod(w.shape)) for w in network.trainable_weights)
    return trainable, network.count_params()


def _macs(layer: keras.Layer, output: Sequence[int]) -> int:
    if isinstance(layer, keras.layers.RNN):
        return output[1] * sum(math.prod(weight.shape) for weight in layer.weights if len(weight.shape) > 1)
    total = 0
    for weight in keras_private.own_weights(layer):
        if weight.name.endswith("kernel"):
            total += _positions(layer, output) * math.prod(weight.shape)
    return total


def _positions(layer: keras.Layer, output: Sequence[int]) -> int:
    """How often each weight of a kernel is used for one example. output: the shape, with the batch."""
    if isinstance(layer, keras.layers.EinsumDense):
        _, kernel, result = layer.equation.replace("->", ",").split(",")
        of_kernel = dict(zip(kernel, layer.kernel.shape, strict=True))
        shared = math.prod(size for letter, size in of_kernel.items() if letter in result)
        return math.prod(output[1:]) // shared
    positions = math.prod(output[2:] if getattr(layer, "data_format", None) == "channels_first" else output[1:-1])
    if isinstance(layer, TRANSPOSED):  # a kernel is applied at each position of the input
        positions //= math.prod(layer.strides)
    return positions


def _calls(network: keras.Model) -> list[Call]:
    """The calls of all layers that compute a network's output, which contain no others or have weights themselves."""
    if any(keras_private.children(layer) or _is_shared_or_variable(layer) for layer in network.layers):
        with _recorded() as calls:
            keras_private.traced_call(network, keras.KerasTensor((1, *network.input_shape[1:]), "float32"))
        return calls
    return [(layer, shape) for layer in network.layers if (shape := _shape(layer.output)) is not None]


def _shape(values: Any) -> tuple[Any, ...] | None:
    """The shape of the first tensor in a structure; None if there is none."""
    for value in keras.tree.flatten(values):
        if hasattr(value, "shape"):
            return tuple(value.shape)
    return None


def _is_shared_or_variable(layer: keras.Layer) -> bool:
    """Whether a layer is called several times, or its output's shape is not fixed."""
    nodes = keras_private.calls_in_graph(layer)
    return nodes != 1 or any(None in output.shape[1:] for output in keras.tree.flatten(layer.output))


@contextmanager
def _recorded() -> Iterator[list[Call]]:
    calls: list[Call] = []
    cells: set[int] = set()  # of recurrent layers, which are counted for all steps together
    call = keras.Layer.__call__

    def recorded(layer: keras.Layer, *args: Any, **kwargs: Any) -> Any:
        outputs = call(layer, *args, **kwargs)
        is_recurrent = isinstance(layer, keras.layers.RNN)
        shape = _shape((args, kwargs) if is_recurrent else outputs)
        if is_recurrent:
            cells.update(map(id, keras_private.children(layer)))
        if shape is not None and (is_recurrent or keras_private.own_weights(layer)):
            calls.append((layer, shape))
        return outputs

    with keras_private.replaced(keras.Layer, "__call__", recorded):
        yield calls
    calls[:] = [(layer, shape) for layer, shape in calls if id(layer) not in cells]
