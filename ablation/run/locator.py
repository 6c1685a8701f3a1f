"""Find the runs of many configs, asking for each data set once."""

import dataclasses
import json
from typing import Any

from ablation import data
from ablation.config.schema import Config, Data
from ablation.errors import AblateError
from ablation.run import place
from ablation.run.place import RunLocation
from ablation.runtime import console


@dataclasses.dataclass(frozen=True)
class Located:
    """Where the run of a config lives.

    problem: why its data cannot be read now. `where` is a place for its log then, until the data can be read.
    """

    where: RunLocation
    problem: str | None = None


class RunLocator:
    """Finds the runs of configs. Remembers what it asked about each data set, also that it was missing."""

    def __init__(self) -> None:
        self._data_sets: dict[str, dict[str, Any] | AblateError] = {}

    def __call__(self, cfg: Config) -> Located:
        """Where the run of a config lives, and why its data cannot be read, if so. Creates nothing."""
        identity = self._data_set(cfg.data)
        if isinstance(identity, AblateError):
            return Located(place.locate(cfg, {"unknown": [cfg.data.root, cfg.data.dir]}), str(identity))
        return Located(place.locate(cfg, identity))

    def _data_set(self, cfg: Data) -> dict[str, Any] | AblateError:
        """The fingerprint of a data set, or the error that it raised."""
        key = json.dumps(dataclasses.asdict(cfg))
        if key not in self._data_sets:
            try:
                self._data_sets[key] = data.prepare(cfg, console.REPORTER)
            except AblateError as error:
                self._data_sets[key] = error
        return self._data_sets[key]
