"""The networks and data sets of plugin files as options of their groups, beside the files in `conf/`."""

from collections.abc import Sequence
from typing import Any

from hydra.core.object_type import ObjectType
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException
from hydra.plugins.config_source import ConfigResult, ConfigSource
from omegaconf import DictConfig, ListConfig, OmegaConf, ValueNode

from ablation.cli.arguments import quoted
from ablation.config.plugins import declarations
from ablation.config.plugins.choices import SHIPPED
from ablation.config.plugins.own_schema import LEADERS

PLUGINS = "plugins"  # the key of the files


class PluginSource(ConfigSource):
    """A source of config files that exist only in memory: `model/mine` is `family: mine`.

    files: the plugin files whose networks and data sets it has.
    """

    def __init__(self) -> None:
        super().__init__("ablate", f"{self.scheme()}://")
        self.files: Sequence[str] = ()

    def names(self, group: str) -> list[str]:
        """The names of the networks or data sets."""
        return sorted(declarations.schemas(self.files, group)) if self.files else []

    @staticmethod
    def scheme() -> str:
        return "plugins"

    def available(self) -> bool:
        return True

    def load_config(self, config_path: str) -> ConfigResult:
        group, _, name = config_path.removesuffix(".yaml").partition("/")
        return ConfigResult("ablate", self.scheme(), OmegaConf.create({LEADERS[group]: name}), header={"package": None})

    def is_group(self, config_path: str) -> bool:
        return config_path in SHIPPED

    def is_config(self, config_path: str) -> bool:
        group, _, name = config_path.removesuffix(".yaml").partition("/")
        return group in SHIPPED and name in self.names(group)

    def list(self, config_path: str, results_filter: ObjectType | None) -> list[str]:
        return self.names(config_path) if results_filter != ObjectType.GROUP and config_path in SHIPPED else []


def plugin_files(overrides: Sequence[str], primary: Any) -> list[str]:
    """The plugin files that a command names: its last `plugins=`, or else those of its primary config.

    They must be known before the config is composed, because they add options and keys to it. A value that is neither a
    name nor a list of names gives none; composing the config refuses it.
    """
    for word in reversed(overrides):
        if word.lstrip("+").startswith(f"{PLUGINS}="):
            return _texts(_typed(word))
    return _texts(primary._get_node(PLUGINS) if isinstance(primary, DictConfig) else None)


def _typed(word: str) -> Any:
    try:
        override = OverridesParser.create().parse_override(quoted(word))
        return override.value() if not override.is_sweep_override() else None
    except (HydraException, ValueError):
        return None


def _texts(value: Any) -> list[str]:
    if isinstance(value, ListConfig):
        value = OmegaConf.to_container(value, resolve=False)
    if isinstance(value, ValueNode):
        value = value._value()
    if isinstance(value, str) and value:  # of a file, which is refused when its keys are known
        value = [value]
    if not isinstance(value, list):
        return []
    return [str(item) for item in value if item is not None and "${" not in str(item)]
