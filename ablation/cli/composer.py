"""Compose the many configurations of a sweep or a study, fast."""

import copy
import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.config_loader import ConfigLoader
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, OverrideType, RangeSweep
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf, open_dict

from ablation.cli import arguments
from ablation.cli.composition import checked, explained, normal_form, run_request, unchecked
from ablation.cli.plugin_source import PLUGINS
from ablation.config.keys import keys_of
from ablation.config.run_request import RunRequest
from ablation.config.schema import DEFAULTS, GROUPS, Config, flat
from ablation.errors import AblateError

Files = tuple[str, ...]  # the overrides that choose files
MOST_RUNS = 100_000  # of one sweep


@dataclass(frozen=True)
class SplitOverrides:
    """Overrides by kind. files: those that choose config files; None if an override does neither. values: of keys."""

    files: Files | None
    values: list[Override]


@dataclass(frozen=True)
class Patch:
    """The effect of an override that sets a single key: the key, and its value with the type of the schema."""

    key: str
    value: Any


class Composer:
    """Composes the runs of a sweep as Hydra does, but a hundred times faster.

    Hydra first chooses the config files and then sets values. This class composes each choice of files only once and
    sets the values of each run on a copy. It also caches the effect of each override. Any override with further
    effects is left to Hydra.
    """

    def __init__(self, loader: ConfigLoader, master: DictConfig):
        self.loader, self.master = loader, master
        self._parser = OverridesParser.create(config_loader=loader)
        self.parse = functools.cache(self._parse)
        self._composed: dict[Files, DictConfig] = {}
        self._plain: dict[Files, Config] = {}
        self._patches: dict[tuple[Files, str], Patch | None] = {}

    def _parse(self, word: str) -> Override:
        return self._parser.parse_override(arguments.quoted(word))

    def combinations(self, words: Sequence[str]) -> list[list[str]]:
        """The overrides of every run of a sweep. Raises AblateError for values that are not listed, or too many runs.

        words: overrides, some of which give several values.
        """
        parsed = self._parser.parse_overrides(list(words))
        runs = 1
        for override in parsed:
            runs *= _value_count(override)
            if runs > MOST_RUNS:
                raise AblateError(
                    f"The sweep has too many runs. Received {' '.join(map(arguments.unquoted, words))}, which are "
                    f"more than {MOST_RUNS:,} combinations. Allowed: {MOST_RUNS:,}. Type fewer values, for example "
                    "seed=0,1,2"
                )
        return BasicSweeper.split_arguments(parsed, max_batch_size=None)[0]

    def config(self, overrides: Sequence[str]) -> Config:
        """The validated config in its normal form. Raises AblateError."""
        with explained():
            patched = self._patched(overrides)
            if patched is None:
                return checked(self._compose(overrides), overrides)
            return normal_form(patched, overrides)

    def request(self, overrides: Sequence[str]) -> RunRequest:
        """The request for a run with these overrides. Raises AblateError."""
        with explained():
            return run_request(self._compose(overrides), overrides)

    def resolved(self, overrides: Sequence[str]) -> dict[str, Any]:
        """Every key with its value, before validation. Raises AblateError."""
        with explained():
            composed = self._compose(overrides)
            values = {key.name: composed[key.name] for key in keys_of(Config)}
            for group in GROUPS:
                for key in keys_of(OmegaConf.get_type(composed[group])):
                    values[f"{group}.{key.name}"] = composed[group][key.name]
            return values

    def is_simple(self, word: str) -> bool:
        """Return whether a word is an override that sets one key to one value or chooses one file."""
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
        split = self._split(overrides)
        if split.files is None:
            return self.loader.load_sweep_config(self.master, [arguments.quoted(word) for word in overrides])
        composed = copy.deepcopy(self._base(split.files))
        ConfigLoaderImpl._apply_overrides_to_config(split.values, composed)
        return composed

    def _split(self, overrides: Sequence[str]) -> SplitOverrides:
        files: list[str] = []
        values: list[Override] = []
        simple = True
        for word in overrides:
            override = self.parse(word)
            if _sets_value(override):
                values.append(override)
                continue
            files.append(arguments.quoted(word))
            is_choice = override.key_or_group in GROUPS and isinstance(override.value(), str)
            if not is_choice and override.key_or_group != PLUGINS:
                simple = False
        return SplitOverrides(tuple(files) if simple else None, values)

    def _base(self, files: Files) -> DictConfig:
        """The config of these files, without Hydra's own keys."""
        if files not in self._composed:
            composed = self.loader.load_sweep_config(self.master, list(files))
            with open_dict(composed):
                del composed["hydra"]
            self._composed[files] = composed
        return self._composed[files]

    def _patched(self, overrides: Sequence[str]) -> Config | None:
        """The config with the value of each override set; None if an override changes more than its own key."""
        split = self._split(overrides)
        if split.files is None:
            return None
        if split.files not in self._plain:
            self._plain[split.files] = unchecked(self._base(split.files))
        config = copy.deepcopy(self._plain[split.files])
        for override in split.values:
            patch = self._patch(split.files, override)
            if patch is None:
                return None
            group, _, name = patch.key.rpartition(".")
            node = getattr(config, group) if group else config
            setattr(node, name, copy.copy(patch.value))
        return config

    def _patch(self, files: Files, override: Override) -> Patch | None:
        word = str(override.input_line)
        if (files, word) not in self._patches:
            self._patches[files, word] = self._compute_patch(files, override, word)
        return self._patches[files, word]

    def _compute_patch(self, files: Files, override: Override, word: str) -> Patch | None:
        """Apply an override to a copy of the config. None if it changes more than its own key or is interpolated."""
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


def _sets_value(override: Override) -> bool:
    """Return whether an override sets a key of a run, without a choice of files. Plugins add files to choose from."""
    name = override.key_or_group
    is_key = name in DEFAULTS or (name.partition(".")[0] in GROUPS and "." in name)
    return is_key and name != PLUGINS and override.type == OverrideType.CHANGE


def _value_count(override: Override) -> int:
    """The number of values that an override gives to its key, counted up to one more than MOST_RUNS."""
    if not override.is_sweep_override():
        return 1
    if not override.is_discrete_sweep():
        raise AblateError(
            f"A sweep needs its values. Received {override.input_line}, an interval. Allowed: a,b,c, or range(start,"
            "stop,step). ablate does not search. Type for example train.learning_rate=0.01,0.03,0.1"
        )
    value = override.value()
    values = value.range() if isinstance(value, RangeSweep) else override.sweep_iterator()
    return sum(1 for _ in itertools.islice(values, MOST_RUNS + 1))


def _has_no_mapping(value: Any) -> bool:
    if isinstance(value, list):
        return all(_has_no_mapping(item) for item in value)
    return not isinstance(value, dict)
