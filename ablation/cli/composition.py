"""Compose configurations with Hydra, and turn them into plain values."""

import contextlib
import copy
import dataclasses
import functools
import os
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import hydra._internal.hydra
import yaml
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.config_loader import ConfigLoader
from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, OverrideType
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException
from omegaconf.resolvers import oc

from ablation.cli import hydra_errors
from ablation.cli.config_policy import refuse_calls
from ablation.config import key_help
from ablation.config.normalisation import normalise
from ablation.config.run_request import RunRequest
from ablation.config.schema import DEFAULTS, GROUPS, Config, flat
from ablation.config.validation import check
from ablation.errors import AblateError
from ablation.redaction import HIDDEN, public


@dataclasses.dataclass
class Root(Config):
    """What a command composes: a run, or beside it a study, which no run sees."""

    study: Any = None


ConfigStore.instance().store(name="schema", node=Root)
# conf/hydra/launcher/ has files of the names that the plug-ins give to their schemas, which is meant
warnings.filterwarnings("ignore", r"\s*'hydra/launcher/", UserWarning)


def _environment(name: str, *default: Any) -> Any:
    """`${oc.env:NAME}`, whose value no message repeats."""
    value = oc.env(name, *default)
    if name in os.environ and len(os.environ[name]) > 3:
        HIDDEN.hide({os.environ[name]: f"${{oc.env:{name}}}"})
    return value


OmegaConf.register_new_resolver("oc.env", _environment, replace=True)
OmegaConf.register_new_resolver("help_on_keys", lambda *, _root_: key_help.help_on_keys(_root_), replace=True)
KEYS = frozenset(DEFAULTS)
REFUSALS = (HydraException, OmegaConfBaseException, AblateError, yaml.YAMLError, UnicodeDecodeError, RecursionError)


def conf_dir() -> Path:
    """Where the YAML lies: beside the package in a checkout or an editable install, inside it in a wheel."""
    package = Path(__file__).resolve().parents[1]
    beside = package.parent / "conf"
    return beside if (beside / "config.yaml").is_file() else package / "conf"


def checked(cfg: DictConfig, overrides: Sequence[str]) -> Config:
    """Turn a composed config into a plain value that can run. Raises AblateError."""
    return normal_form(_unchecked(cfg), overrides)


def normal_form(config: Config, overrides: Sequence[str]) -> Config:
    check(config, typed_keys(overrides))
    return normalise(config)


def typed_keys(overrides: Sequence[str]) -> set[str]:
    return {o.lstrip("+~").partition("=")[0] for o in overrides}


def _unchecked(cfg: DictConfig) -> Config:
    """A composed config as a plain value. Raises AblateError for a key that the schema does not have."""
    known = [f.name for f in dataclasses.fields(Config)]
    extra = [k for k in cfg if k not in (*known, "hydra", "study")]
    for group in GROUPS:
        extra += [f"{group}.{k}" for k in cfg[group] if k not in key_help.keys(group)]
    if extra:
        raise AblateError(key_help.unknown_key(extra[0]))
    values = {k: _plain(cfg[k]) for k in known}
    values["rerun"] = str(values["rerun"]).lower()  # `true` as YAML reads it
    return Config(**values)


def job(cfg: DictConfig, overrides: Sequence[str]) -> RunRequest:
    """The same with what goes into the record. Raises AblateError."""
    config = checked(cfg, overrides)
    root = OmegaConf.masked_copy(cfg, [f.name for f in dataclasses.fields(Config)])
    record = _without_secrets(dataclasses.asdict(config), _texts(root))
    return RunRequest(config, record, tuple(map(public, overrides)), public(OmegaConf.to_yaml(root)))


def _plain(node: Any) -> Any:
    return OmegaConf.to_object(node) if OmegaConf.is_config(node) else node


def _without_secrets(values: Any, texts: Any) -> Any:
    """The values, but the text where `${oc.env:…}` went into one, and no password in a URL."""
    if isinstance(values, dict):
        return {k: _without_secrets(v, texts[k]) for k, v in values.items()}
    if isinstance(values, list) and isinstance(texts, list):
        return [_without_secrets(v, t) for v, t in zip(values, texts, strict=True)]
    values = texts if "oc.env" in str(texts) else values
    return public(values) if isinstance(values, str) else values


def _texts(root: DictConfig) -> Any:
    """The config with every `${oc.env:…}` as it was written, also behind other interpolations."""
    untyped = OmegaConf.create(OmegaConf.to_container(root, resolve=False))
    try:
        OmegaConf.register_new_resolver(
            "oc.env", lambda *words: f"${{oc.env:{','.join(map(str, words))}}}", replace=True
        )
        return OmegaConf.to_container(untyped, resolve=True)
    finally:
        OmegaConf.register_new_resolver("oc.env", _environment, replace=True)


