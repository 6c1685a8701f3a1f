"""The names by which variants share initial values: that of a layer, or its place if it has none of its own."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import keras

from ablation.model import keras_private
from ablation.model.layer_origins import Origins

UNNAMED_VARIABLE = re.compile(r"(tf_|jax_|keras_)?variable(_\d+)?")


@dataclass(frozen=True)
class Place:
    """How a layer is recognised in another variant.

    key: the same for the same layer in two variants. is_named: whether all names in it are the user's; otherwise it is
    the number of the layer among those of its kind.
    """

    key: str
    is_named: bool


class Places:
    """The places of all layers of a network.

    Layers with names of their own have them. A layer with an automatic name that another layer holds as an attribute
    has the attribute's name. Any other is the k-th of its kind (its class and the shape of its kernel) among its
    siblings, in the order of the network.

    unnamed: the layers of this last sort that start from values of the seed, by kind. In a variant with another number
    of them, nobody knows which are the same.
    """

    def __init__(self, network: keras.Model, origins: Origins):
        self._automatic, self._whole = origins.automatic, origins.whole
        self.unnamed: dict[str, list[str]] = {}
        self._of: dict[int, Place] = {}
        root = Place("", is_named=True)
        self._add_all(network.layers, {}, root, "", of_keras=False)

    def of(self, layer: keras.Layer) -> Place:
        """The place of a layer."""
        return self._of[id(layer)]

    def _add_all(
        self, layers: Iterable[keras.Layer], attributes: Mapping[int, str], parent: Place, path: str, of_keras: bool
    ) -> None:
        """Add sibling layers, and those within them.

        attributes: names by id. path: of the parent, for people. of_keras: whether the parent is a layer of Keras.
        """
        counts: Counter[str] = Counter()
        used: Counter[str] = Counter()
        for layer in layers:
            if id(layer) in self._of:
                continue  # it is used in several places
            if id(layer) == self._whole:
                self._of[id(layer)] = parent
                self._add_all(keras_private.children(layer), dict(_attributes(layer)), parent, path, of_keras=False)
                continue
            name, is_named = layer.name, parent.is_named
            attribute = attributes.get(id(layer), "")
            if of_keras and attribute and not attribute.endswith("*"):
                name = attribute  # Keras may derive the name from an automatic one, as in Bidirectional
            elif id(layer) in self._automatic:
                name = attribute
                if not name or name.endswith("*"):
                    kind = f"{name}{_kind(layer)}"
                    name, is_named = f"{kind}#{counts[kind]}", False
                    counts[kind] += 1
                    if has_values(layer):
                        self.unnamed.setdefault(f"{parent.key}{kind}", []).append(f"{path}{layer.name}")
            used[name] += 1
            if used[name] > 1:  # two layers of one name, of which Keras allows any number within a layer
                name = f"{name}~{used[name]}"
            place = Place(f"{parent.key}{name}", is_named)
            self._of[id(layer)] = place
            below = Place(f"{place.key}/", place.is_named)
            children, inside = keras_private.children(layer), dict(_attributes(layer))
            is_wrapper = keras_private.is_of_keras(layer) and not isinstance(layer, keras.Model)
            self._add_all(children, inside, below, f"{path}{layer.name}/", of_keras=is_wrapper)


def _attributes(layer: keras.Layer) -> Iterator[tuple[int, str]]:
    """The layers that a layer holds as attributes, by id, with the attribute's name; that of a list ends in `*`."""
    for name, value in vars(layer).items():
        if name == "_layers" or (name.startswith("_") and keras_private.is_of_keras(layer)):
            continue
        if isinstance(value, keras.Layer):
            yield id(value), name
        elif isinstance(value, list | tuple):
            for item in value:
                if isinstance(item, keras.Layer):
                    yield id(item), f"{name}*"
        elif isinstance(value, dict):
            for key, item in value.items():
                if isinstance(item, keras.Layer):
                    yield id(item), f"{name}.{key}"


def has_values(layer: keras.Layer) -> bool:
    """Whether a layer starts from values that depend on the seed: weights, or the seeds of its random numbers."""
    return bool(layer.weights) or any(keras_private.seed_generators(each) for each in _with_descendants(layer))


def _with_descendants(layer: keras.Layer) -> Iterator[keras.Layer]:
    yield layer
    for child in keras_private.children(layer):
        yield from _with_descendants(child)


def _kind(layer: keras.Layer) -> str:
    """The class, and the shape of the kernel: `Conv2D(3,3,16,32)`; of a layer that contains others, the class alone.

    A bias or a part of a block may go with the key that is removed, and the rest of the layer is still the same.
    """
    name = type(layer).__name__
    if keras_private.children(layer) or not layer.weights:
        return name
    shapes = [tuple(weight.shape) for weight in layer.weights]
    kernels = [shape for shape in shapes if len(shape) > 1] or shapes[:1]
    return name + "".join("(" + ",".join(map(str, shape)) + ")" for shape in kernels)


def variable_name(layer: keras.Layer, variable: Any) -> str:
    """The name of a variable within its layer; its number if it has none of its own."""
    if not UNNAMED_VARIABLE.fullmatch(variable.name):
        return variable.name
    position = [id(weight) for weight in layer.weights].index(id(variable))
    return f"weight{position}"
