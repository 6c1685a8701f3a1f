"""`model.weights`: start from the weights of a run, or of a file that Keras wrote, as far as they fit."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from ablation.config.fingerprint import weights_digest, weights_file
from ablation.errors import AblateError
from ablation.text import gist, list_with_more

SHOWN = 5  # weights in a line
LEGACY, KERAS = ".h5", ".weights.h5"


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
    return loaded


def _from_arrays(network: keras.Model, file: Path, digest: str, weights: Mapping[str, keras.Variable]) -> Loaded:
    values: dict[str, np.ndarray] = {}
    missing = []
    with np.load(file, allow_pickle=False) as arrays:
        for path, weight in weights.items():
            if path in arrays.files and arrays[path].shape == tuple(weight.shape):
                values[path] = arrays[path]
                weight.assign(values[path])
            else:
                missing.append(path)
        unused = [name for name in arrays.files if name not in values]
    return Loaded(digest, values, tuple(missing), tuple(unused))


def _from_keras(network: keras.Model, file: Path, digest: str, weights: Mapping[str, keras.Variable]) -> Loaded:
    """Keras matches the layers. A weight that it does not set keeps the mark that it had before."""
    before = {id(weight): np.array(weight.value) for weight in network.weights}
    for weight in network.weights:
        weight.assign(np.full(weight.shape, np.nan) if _is_float(weight) else before[id(weight)])
    options: dict[str, Any] = {} if file.name.endswith(KERAS) else {"by_name": True}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Keras warns of each layer that does not fit; we list them
            network.load_weights(file, skip_mismatch=True, **options)
    finally:
        values: dict[str, np.ndarray] = {}
        missing = []
        for path, weight in weights.items():
            value = np.array(weight.value)
            if _is_float(weight) and np.isnan(value).any():
                weight.assign(before[id(weight)])
                missing.append(path)
            else:
                values[path] = value
    return Loaded(digest, values, tuple(missing), ())


def _is_float(weight: keras.Variable) -> bool:
    return str(weight.dtype).startswith(("float", "bfloat"))