class Composer:
    """Composes the cells of a sweep as Hydra does, at a hundredth of its time.

    Hydra chooses the files first and sets values after: each choice of files is composed once, and a cell's values are
    set on a copy of it. What one word makes of one key is found out once. What is more than that is left to Hydra.
    """

    def __init__(self, loader: ConfigLoader, master: DictConfig):
        self.loader, self.master = loader, master
        self.parse = functools.cache(OverridesParser.create(config_loader=loader).parse_override)
        self.bases: dict[tuple[str, ...], DictConfig] = {}
        self.plains: dict[tuple[str, ...], Config] = {}
        self.patches: dict[tuple[tuple[str, ...], str], tuple[str, Any] | None] = {}

    def config(self, overrides: Sequence[str]) -> Config:
        """One cell, checked. Raises AblateError."""
        with _explained():
            made = self._patched(overrides)
            return checked(self._compose(overrides), overrides) if made is None else normal_form(made, overrides)

    def job(self, overrides: Sequence[str]) -> RunRequest:
        """One cell, ready to run. Raises AblateError."""
        with _explained():
            return job(self._compose(overrides), overrides)

    def resolved(self, overrides: Sequence[str]) -> dict[str, Any]:
        """Every key of one cell with its value, before any check. Raises AblateError."""
        with _explained():
            cfg = self._compose(overrides)
            return {k: OmegaConf.select(cfg, k) for k in KEYS}

    def is_simple(self, word: str) -> bool:
        """Is it an override of one key by one value, or a choice of one file?"""
        try:
            parsed = self.parse(word)
        except (HydraException, ValueError):
            return False
        if parsed.type != OverrideType.CHANGE or parsed.is_sweep_override() or parsed.package is not None:
            return False
        return isinstance(parsed.value(), str) if parsed.key_or_group in GROUPS else _scalar(parsed.value())

    def _compose(self, overrides: Sequence[str]) -> DictConfig:
        chosen, values = self._parted(overrides)
        if chosen is None:
            return self.loader.load_sweep_config(self.master, list(overrides))
        cfg = copy.deepcopy(self._base(chosen))
        ConfigLoaderImpl._apply_overrides_to_config(values, cfg)
        return cfg

    def _parted(self, overrides: Sequence[str]) -> tuple[tuple[str, ...] | None, list[Override]]:
        """The words that choose files, and those that set values; None for the first where some do neither."""
        parsed = [self.parse(word) for word in overrides]
        values = [o for o in parsed if o.key_or_group in KEYS and o.type == OverrideType.CHANGE]
        files = [o for o in parsed if o not in values]
        plain = all(o.key_or_group in GROUPS and isinstance(o.value(), str) for o in files)
        return (tuple(o.input_line for o in files) if plain else None), values

    def _base(self, chosen: tuple[str, ...]) -> DictConfig:
        if chosen not in self.bases:
            self.bases[chosen] = self.loader.load_sweep_config(self.master, list(chosen))
            with open_dict(self.bases[chosen]):
                del self.bases[chosen]["hydra"]
        return self.bases[chosen]

    def _patched(self, overrides: Sequence[str]) -> Config | None:
        """The files' config with each word's value set; None where a word does more than set its own key."""
        chosen, values = self._parted(overrides)
        if chosen is None:
            return None
        if chosen not in self.plains:
            self.plains[chosen] = _unchecked(self._base(chosen))
        made = copy.deepcopy(self.plains[chosen])
        for override in values:
            patch = self._patch(chosen, override)
            if patch is None:
                return None
            group, _, name = patch[0].rpartition(".")
            setattr(getattr(made, group) if group else made, name, copy.copy(patch[1]))
        return made

    def _patch(self, chosen: tuple[str, ...], override: Override) -> tuple[str, Any] | None:
        place = chosen, override.input_line
        if place not in self.patches:
            cfg = copy.deepcopy(self._base(chosen))
            ConfigLoaderImpl._apply_overrides_to_config([override], cfg)
            before, after = flat(self.plains[chosen]), flat(_unchecked(cfg))
            key = override.key_or_group
            alone = key in after and all(before[k] == after[k] for k in after if k != key)
            self.patches[place] = (key, after[key]) if alone and "${" not in override.input_line else None
        return self.patches[place]


def _scalar(value: Any) -> bool:
    return not isinstance(value, dict) and all(map(_scalar, value if isinstance(value, list) else []))


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """Turn what Hydra and OmegaConf raise into the paragraph about it."""
    try:
        yield
    except AblateError:
        raise
    except REFUSALS as error:
        raise AblateError(hydra_errors.explain(error)) from error


def compose(overrides: Sequence[str]) -> RunRequest:
    """Compose a job outside of `hydra.main`, for notebooks and tests. Raises AblateError."""
    with hydra.initialize_config_dir(str(conf_dir()), version_base="1.3"), _explained():
        return job(hydra.compose("config", list(overrides)), overrides)


class SafeLoader(ConfigLoaderImpl):
    """What every configuration of Hydra's comes through: nothing that it names is called but plug-ins."""

    def load_configuration(self, *args: Any, **kwargs: Any) -> DictConfig:
        cfg = super().load_configuration(*args, **kwargs)
        refuse_calls(cfg)
        return cfg


hydra._internal.hydra.ConfigLoaderImpl = SafeLoader
