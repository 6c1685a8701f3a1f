"""Check that a plugin's network starts from the seed alone, and computes the same from the same values."""

import contextlib
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from ablation.config.plugins import registry
from ablation.model import keras_private
from ablation.model.initialization import draws
from ablation.model.layer_origins import origins_of
from ablation.model.own_network import OwnNetwork
from ablation.model.own_outputs import Computed, check_outputs, trained
from ablation.text import gist, list_with_more

LARGEST_REBUILT = 50_000_000  # parameters of networks whose values are compared with those of a second one
SHOWN = 3  # weights or layers in a message, at most
OTHER_SEED = 20_201  # of the generators of Python and NumPy, while a network is built once more


def check(own: OwnNetwork, graph: keras.Model) -> None:
    """Raise AblateError for a network that a run could not repeat, or whose outputs are probabilities.

    graph: as built, before its values are drawn.
    """
    _check_second_build(own, graph)
    _check_initializers(own, graph)
    computed = check_outputs(own, graph)
    if graph.count_params() <= LARGEST_REBUILT:
        _check_values(own, graph, computed)


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


def _check_initializers(own: OwnNetwork, graph: keras.Model) -> None:
    """Raise AblateError for weights that have other values than their initializers give, as if they were loaded."""
    initializers, loaded = origins_of(graph).initializers, []
    for weight in graph.weights:
        initializer = initializers.get(id(weight))
        if isinstance(initializer, keras.initializers.Initializer) and hasattr(initializer, "seed"):
            if not _is_equal(weight, _drawn(own, initializer, weight)):
                loaded.append(weight.path)
    if loaded:
        raise own.error(
            f"gets other values than its initializers give, as if it loaded weights: {list_with_more(loaded, SHOWN)}",
            "weights that start from their initializers, which ablate draws from the seed",
            "Leave the loading out, and type model.weights=FILE.weights.h5",
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


def _check_values(own: OwnNetwork, graph: keras.Model, computed: Computed | None) -> None:
    """Raise AblateError for values that another process would not have: of weights that the seed does not draw, and of
    constants.

    The file is run and the network built once more, with other states of the generators of Python and NumPy.
    """
    with _other_generators():
        function = registry.run_again("NETWORKS", own.name) or own.build
        again = OwnNetwork(own.choice, own.input_shape, own.classes, function).graph()
    drawn = {id(variable) for variable, _ in draws(graph, 0)}
    unseeded = []
    for variable, rebuilt in zip(graph.variables, again.variables, strict=True):
        if id(variable) not in drawn and not _is_equal(variable, rebuilt.value):
            unseeded.append(variable.path)
        rebuilt.assign(variable.value)
    if unseeded:
        raise own.error(
            f"starts from random values that do not come from the seed: {list_with_more(unseeded, SHOWN)}",
            "initializers of Keras, such as keras.initializers.RandomNormal()",
            "Type self.add_weight(shape=…, initializer=…) for it",
        )
    if computed is None:
        return
    keras_private.finalize(again)
    if not np.array_equal(computed.outputs, trained(own, again, computed.examples), equal_nan=True):
        raise own.error(
            "has random constants besides its weights, which a run could not repeat: built again with the same "
            "weights, it gives other outputs",
            "constants from a fixed seed, or weights",
            "Type self.add_weight(…, trainable=False) for it, or numpy.random.default_rng(0)",
        )


@contextlib.contextmanager
def _other_generators() -> Iterator[None]:
    """Give the generators of Python and NumPy other states; restore them on exit."""
    states = random.getstate(), np.random.get_state()
    random.seed(OTHER_SEED)
    np.random.seed(OTHER_SEED)
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
