"""Check that a plugin's network starts from the seed alone, and computes the same from the same values."""

import contextlib
import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np

from ablation.config.plugins.offline import offline
from ablation.errors import AblateError
from ablation.model import keras_private
from ablation.model.layer_origins import origins_of
from ablation.model.own_network import OwnNetwork, last_activation
from ablation.text import gist, list_with_more

EXAMPLES = 16
LARGEST_REBUILT = 5_000_000  # parameters of networks that are built twice to compare their outputs
UNSEEDED = ("you should only use seeded random ops", "Random ops require a seed")  # Keras on JAX, and TensorFlow
EXAMPLES_OF_A_CALL = 2  # outside a compiled function
SHOWN = 3  # weights or layers in a message, at most


def check(own: OwnNetwork, graph: keras.Model) -> None:
    """Raise AblateError for a network that a run could not repeat, or whose outputs are probabilities.

    graph: as built, before its values are drawn.
    """
    _check_second_build(own, graph)
    _check_initial_values(own, graph)
    _check_outputs(own, graph)


def _check_second_build(own: OwnNetwork, graph: keras.Model) -> None:
    """Raise AblateError if the function builds another network when it is called again."""
    with keras_private.without_values():
        again = own.graph()
    before, after = _structure(graph), _structure(again)
    if before != after:
        different = sorted(before.keys() ^ after.keys()) or [key for key in before if before[key] != after[key]]
        raise own.error(
            f"is another one when the function is called a second time: {list_with_more(different, SHOWN)}",
            "a function whose result depends on its arguments alone",
            "Remove what it keeps between calls, and random choices",
        )


def _structure(graph: keras.Model) -> dict[str, Any]:
    """The class of each layer, and the shape of each weight, by path."""
    classes = Counter(f"{layer.name} ({type(layer).__name__})" for layer in keras_private.all_layers(graph))
    shapes = {f"{weight.path} [{position}]": tuple(weight.shape) for position, weight in enumerate(graph.variables)}
    return {**classes, **shapes}


def _check_initial_values(own: OwnNetwork, graph: keras.Model) -> None:
    """Raise AblateError for weights that got their values elsewhere than from an initializer of Keras."""
    initializers = origins_of(graph).initializers
    loaded, unseeded, given = [], [], []
    for weight in graph.weights:
        initializer = initializers.get(id(weight))
        if isinstance(initializer, keras.initializers.Initializer):
            values = _drawn(own, initializer, weight)
            is_random = hasattr(initializer, "seed") or not keras_private.is_of_keras(initializer)
            if is_random and not _is_equal(weight, values):
                (loaded if hasattr(initializer, "seed") else unseeded).append(weight.path)
        elif callable(initializer):
            if not _is_equal(weight, initializer(weight.shape, dtype=weight.dtype)):
                unseeded.append(weight.path)
        else:
            given.append(weight)
    if given:
        unseeded += _changed_in_second_build(own, graph, given)
    if loaded:
        raise own.error(
            f"gets other values than its initializers give, as if it loaded weights: {list_with_more(loaded, SHOWN)}",
            "weights that start from their initializers, which ablate draws from the seed",
            "Leave the loading out, and type model.weights=FILE.weights.h5",
        )
    if unseeded:
        raise own.error(
            f"starts from random values that do not come from the seed: {list_with_more(unseeded, SHOWN)}",
            "initializers of Keras, such as keras.initializers.RandomNormal()",
            "Type self.add_weight(shape=…, initializer=…) for it",
        )


def _drawn(own: OwnNetwork, initializer: keras.initializers.Initializer, weight: keras.Variable) -> Any:
    """The values that an initializer gives once more. Raises AblateError for one that cannot be given a seed."""
    try:
        if hasattr(initializer, "seed"):
            type(initializer).from_config({**initializer.get_config(), "seed": 0})
        return initializer(weight.shape, weight.dtype)
    except Exception as error:
        raise own.error(
            f"has an initializer {type(initializer).__name__} that cannot be given the seed of the run ({gist(error)})",
            "an initializer whose get_config has all its arguments",
            "Type def get_config(self) in it",
        ) from error


