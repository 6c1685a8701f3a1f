"""Locate the runs of many configs, preparing each data set only once."""

import dataclasses
import functools
import json
from typing import Any

from ablation import data
from ablation.config.program.spec import ProgramConfig
from ablation.config.run_request import RunConfig
from ablation.config.schema import Data
from ablation.errors import AblateError
from ablation.run import place
from ablation.run.place import RunLocation
from ablation.run.program import location as program_location
from ablation.runtime import console


@dataclasses.dataclass(frozen=True)
class Located:
    """The location of a config's run.

    problem: the reason if its data cannot be read; `where` is then only a provisional location for its log.
    """

    where: RunLocation
    problem: str | None = None


class RunLocator:
    """Locates the runs of configs. Caches the fingerprint of each data set, or the error if it is missing."""

    def __init__(self) -> None:
        self._data_sets: dict[str, dict[str, Any] | AblateError] = {}

    def __call__(self, cfg: RunConfig) -> Located:
        """Locate the run of a config. Creates no files. Raises AblateError if a program's code cannot be read."""
        if isinstance(cfg, ProgramConfig):
            return Located(program_location.locate(cfg))
        place.get_ready_for_data(cfg)
        identity = self._data_set(cfg.data)
        if isinstance(identity, AblateError):
            unknown = [getattr(cfg.data, name, None) for name in ("root", "dir", "file")]
            return Located(place.locate(cfg, {"unknown": unknown}), str(identity))
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


@functools.cache
def say_caching_problem() -> None:
    """Say once, before many runs start, that each has to decode its images: a run of a sweep prints only to its log."""
    problem = data.caching_problem()
    if problem is not None:
        console.say(
            f"Decoded images cannot be cached, because {problem}. Every run decodes its images again, unless the cache "
            "has them already. To decode them once, set XDG_CACHE_HOME to a writable folder with free space"
        )
