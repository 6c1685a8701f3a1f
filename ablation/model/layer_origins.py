"""What is recorded while the layers of a network are made: which got an automatic name, and each weight's initializer.

Keras numbers the layers of a class in the order in which they are made (`conv2d`, `conv2d_1`). So an automatic name
says nothing about the layer's place in the network: it changes when an earlier layer is removed.
"""

import contextlib
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import keras

from ablation.model import keras_private


@dataclass
class Origins:
    """The record of one network.

    created: the ids of all layers and operations. automatic: of those with automatic names. initializers: what each
    variable was given to start from (an initializer, another function, or its value), by the id of the variable. whole:
    the id of the layer that is a whole network, written as a subclass of `keras.Model`, within the network that calls
    it; None if there is none.
    """

    created: set[int] = field(default_factory=set)
    automatic: set[int] = field(default_factory=set)
    initializers: dict[int, Any] = field(default_factory=dict)
    whole: int | None = None


_OF_NETWORKS: weakref.WeakKeyDictionary[keras.Model, Origins] = weakref.WeakKeyDictionary()


def keep(network: keras.Model, origins: Origins) -> None:
    """Keep the record of a network as long as the network exists."""
    _OF_NETWORKS[network] = origins


def origins_of(network: keras.Model) -> Origins:
    """The record of a network. Raises ValueError if it was made outside `recorded`, so that nothing is known of it."""
    if network not in _OF_NETWORKS:
        raise ValueError(f"Expected a network that was made within `recorded`. Received: {network.name}")
    return _OF_NETWORKS[network]


@contextlib.contextmanager
def recorded() -> Iterator[Origins]:
    """Record the layers that are made in this context. Their automatic names start anew, whatever was made before."""
    origins = Origins()
    make_operation: Any = keras.Operation.__init__
    make_variable: Any = keras.Variable.__init__

    def operation(created: Any, name: str | None = None) -> None:
        origins.created.add(id(created))
        origins.automatic.discard(id(created))  # an id may have been that of an operation that is gone
        if name is None:
            origins.automatic.add(id(created))
        make_operation(created, name)

    def variable(created: Any, initializer: Any, *args: Any, **kwargs: Any) -> None:
        origins.initializers[id(created)] = initializer
        make_variable(created, initializer, *args, **kwargs)

    with (
        keras_private.fresh_names(),
        keras_private.replaced(keras.Operation, "__init__", operation),
        keras_private.replaced(keras.Variable, "__init__", variable),
    ):
        yield origins
