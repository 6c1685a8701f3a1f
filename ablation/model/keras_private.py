"""What this room uses of Keras beyond its public interface; everything else here is public."""

import keras


def all_layers(network: keras.Model) -> list[keras.Layer]:
    """Every layer at any depth, the network itself left out.

    The public `network.layers` stops at layers that contain others, such as those of a plugin.
    """
    return list(network._flatten_layers(include_self=False))


def contains_layers(layer: keras.Layer) -> bool:
    """Whether a layer is made of other layers, which hold its weights.

    Only models have the public attribute `layers`; a layer of layers tracks them in `_layers`.
    """
    return bool(layer._layers)
