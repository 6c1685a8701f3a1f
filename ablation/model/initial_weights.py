"""`model.weights`: start from the weights of a run, or of a file that Keras wrote, as far as they fit."""

import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np

from ablation.config.fingerprint import weights_digest, weights_file
from ablation.errors import AblateError
from ablation.model import keras_private
from ablation.model.coupling import Places
from ablation.model.layer_origins import origins_of
from ablation.text import gist, list_with_more

SHOWN = 5  # weights in a line
KERAS = ".weights.h5"


@dataclass(frozen=True)
class Loaded:
    """What was loaded.

    digest: the SHA-256 of the file. values: of each weight of the network that fits, by path. missing: weights of the
    network that the file does not have in this shape, which start from the seed. unused: what the file has and the
    network does not; empty if unknown.
    """

    digest: str
    values: Mapping[str, np.ndarray]
    missing: tuple[str, ...]
    unused: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        """What a run's record has of it, as strict JSON."""
        return {
            "digest": self.digest,
            "weights": len(self.values),
            "from_seed": list(self.missing),
            "not_used": list(self.unused),
        }

    def sentence(self, origin: str) -> str:
        """A line about what fits and what does not."""
        total = len(self.values) + len(self.missing)
        text = f"Initial weights from {origin}: {len(self.values)} of {total} weights"
        if self.missing:
            text += f"; from the seed: {list_with_more(self.missing, SHOWN)}"
        if self.unused:
            text += f"; not used: {list_with_more(self.unused, SHOWN)}"
        return text


def load(network: keras.Model, origin: str, weights: Mapping[str, keras.Variable]) -> Loaded:
    """Set the weights that fit by name and shape. Raises AblateError if none fit, or the file cannot be read.

    origin: as typed. weights: of the network, by path.
    """
    file, digest = weights_file(origin), weights_digest(origin)
    read = _from_arrays if file.suffix == ".npz" else _from_keras
    try:
        loaded = read(network, file, digest, weights)
    except Exception as error:
        raise AblateError(
            f"The initial weights cannot be read ({gist(error)}). Received model.weights={origin}. Allowed: the "
            f"directory of a run, its weights.npz, or a file {KERAS} of Keras. Type for example "
            "model.weights=outputs/resnet34-cifar10-s0-1a2b3c4d5e"
        ) from error
    if not loaded.values:
        raise AblateError(
            f"None of the initial weights fit this network: names or shapes differ. Received model.weights={origin}. "
            f"Allowed: weights of a network with layers of the same names and shapes. It has "
            f"{list_with_more(loaded.missing, SHOWN)}; the file has "
            f"{list_with_more(loaded.unused, SHOWN) or 'others'}. Leave model.weights out, or name the layers alike"
        )
    keras_private.finalize(network)
    return loaded


def _from_arrays(network: keras.Model, file: Path, digest: str, weights: Mapping[str, keras.Variable]) -> Loaded:
    """Match by path. A path with an automatic name means another layer in a network of other layers."""
    values: dict[str, np.ndarray] = {}
    missing = []
    with np.load(file, allow_pickle=False) as arrays:
        shapes = {path: tuple(weight.shape) for path, weight in weights.items()}
        is_same_network = shapes == {path: arrays[path].shape for path in arrays.files}
        unsure = set() if is_same_network else _automatic_names(network)
        for path, weight in weights.items():
            fits = path in arrays.files and arrays[path].shape == shapes[path]
            if fits and unsure.isdisjoint(path.split("/")):
                values[path] = arrays[path]
                weight.assign(values[path])
            else:
                missing.append(path)
        unused = [name for name in arrays.files if name not in values]
    return Loaded(digest, values, tuple(missing), tuple(unused))


def _automatic_names(network: keras.Model) -> set[str]:
    """The names of layers that Keras numbered; a whole network within the network has the name of its class."""
    origins = origins_of(network)
    layers = keras_private.all_layers(network)
    return {layer.name for layer in layers if id(layer) in origins.automatic and id(layer) != origins.whole}


