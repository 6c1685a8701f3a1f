"""The only uses of Keras' private API in this room."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras
from keras.src.backend.common import global_state

WAITING = "uninitialized_variables"


def all_layers(network: keras.Model) -> list[keras.Layer]:
    """All layers at any depth, without the network itself.

    The public `network.layers` does not descend into layers that contain others, such as those of a plugin.
    """
    return list(network._flatten_layers(include_self=False))


def contains_layers(layer: keras.Layer) -> bool:
    """Return whether a layer contains other layers, which then hold its weights.

    Only models have the public attribute `layers`; other layers track their sublayers in `_layers`.
    """
    return bool(layer._layers)


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
