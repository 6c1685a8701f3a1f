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
    has the attribute's name. Any other is the k-th of its kind (its class and the shapes of its weights) among its
    siblings, in the order of the network.

    unnamed: the layers of this last sort that start from values of the seed, by kind. In a variant with another number
    of them, nobody knows which are the same.
    """

    def __init__(self, network: keras.Model, origins: Origins):
        self._automatic, self._whole = origins.automatic, origins.whole
        self.unnamed: dict[str, list[str]] = {}
        self._of: dict[int, Place] = {}
        root = Place("", is_named=True)
        self._add_all(network.layers, {}, root, "")

    def of(self, layer: keras.Layer) -> Place:
        """The place of a layer."""
        return self._of[id(layer)]

    def _add_all(self, layers: Iterable[keras.Layer], attributes: Mapping[int, str], parent: Place, path: str) -> None:
        """Add sibling layers, and those within them. attributes: names by id. path: of the parent, for people."""
        counts: Counter[str] = Counter()
        for layer in layers:
            if id(layer) in self._of:
                continue  # it is used in several places
            if id(layer) == self._whole:
                self._of[id(layer)] = parent
                self._add_all(keras_private.children(layer), dict(_attributes(layer)), parent, path)
                continue
            name, is_named = layer.name, parent.is_named
            if id(layer) in self._automatic:
                name = attributes.get(id(layer), "")
                if not name or name.endswith("*"):
                    kind = f"{name}{_kind(layer)}"
                    name, is_named = f"{kind}#{counts[kind]}", False
                    counts[kind] += 1
                    if has_values(layer):
                        self.unnamed.setdefault(f"{parent.key}{kind}", []).append(f"{path}{layer.name}")
            place = Place(f"{parent.key}{name}", is_named)
            self._of[id(layer)] = place
            below = Place(f"{place.key}/", place.is_named)
            self._add_all(keras_private.children(layer), dict(_attributes(layer)), below, f"{path}{layer.name}/")


def _attributes(layer: keras.Layer) -> Iterator[tuple[int, str]]:
    """The layers that a layer holds as attributes, by id, with the attribute's name; that of a list ends in `*`."""
    for name, value in vars(layer).items():
        if name.startswith("_"):
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
    """The class and the shapes of the weights: `Conv2D(3,3,16,32)(32)`."""
    shapes = ["(" + ",".join(map(str, weight.shape)) + ")" for weight in layer.weights]
    return f"{type(layer).__name__}{''.join(shapes)}"


def variable_name(layer: keras.Layer, variable: Any) -> str:
    """The name of a variable within its layer; its number if it has none of its own."""
    if not UNNAMED_VARIABLE.fullmatch(variable.name):
        return variable.name
    position = [id(weight) for weight in layer.weights].index(id(variable))
    return f"weight{position}"
