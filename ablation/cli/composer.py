"""Compose the many configurations of a sweep or a study, fast."""

import copy
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.config_loader import ConfigLoader
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, OverrideType
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf, open_dict

from ablation.cli.composition import checked, explained, normal_form, run_request, unchecked
from ablation.config.run_request import RunRequest
from ablation.config.schema import DEFAULTS, GROUPS, Config, flat

Files = tuple[str, ...]  # the overrides that choose files


@dataclass(frozen=True)
class Parted:
    """Overrides by what they do. files: those that choose files; None where one does neither that nor set a value."""

    files: Files | None
    values: list[Override]


@dataclass(frozen=True)
class Patch:
    """The one key that an override sets, and its value as the schema has it."""

    key: str
    value: Any


class Composer:
    """Composes the runs of a sweep as Hydra does, in a hundredth of its time.

    Hydra chooses the files first and sets values after that: each choice of files is composed once, and the values of
    a run are set on a copy of it. What one override makes of one key is found out once. What is more than that is left
    to Hydra.
    """

    def __init__(self, loader: ConfigLoader, master: DictConfig):
        self.loader, self.master = loader, master
        self.parse = functools.cache(OverridesParser.create(config_loader=loader).parse_override)
        self._composed: dict[Files, DictConfig] = {}
        self._plain: dict[Files, Config] = {}
        self._patches: dict[tuple[Files, str], Patch | None] = {}

    def config(self, overrides: Sequence[str]) -> Config:
        """A checked config in its normal form. Raises AblateError."""
        with explained():
            patched = self._patched(overrides)
            if patched is None:
                return checked(self._compose(overrides), overrides)
            return normal_form(patched, overrides)

    def request(self, overrides: Sequence[str]) -> RunRequest:
        """A run that can be started. Raises AblateError."""
        with explained():
            return run_request(self._compose(overrides), overrides)

    def resolved(self, overrides: Sequence[str]) -> dict[str, Any]:
        """Every key with its value, before any check. Raises AblateError."""
        with explained():
            composed = self._compose(overrides)
            return {key: OmegaConf.select(composed, key) for key in DEFAULTS}

    def is_simple(self, word: str) -> bool:
        """Whether a word is an override that sets one key to one value, or chooses one file."""
        try:
            override = self.parse(word)
        except (HydraException, ValueError):
            return False
        if override.type != OverrideType.CHANGE or override.is_sweep_override() or override.package is not None:
            return False
        if override.key_or_group in GROUPS:
            return isinstance(override.value(), str)
        return _has_no_mapping(override.value())

    def _compose(self, overrides: Sequence[str]) -> DictConfig:
        parted = self._parted(overrides)
        if parted.files is None:
            return self.loader.load_sweep_config(self.master, list(overrides))
        composed = copy.deepcopy(self._base(parted.files))
        ConfigLoaderImpl._apply_overrides_to_config(parted.values, composed)
        return composed

    def _parted(self, overrides: Sequence[str]) -> Parted:
        files: list[str] = []
        values: list[Override] = []
        simple = True
        for word in overrides:
            override = self.parse(word)
            if override.key_or_group in DEFAULTS and override.type == OverrideType.CHANGE:
                values.append(override)
                continue
            files.append(word)
            if override.key_or_group not in GROUPS or not isinstance(override.value(), str):
                simple = False
        return Parted(tuple(files) if simple else None, values)

    def _base(self, files: Files) -> DictConfig:
        """The config of these files, without Hydra's own keys."""
        if files not in self._composed:
            composed = self.loader.load_sweep_config(self.master, list(files))
            with open_dict(composed):
                del composed["hydra"]
            self._composed[files] = composed
        return self._composed[files]

    def _patched(self, overrides: Sequence[str]) -> Config | None:
        """The files' config with each override's value set; None where one does more than set its own key."""
        parted = self._parted(overrides)
        if parted.files is None:
            return None
        if parted.files not in self._plain:
            self._plain[parted.files] = unchecked(self._base(parted.files))
        config = copy.deepcopy(self._plain[parted.files])
        for override in parted.values:
            patch = self._patch(parted.files, override)
            if patch is None:
                return None
            group, _, name = patch.key.rpartition(".")
            node = getattr(config, group) if group else config
            setattr(node, name, copy.copy(patch.value))
        return config

    def _patch(self, files: Files, override: Override) -> Patch | None:
        word = str(override.input_line)
        if (files, word) not in self._patches:
            self._patches[files, word] = self._tried(files, override, word)
        return self._patches[files, word]

    def _tried(self, files: Files, override: Override, word: str) -> Patch | None:
        """What an override changes in the files' config; None for more than its own key, or an interpolation."""
        if "${" in word:
            return None
        composed = copy.deepcopy(self._base(files))
        ConfigLoaderImpl._apply_overrides_to_config([override], composed)
        before, after = flat(self._plain[files]), flat(unchecked(composed))
        key = override.key_or_group
        for name, value in after.items():
            if name != key and value != before[name]:
                return None
        return Patch(key, after[key]) if key in after else None


def _has_no_mapping(value: Any) -> bool:
    if isinstance(value, list):
        return all(_has_no_mapping(item) for item in value)
    return not isinstance(value, dict)
