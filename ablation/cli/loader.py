"""How Hydra reads our configuration: its files, then the schema's types, then what the user typed."""

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
    """What a command composes: a run, whose choices bring their own keys, and beside it a study, which no run sees."""

    model: Any = None
    data: Any = None
    study: Any = None


class CheckedLoader(ConfigLoaderImpl):
    """Hydra's loader, with the schema, and without calls: of what a configuration names only plugins are called."""

    def load_configuration(self, *args: Any, **kwargs: Any) -> DictConfig:
        config = super().load_configuration(*args, **kwargs)
        refuse_calls(config)
        return config

    def _compose_config_from_defaults_list(self, defaults: list[ResultDefault], repo: IConfigRepository) -> DictConfig:
        return with_schema(super()._compose_config_from_defaults_list(defaults, repo))


def with_schema(config: DictConfig) -> DictConfig:
    """What files gave, with the keys and types of the schema: of the root, and in each group of its choice.

    The model's keys are those of its family, the data's those of their source. A group that came with types of its own
    keeps them, and so do Hydra's keys. What Hydra composes of its own files alone, for its help, is left as it is.
    Raises what OmegaConf raises for a key or a type that the schema does not have.
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
    """Where the YAML lies: beside the package in a checkout or an editable install, inside it in a wheel."""
    package = Path(__file__).resolve().parents[1]
    beside = package.parent / "conf"
    return beside if (beside / "config.yaml").is_file() else package / "conf"


def conf_loader() -> CheckedLoader:
    """A loader of the package's own configuration files."""
    return CheckedLoader(create_config_search_path(search_path_dir=str(conf_dir())))
