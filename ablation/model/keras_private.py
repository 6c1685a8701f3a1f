"""The only uses of Keras' private API in this room."""

import keras


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
