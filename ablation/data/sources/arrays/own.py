"""The data of a plugin: the arrays that its function returns."""

import functools
import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from ablation.config import schema
from ablation.config.plugins import registry
from ablation.config.plugins.own_schema import OwnChoice
from ablation.data.reporter import SILENT, Reporter
from ablation.data.sources.arrays.array_source import ArraySource
from ablation.data.sources.arrays.checking import Arrays, Checker
from ablation.text import gist, typed_value


class Own(ArraySource):
    """The data of a plugin as a `Source`. Its fingerprint is the hash of the arrays."""

    def __init__(self, cfg: schema.Data, reporter: Reporter = SILENT):
        super().__init__(cfg, reporter)
        if not isinstance(cfg, OwnChoice):
            raise TypeError(f"Expected the config of a plugin's data. Received: {type(cfg).__name__}")
        self.choice, self.keys = cfg.SPEC[1], tuple(cfg.parameters().items())

    @property
    def arrays(self) -> Arrays:
        return self._loaded()[0]

    def identity(self) -> dict[str, Any]:
        return {"name": self.choice, "content": self._loaded()[1]}

    def _loaded(self) -> tuple[Arrays, str]:
        return _load(registry.parts("DATA")[self.choice], self.choice, self.keys)


@functools.lru_cache(maxsize=2)
def _load(function: Any, choice: str, keys: tuple[tuple[str, Any], ...]) -> tuple[Arrays, str]:
    """The checked arrays, and their hash. Raises AblateError."""
    typed = "".join(f" data.{name}={typed_value(value)}" for name, value in keys)
    checker = Checker(f"data={choice}{typed}")
    try:
        returned = function(**dict(keys))
    except (Exception, SystemExit) as error:
        raise checker.error(
            f"The function of the data {choice} fails ({gist(error)})", "a function that returns arrays", "Correct it"
        ) from error
    if not isinstance(returned, Mapping):
        raise checker.error(
            f"The function of the data {choice} returns {type(returned).__name__}",
            "a dict with x_train, y_train and, if present, x_val, y_val, x_test, y_test and classes",
            "Type return {'x_train': …, 'y_train': …}",
        )
    arrays = checker.checked({str(name): value for name, value in returned.items() if value is not None})
    return arrays, _digest(arrays)


def _digest(arrays: Arrays) -> str:
    digest = hashlib.sha256(repr((arrays.form, arrays.classes)).encode())
    for part in sorted(arrays.labels):
        digest.update(f"{part}{arrays.examples[part].shape}".encode())
        digest.update(np.ascontiguousarray(arrays.examples[part]).view("uint8").data)
        digest.update(arrays.labels[part].astype("<i8").tobytes())
    return digest.hexdigest()
