"""Check what a plugin's network computes: logits for each example, and the same from the same values."""

import contextlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from ablation.config.plugins.offline import offline
from ablation.errors import AblateError
from ablation.model import keras_private
from ablation.model.own_network import OwnNetwork, Unseeded, ends_in_logits

EXAMPLES, FEW = 16, 2  # of a compiled call, and of one outside a compiled function
MOST_LAYERS_ON_JAX = 60  # a call outside a compiled function compiles each operation
UNSEEDED = ("you should only use seeded random ops", "Random ops require a seed")  # Keras on JAX, and TensorFlow
FAR = 1e3  # a factor of inputs at which a sigmoid is 0 or 1
SATURATED = 0.99


@dataclass(frozen=True)
class Computed:
    """Examples, float32 (b, *input_shape), and the outputs in training, float64 (b, classes)."""

    examples: np.ndarray
    outputs: np.ndarray


def check_outputs(own: OwnNetwork, graph: keras.Model) -> Computed | None:
    """Raise AblateError for outputs that are probabilities, or that differ from one call to the next.

    Returns what it computed; None if the network was only traced. On JAX, networks of more than MOST_LAYERS_ON_JAX
    layers are only traced: Keras then refuses random numbers without a seed, but not those of NumPy.
    """
    is_jax = keras.backend.backend() == "jax"
    if is_jax and len(keras_private.all_layers(graph)) > MOST_LAYERS_ON_JAX:
        images = _normal(own, EXAMPLES)
        _guarded(own, graph, lambda: keras_private.traced_call(graph, keras.KerasTensor(images.shape, "float32")))
        _refuse_probabilities(own, graph, images)
        return None
    computed = _computed(own, graph)
    images, first = computed.examples, computed.outputs
    second = trained(own, graph, images)
    if not np.array_equal(first, second, equal_nan=True):
        raise own.unseeded(_first_difference(own, graph, images))
    if len(first) != len(images):
        raise own.error(
            f"has {len(first)} outputs for {len(images)} examples",
            "one row of logits for each example",
            "Correct the shapes: the first axis is that of the examples",
        )
    if any(not np.isfinite(_array(weight.value)).all() for weight in graph.weights):
        allowed, remedy = "finite initial weights", "Correct the initializer of its weights"
        raise own.error("starts from weights that are NaN or infinite", allowed, remedy)
    _refuse_probabilities(own, graph, images)
    return computed


def _normal(own: OwnNetwork, count: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((count, *own.input_shape), "float32")


def _computed(own: OwnNetwork, graph: keras.Model) -> Computed:
    """Outputs for examples of which the network computes numbers: normal ones, whole numbers, positive ones, or many.

    Raises AblateError, with the error of the first, if it can be called with none of them.
    """
    normal = _normal(own, FEW)
    candidates = [normal, np.floor(np.abs(normal)), np.abs(normal) + 0.1, _normal(own, 2 * EXAMPLES)]
    first_error: AblateError | None = None
    working: Computed | None = None
    for images in candidates:
        try:
            outputs = trained(own, graph, images)
        except Unseeded:
            raise
        except AblateError as error:
            first_error = first_error or error
            continue
        working = working or Computed(images, outputs)
        if np.isfinite(outputs).all():
            return Computed(images, outputs)
    if working is None:
        raise first_error or own.cannot_be_built(ValueError("no examples"))
    return working


def _refuse_probabilities(own: OwnNetwork, graph: keras.Model, images: np.ndarray) -> None:
    """Raise AblateError if the outputs are those of a softmax, or of a sigmoid: near 0 and 1 for inputs far from 0."""
    if ends_in_logits(graph):
        return
    if np.array_equal(images, np.floor(images)):
        images = np.resize(images, (EXAMPLES, *images.shape[1:]))
    elif len(images) < EXAMPLES:
        images = np.resize(np.concatenate([images, images * 0.5, images * 2]), (EXAMPLES, *images.shape[1:]))
    outputs = _array(_guarded(own, graph, lambda: graph.predict_on_batch(images)))
    is_share = outputs.min() >= 0 and outputs.max() <= 1
    if not is_share or not np.ptp(outputs, axis=0).any():
        return
    if np.allclose(outputs.sum(axis=1), 1, atol=1e-2):
        raise own.no_logits("softmax")
    far = _array(_guarded(own, graph, lambda: graph.predict_on_batch(images * np.float32(FAR))))
    if 0 <= far.min() < 1 - SATURATED and SATURATED < far.max() <= 1:
        raise own.no_logits("sigmoid")


def trained(own: OwnNetwork, graph: keras.Model, images: np.ndarray) -> np.ndarray:
    """The outputs in training, float64 (b, classes)."""
    return _array(_guarded(own, graph, lambda: graph(images, training=True)))


def _array(outputs: Any) -> np.ndarray:
    return np.asarray(keras.ops.cast(outputs, "float32"), "float64")


def _guarded(own: OwnNetwork, graph: keras.Model, call: Callable[[], Any]) -> Any:
    """What a call returns; it changes no value. Raises AblateError if it draws from a generator without a seed."""
    before = _global_generators()
    try:
        with offline(), _values_restored(graph):
            returned = call()
    except (Exception, SystemExit) as error:
        if any(text in str(error) for text in UNSEEDED):
            raise own.unseeded("") from error
        raise own.cannot_be_built(error) from error
    if _global_generators() != before:
        raise own.unseeded(", which it draws from the generators of Python or NumPy")
    return returned


def _global_generators() -> tuple[Any, ...]:
    """The states of the generators that all code of a process shares."""
    state: Any = np.random.get_state()
    _, keys, position, *gauss = state
    return random.getstate(), keys.tobytes(), position, gauss


def _first_difference(own: OwnNetwork, graph: keras.Model, images: np.ndarray) -> str:
    """` in the layer noise`: the first layer whose outputs differ between two calls; empty if it is not found."""
    calls = []
    for _ in range(2):
        with _recorded_calls() as outputs:
            trained(own, graph, images)
        calls.append(outputs)
    for (name, before), (_, after) in zip(*calls, strict=False):
        if before != after:
            return f" in the layer {name}"
    return ""


@contextlib.contextmanager
def _recorded_calls() -> Iterator[list[tuple[str, bytes]]]:
    """Record the name and outputs of each layer when its call ends, those within it first."""
    calls: list[tuple[str, bytes]] = []
    call = keras.Layer.__call__

    def recorded(layer: keras.Layer, *args: Any, **kwargs: Any) -> Any:
        outputs = call(layer, *args, **kwargs)
        values = [np.asarray(output).tobytes() for output in keras.tree.flatten(outputs) if output is not None]
        calls.append((layer.name, b"".join(values)))
        return outputs

    with keras_private.replaced(keras.Layer, "__call__", recorded):
        yield calls


@contextlib.contextmanager
def _values_restored(graph: keras.Model) -> Iterator[None]:
    """Restore what a call changes: moving statistics, the seeds of random layers, and weights that it normalises."""
    before = [(variable, np.array(variable.value)) for variable in graph.variables]
    try:
        yield
    finally:
        for variable, value in before:
            variable.assign(value)