def _is_equal(weight: keras.Variable, value: Any) -> bool:
    return np.array_equal(np.asarray(weight.value), np.asarray(keras.ops.cast(value, weight.dtype)), equal_nan=True)


def _changed_in_second_build(own: OwnNetwork, graph: keras.Model, weights: list[keras.Variable]) -> list[str]:
    """The paths of those weights whose values differ when the network is built a second time."""
    again = own.graph().weights
    position_of = {id(weight): position for position, weight in enumerate(graph.weights)}
    changed = []
    for weight in weights:
        if not _is_equal(weight, again[position_of[id(weight)]].value):
            changed.append(weight.path)
    return changed


def _check_outputs(own: OwnNetwork, graph: keras.Model) -> None:
    """Raise AblateError for outputs that are probabilities, or that differ from one call to the next."""
    images = np.random.default_rng(0).standard_normal((EXAMPLES, *own.input_shape), "float32")
    if last_activation(graph) != "linear":
        outputs = _array(_guarded(own, graph, lambda: graph.predict_on_batch(images)))
        if outputs.min() > 0 and outputs.max() < 1 and not np.allclose(outputs.sum(axis=1), 1, atol=1e-2):
            raise own.no_logits("sigmoid")
        if outputs.min() >= 0 and np.allclose(outputs.sum(axis=1), 1, atol=1e-2) and np.ptp(outputs, axis=0).any():
            raise own.no_logits("softmax")
    if (
        keras.backend.backend() == "jax"
    ):  # a call outside a compiled function takes seconds; Keras checks a trace itself
        example = keras.KerasTensor(images.shape, "float32")
        _guarded(own, graph, lambda: keras_private.traced_call(graph, example))
        return
    images = images[:EXAMPLES_OF_A_CALL]
    first, second = _trained(own, graph, images), _trained(own, graph, images)
    if not np.array_equal(first, second, equal_nan=True):
        raise _unseeded(own, _first_difference(own, graph, images))
    if graph.count_params() <= LARGEST_REBUILT:
        _check_constants(own, graph, images)


def _check_constants(own: OwnNetwork, graph: keras.Model, images: np.ndarray) -> None:
    """Raise AblateError if a second network with the same weights computes something else."""
    again = own.graph()
    for variable, rebuilt in zip(graph.variables, again.variables, strict=True):
        rebuilt.assign(variable.value)
    keras_private.finalize(again)
    if not np.array_equal(_trained(own, graph, images), _trained(own, again, images), equal_nan=True):
        raise own.error(
            "has random constants besides its weights, which a run could not repeat: built again with the same "
            "weights, it gives other outputs",
            "constants from a fixed seed, or weights",
            "Type self.add_weight(…, trainable=False) for it, or numpy.random.default_rng(0)",
        )


def _trained(own: OwnNetwork, graph: keras.Model, images: np.ndarray) -> np.ndarray:
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
    except Exception as error:
        if any(text in str(error) for text in UNSEEDED):
            raise _unseeded(own, "") from error
        raise own.cannot_be_built(error) from error
    if _global_generators() != before:
        raise _unseeded(own, ", which it draws from the generators of Python or NumPy")
    return returned


def _global_generators() -> tuple[Any, ...]:
    """The states of the generators that all code of a process shares."""
    state: Any = np.random.get_state()
    _, keys, position, *gauss = state
    return random.getstate(), keys.tobytes(), position, gauss


def _unseeded(own: OwnNetwork, where: str) -> AblateError:
    return own.error(
        f"gives different outputs for the same images, weights and seeds{where}",
        "random numbers of keras.random with a keras.random.SeedGenerator that the layer keeps, and no other state",
        "Type seed=self.seed_generator in the call of keras.random",
    )


def _first_difference(own: OwnNetwork, graph: keras.Model, images: np.ndarray) -> str:
    """` in the layer noise`: the first layer whose outputs differ between two calls; empty if it is not found."""
    calls = []
    for _ in range(2):
        with _recorded_calls() as outputs:
            _trained(own, graph, images)
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
