"""The loader of our configuration: files first, then the types of the schema, then the overrides."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.config_repository import IConfigRepository
from hydra._internal.utils import create_config_search_path
from hydra.core.default_element import ResultDefault
from omegaconf import DictConfig, OmegaConf

from ablation.cli.config_policy import refuse_calls
from ablation.config.applicability import GROUP_READERS
from ablation.config.schema import SCHEMAS, Config, schema_of


@dataclass
class Root(Config):
    """The root of a composed config: a run and, for the command only, a study. Each choice of a group adds its keys."""

    model: Any = None
    data: Any = None
    study: Any = None


class CheckedLoader(ConfigLoaderImpl):
    """Hydra's loader, which also applies the schema and rejects configurations that would run code."""

    def load_configuration(self, *args: Any, **kwargs: Any) -> DictConfig:
        config = super().load_configuration(*args, **kwargs)
        refuse_calls(config)
        return config

    def _compose_config_from_defaults_list(self, defaults: list[ResultDefault], repo: IConfigRepository) -> DictConfig:
        return with_schema(super()._compose_config_from_defaults_list(defaults, repo))


def with_schema(config: DictConfig) -> DictConfig:
    """Add the keys and types of the schema to a config composed from files.

    A model has the keys of its family, data those of its source. A group that already has types keeps them, and so do
    Hydra's keys. A config that consists of Hydra's own files alone, for its help, is returned unchanged. Raises the
    errors of OmegaConf for a key or a type that does not match the schema.
    """
    if set(config) == {"hydra"}:
        return config
    typed = OmegaConf.structured(Root)
    for group in SCHEMAS:
        if OmegaConf.get_type(config, group) in (dict, None):
            choice = OmegaConf.select(config, f"{group}.{GROUP_READERS[group]}", throw_on_missing=False)
            typed[group] = OmegaConf.structured(schema_of(group, choice))
    OmegaConf.set_struct(typed, False)  # room for Hydra's keys
    typed.merge_with(config)
    OmegaConf.set_struct(typed, None)
    return typed


def conf_dir() -> Path:
    """The folder of YAML files: beside the package in a checkout or an editable install, inside it in a wheel."""
    package = Path(__file__).resolve().parents[1]
    beside = package.parent / "conf"
    return beside if (beside / "config.yaml").is_file() else package / "conf"


def conf_loader() -> CheckedLoader:
    """Create a loader of the package's own configuration files."""
    return CheckedLoader(create_config_search_path(search_path_dir=str(conf_dir())))