def _from_keras(network: keras.Model, file: Path, digest: str, weights: Mapping[str, keras.Variable]) -> Loaded:
    if not file.name.endswith(KERAS):
        return _by_keras(network, file, digest, weights, by_name=True)
    stored = _stored(file)
    matched = _by_name(network, stored)
    missing = [path for path, weight in weights.items() if id(weight) not in matched]
    unsure = _automatic_names(network)
    is_named = any(unsure.isdisjoint(path.split("/")) for path in missing)
    if missing and not is_named and _have_equal_shapes(network, stored):  # the same layers, some of them without a name
        return _by_keras(network, file, digest, weights)
    values = {path: matched[id(weight)] for path, weight in weights.items() if id(weight) in matched}
    for path, value in values.items():
        weights[path].assign(value)
    return Loaded(digest, values, tuple(missing), ())


@dataclass(frozen=True)
class _Stored:
    """The weights of one layer in a file .weights.h5. name: of the layer. path: its attributes, such as `conv1`."""

    name: str
    path: str
    values: list[np.ndarray]


def _stored(file: Path) -> list[_Stored]:
    layers: list[_Stored] = []

    def collect(path: str, group: Any) -> None:
        if path.rpartition("/")[2] == "vars" and len(group):
            values = [np.asarray(group[str(position)]) for position in range(len(group))]
            layers.append(_Stored(str(group.attrs.get("name", "")), path.removesuffix("vars").rstrip("/"), values))

    with h5py.File(file) as content:
        content.visititems(collect)
    return layers


def _by_name(network: keras.Model, stored: list[_Stored]) -> dict[int, np.ndarray]:
    """The values of the weights, by id, of layers with the same name, or held by the same attribute.

    Automatic names are not matched: they change when another layer is removed.
    """
    origins = origins_of(network)
    places = Places(network, origins)
    named = Counter(each.name for each in stored)
    by_name = {each.name: each.values for each in stored if named[each.name] == 1}
    by_path = {each.path: each.values for each in stored}
    matched: dict[int, np.ndarray] = {}
    for layer in keras_private.all_layers(network):
        place, own = places.of(layer), keras_private.own_weights(layer)
        is_automatic = id(layer) in origins.automatic
        values = by_path.get(place.key) if is_automatic and place.is_named else None
        if not is_automatic:
            values = by_name.get(layer.name)
        if values is not None and [value.shape for value in values] == [tuple(weight.shape) for weight in own]:
            matched |= {id(weight): value for weight, value in zip(own, values, strict=True)}
    return matched


def _have_equal_shapes(network: keras.Model, stored: list[_Stored]) -> bool:
    shapes = Counter(value.shape for each in stored for value in each.values)
    return shapes == Counter(tuple(weight.shape) for weight in network.weights)


def _by_keras(
    network: keras.Model, file: Path, digest: str, weights: Mapping[str, keras.Variable], by_name: bool = False
) -> Loaded:
    """Let Keras match the layers. A weight that it does not set keeps the mark that it had before."""
    before = {path: np.array(weight.value) for path, weight in weights.items()}
    for path, weight in weights.items():
        weight.assign(np.full(weight.shape, np.nan) if _is_float(weight) else before[path])
    values: dict[str, np.ndarray] = {}
    missing = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Keras warns of each layer that does not fit; we list them
            options: dict[str, Any] = {"by_name": True, "skip_mismatch": True} if by_name else {}
            network.load_weights(file, **options)
    finally:
        for path, weight in weights.items():
            value = np.array(weight.value)
            if _is_float(weight) and np.isnan(value).any():
                weight.assign(before[path])
                missing.append(path)
            else:
                values[path] = value
    return Loaded(digest, values, tuple(missing), ())


def _is_float(weight: keras.Variable) -> bool:
    return str(weight.dtype).startswith(("float", "bfloat"))
