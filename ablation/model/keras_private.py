"""The only uses of Keras' private API in this room."""

import collections
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
from keras.src import backend
from keras.src.backend.common import global_state
from keras.src.models import Functional

WAITING = "uninitialized_variables"
NUMBERS = "object_name_uids"


def all_layers(network: keras.Model) -> list[keras.Layer]:
    """All layers at any depth, without the network itself.

    The public `network.layers` does not descend into layers that contain others, such as those of a plugin.
    """
    return list(network._flatten_layers(include_self=False))


def own_weights(layer: keras.Layer) -> list[keras.Variable]:
    """The weights of a layer itself, without those of the layers that it contains."""
    return [*layer._trainable_variables, *layer._non_trainable_variables]


@contextmanager
def without_values() -> Iterator[None]:
    """Create variables that hold no values, and that get none later.

    Keras remembers the variables that a `StatelessScope` leaves without values, whatever is asked of that scope, and
    initialises all of them when the next scope ends: the memory and the minutes of networks that nobody runs.
    """
    waiting = list(global_state.get_global_attribute(WAITING) or ())
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield
    finally:
        global_state.set_global_attribute(WAITING, waiting)


@contextmanager
def fresh_names() -> Iterator[None]:
    """Number automatic names from the start, as in a new process; restore the old numbers on exit."""
    numbers = global_state.get_global_attribute(NUMBERS)
    global_state.set_global_attribute(NUMBERS, collections.defaultdict(int))
    try:
        yield
    finally:
        global_state.set_global_attribute(NUMBERS, numbers)


@contextmanager
def replaced(owner: type, name: str, method: Any) -> Iterator[None]:
    """Replace a method of a class within the context."""
    own = vars(owner).get(name, WAITING)
    setattr(owner, name, method)
    try:
        yield
    finally:
        if own is WAITING:  # it was inherited
            delattr(owner, name)
        else:
            setattr(owner, name, own)


def children(layer: keras.Layer) -> list[keras.Layer]:
    """The layers that a layer directly contains, in the order in which it tracks them."""
    return list(layer._layers)


def seed_generators(layer: keras.Layer) -> list[keras.random.SeedGenerator]:
    """The generators of random numbers that a layer itself holds, whatever its attributes for them are called."""
    return list(layer._seed_generators)


def is_functional(network: keras.Model) -> bool:
    """Whether a model consists of the layers between an input and an output, and does not define `call` itself."""
    return isinstance(network, Functional) and type(network).call is Functional.call


def traced_call(network: keras.Model, examples: keras.KerasTensor) -> None:
    """Trace a call in training. Raises what Keras and the network's code raise while they are traced."""
    backend.compute_output_spec(lambda values: network(values, training=True), examples)


def is_of_keras(layer: Any) -> bool:
    """Whether a layer or operation is Keras' own, not a user's."""
    return type(layer).__module__.split(".")[0] == "keras"


def finalize(network: keras.Model) -> None:
    """Let layers that cache some of their weights, such as Keras' Normalization, read them again."""
    for layer in all_layers(network):
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()


def calls_in_graph(layer: keras.Layer) -> int:
    """How many times a layer is called in functional models."""
    return len(layer._inbound_nodes)


def made_by(value: Any) -> keras.Operation:
    """The layer or operation that made a KerasTensor of a functional model; that of its input is an InputLayer."""
    return value._keras_history[0]
