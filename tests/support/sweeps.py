"""Variants as sweeps record them: composed from files and keys, checked, and in their normal form."""

import dataclasses
import functools
import hashlib
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from ablation.comparison.reading.parse_record import shaping
from ablation.comparison.reading.run import Run
from ablation.config import network_structure
from ablation.config.normalisation import normalise
from ablation.config.schema import GROUPS, Config
from ablation.config.validation import check
from support.comparisons import run
from support.fake_runs import CONF, preset

Settings = Mapping[str, Any]
FILES = {"model": "resnet34", "data": "digits", "train": "quickstart"}  # unless the settings choose others
CONF_FILES = {group: tuple(sorted(path.stem for path in (CONF / group).glob("*.yaml"))) for group in GROUPS}

cached_preset = functools.cache(preset)


def composed(settings: Settings) -> Config:
    """The config of these overrides, of which `model`, `data` and `train` choose files."""
    root: dict[str, Any] = {key: value for key, value in settings.items() if key not in GROUPS and "." not in key}
    for group, schema in GROUPS.items():
        own = {key.partition(".")[2]: value for key, value in settings.items() if key.startswith(f"{group}.")}
        root[group] = schema(**cached_preset(group, settings.get(group, FILES[group])) | own)
    return Config(**root, rerun="false")


def variant(settings: Settings) -> Run:
    """A run with these overrides. Raises AblateError if the command would reject them."""
    config = composed(settings)
    check(config, settings)
    normal = normalise(config)
    images = repr((normal.data.name, normal.data.limit, normal.data.image_size, normal.data.fraction))
    return run(
        network_structure.name(normal.model),
        data=normal.data.name,
        config=shaping(dataclasses.asdict(normal)),
        digest=hashlib.sha256(images.encode()).hexdigest(),
    )


def variants(all_settings: Sequence[Settings]) -> list[Run]:
    """The distinct variants of these overrides."""
    found = {}
    for settings in all_settings:
        one = variant(settings)
        found[repr((one.config, one.digest))] = one
    return list(found.values())


def grid(swept: Mapping[str, Sequence[Any]], **fixed: Any) -> list[Settings]:
    """Every combination, as `ablate -m` runs it. swept: the values of each key. fixed: keys with one value."""
    combinations = []
    for values in itertools.product(*swept.values()):
        combinations.append({**fixed, **dict(zip(swept, values, strict=True))})
    return combinations


def one_at_a_time(swept: Mapping[str, Sequence[Any]], **fixed: Any) -> list[Settings]:
    """The first value of each key, and each other value alone."""
    first = {**fixed, **{key: values[0] for key, values in swept.items()}}
    changed = [first]
    for key, values in swept.items():
        for value in values[1:]:
            changed.append({**first, key: value})
    return changed
