"""The loader of our configuration: files first, then the types of the schema, then the overrides."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.config_repository import ConfigRepository, IConfigRepository
from hydra._internal.utils import create_config_search_path
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.default_element import ResultDefault
from hydra.errors import HydraException
from hydra.plugins.config_source import ConfigResult
from omegaconf import DictConfig, ListConfig, OmegaConf, StringNode
from omegaconf.errors import OmegaConfBaseException

from ablation.cli.arguments import unquoted
from ablation.cli.config_policy import refuse_calls
from ablation.cli.hydra_errors import unreadable
from ablation.cli.plugin_source import PluginSource, plugin_files
from ablation.config.applicability import GROUP_READERS
from ablation.config.key_help import cannot_delete_group, example, key_at, study_without_plus
from ablation.config.keys import keys_of
from ablation.config.plugins import declarations
from ablation.config.plugins.choices import SHIPPED, schema_of, use_schemas
from ablation.config.schema import GROUPS, Config
from ablation.config.shipped.folder import conf_dir
from ablation.errors import AblateError, nearest
from ablation.redaction import HIDDEN, SHORTEST_SECRET
from ablation.text import first_line, typed_value

KEYS = {key.name for key in keys_of(Config)}  # of the root: a folder with such a name in --config-dir is no group


@dataclass
class Root(Config):
    """The root of a composed config: a run and, for the command only, a study. Each choice of a group adds its keys."""

    model: Any = None
    data: Any = None
    study: Any = None


class CheckedRepository(ConfigRepository):
    """Hydra's reader of config files, whose errors name the file; the networks and data of plugins are among them."""

    def __init__(self, config_search_path: ConfigSearchPath):
        self.plugins = PluginSource()
        super().__init__(config_search_path)

    def initialize_sources(self, config_search_path: ConfigSearchPath) -> None:
        super().initialize_sources(config_search_path)
        self.sources.insert(len(self.sources) - 1, self.plugins)  # the last one is Hydra's schema

    def use_plugins(self, files: Sequence[str]) -> None:
        """Add the networks and data of these files.

        Raises AblateError if a config file has the name of one, and for a file that defines nothing.
        """
        self.plugins.files = files
        declarations.names(files)
        for group in SHIPPED:
            for name in self.plugins.names(group):
                self._refuse_second(f"{group}/{name}")

    def _refuse_second(self, config_path: str) -> None:
        """Raise AblateError if a plugin and a file have the same choice."""
        for source in self.sources:
            if source is not self.plugins and source.is_config(config_path):
                group, _, name = config_path.partition("/")
                raise _name_of_file(group, name, source.full_path())

    def group_exists(self, config_path: str) -> bool:
        """Return whether a folder of config files has this name; never for a key, such as `outputs`, of any folder."""
        return config_path not in KEYS and super().group_exists(config_path)

    def load_config(self, config_path: str) -> ConfigResult | None:
        if self.plugins.is_config(config_path):
            self._refuse_second(config_path.removesuffix(".yaml"))
        try:
            return super().load_config(config_path)
        except UnicodeDecodeError as error:
            raise AblateError(
                f"A config file is not UTF-8 text. Received {config_path}.yaml, which has other bytes from position "
                f"{error.start} on. Allowed: UTF-8, with or without a byte order mark. Save the file as UTF-8"
            ) from error
        except (HydraException, OmegaConfBaseException, ValueError, OSError) as error:
            raise AblateError(
                f"A config file cannot be read. Received {config_path}.yaml, with the error “{first_line(error)}”. "
                "Allowed: YAML with names as keys, and defaults: with a list of files. Correct that file"
            ) from error


class CheckedLoader(ConfigLoaderImpl):
    """Hydra's loader, which also applies the schema and rejects configurations that would run code."""

    def __init__(self, config_search_path: ConfigSearchPath):
        super().__init__(config_search_path)
        self.repository = CheckedRepository(config_search_path)

    def load_configuration(
        self, config_name: str | None, overrides: list[str], *args: Any, **kwargs: Any
    ) -> DictConfig:
        _hide_values_of_variables(overrides)
        self.read_plugins(config_name, overrides)
        self._refuse_words(overrides)
        try:
            config = super().load_configuration(config_name, overrides, *args, **kwargs)
        except KeyError as error:  # Hydra looks a variable up
            raise AblateError(
                f"The environment variable {error.args[0]} is not set. Received it in hydra.job.env_copy. Allowed: "
                "variables that are set. Leave it out of hydra.job.env_copy, or set it in the shell"
            ) from error
        refuse_calls(config)
        return config

    def read_plugins(self, config_name: str | None, overrides: Sequence[str]) -> None:
        """Add the networks and data of the plugins that a command or its primary config names. Raises AblateError."""
        self.repository.use_plugins(plugin_files(overrides, self._primary(config_name)))

    def _primary(self, config_name: str | None) -> Any:
        """A user's primary config as its file has it; None for the shipped one, which names no plugin."""
        if config_name is None or not self._is_of_user(config_name):
            return None
        loaded = self.repository.load_config(config_name)
        return None if loaded is None else loaded.config

    def _is_of_user(self, config_name: str) -> bool:
        sources = [source for source in self.repository.sources if source.is_config(config_name)]
        return bool(sources) and Path(sources[0].path) != conf_dir()

    def _refuse_words(self, overrides: Sequence[str]) -> None:
        """Raise AblateError for overrides that have no key, delete a group, or name a study without a plus sign."""
        for word in map(unquoted, overrides):
            group = re.split("[=@]", word.removeprefix("~"))[0]
            if word.startswith("~") and group in GROUPS:
                raise AblateError(cannot_delete_group(word, group, self.get_group_options(group)))
            if word.lstrip("+~").startswith("="):
                raise AblateError(unreadable(word))
            if word.startswith("study="):
                raise AblateError(study_without_plus(word, self.get_group_options("study")))

    def _compose_config_from_defaults_list(self, defaults: list[ResultDefault], repo: IConfigRepository) -> DictConfig:
        composed = super()._compose_config_from_defaults_list(defaults, repo)
        return with_schema(composed, self.repository.plugins.files)


def _hide_values_of_variables(overrides: Sequence[str]) -> None:
    """Keep the values of environment variables out of messages: Hydra looks up files whose names contain them."""
    for name in re.findall(r"\$\{oc\.env:\s*(\w+)", " ".join(overrides)):
        value = os.environ.get(name, "")
        parts = [part for part in (value, *value.split("/")) if len(part) >= SHORTEST_SECRET]
        HIDDEN.hide(dict.fromkeys(parts, f"${{oc.env:{name}}}"))


def with_schema(config: DictConfig, files: Sequence[str] = ()) -> DictConfig:
    """Add the keys and types of the schema to a config composed from files.

    files: of plugins. A model has the keys of its family, data those of its source. A group that already has types
    keeps them, and so do Hydra's keys. A config that consists of Hydra's own files alone, for its help, is returned
    unchanged. Raises the errors of OmegaConf for a key or a type that does not match the schema.
    """
    if set(config) == {"hydra"}:
        return config
    for group in GROUPS:
        _refuse_no_mapping(group, config)
    typed = OmegaConf.structured(Root)
    schemas = {}
    for group in SHIPPED:
        if OmegaConf.get_type(config, group) in (dict, None):
            choice = OmegaConf.select(config, f"{group}.{GROUP_READERS[group]}", throw_on_missing=False)
            schemas[group] = schema_of(group, choice, files)
            typed[group] = OmegaConf.structured(schemas[group])
    use_schemas(schemas)
    _refuse_misread(typed, config)
    for group in GROUPS:
        _refuse_misread(typed[group], config._get_node(group), f"{group}.")
    OmegaConf.set_struct(typed, False)  # room for Hydra's keys
    typed.merge_with(config)
    OmegaConf.set_struct(typed, None)
    return typed


def _name_of_file(group: str, name: str, folder: str) -> AblateError:
    """The error for a plugin's network or data set with the name of a config file. folder: in which it lies."""
    return AblateError(
        f"A file has the name of a plugin's choice, so {group}={name} would have two meanings. Received {name} in a "
        f"plugin file, and {group}/{name}.yaml in {folder.removeprefix('file://')}. Allowed: different names; a file "
        f"with a variant of it starts with defaults: [{name}, _self_]. Rename one, for example to my_{name}"
    )


def _refuse_no_mapping(group: str, config: DictConfig) -> None:
    node = config._get_node(group)
    if node is None or (isinstance(node, DictConfig) and not node._is_none() and not node._is_interpolation()):
        return
    value = None if isinstance(node, ListConfig | DictConfig) else node._value()
    raise AblateError(
        f"{group} is a group of keys. Received {group}: {typed_value(value)} in a file. Allowed: a mapping, with keys "
        f"such as {GROUP_READERS[group]}:. Type for example {group}: {{{GROUP_READERS[group]}: …}}"
    )


def _refuse_misread(typed: Any, written: Any, prefix: str = "") -> None:
    """Raise AblateError where a file has a boolean or a number for a text, or a text or a number for a list.

    YAML reads `no`, `off`, `yes` and `on` as booleans, `1.10` as 1.1 and `2, 2` without brackets as text. typed: the
    schema.
    """
    if not isinstance(typed, DictConfig) or not isinstance(written, DictConfig):
        return
    for name, value in written.items_ex(resolve=False):
        node = typed._get_node(name) if name in typed else None
        path = f"{prefix}{name}"
        if isinstance(node, StringNode) and isinstance(value, bool):
            raise _misread_boolean(path, value)
        if isinstance(node, StringNode) and isinstance(value, int | float):
            raise _misread_number(path, value)
        if isinstance(node, ListConfig) and isinstance(value, str | int | float) and "${" not in str(value):
            raise AblateError(
                f"Wrong form of {path}. Received {path}: {typed_value(value)} in a file. Allowed: a list, in brackets. "
                f"Type for example {path.rpartition('.')[2]}: {example(path)}"
            )
        if _is_list_of_text(node) and isinstance(value, ListConfig):
            for item in value._iter_ex(resolve=False):
                if isinstance(item, bool):
                    raise _misread_boolean(path, item, "['{}']")
                if isinstance(item, int | float):
                    raise _misread_number(path, item, "['{}']")


def _is_list_of_text(node: Any) -> bool:
    return isinstance(node, ListConfig) and node._metadata.element_type is str


def _misread_boolean(path: str, value: bool, form: str = "'{}'") -> AblateError:
    """The error for a boolean in place of text. form: how a file writes the text, with `{}` for it."""
    words, word = ("yes, on and true", "yes") if value else ("no, off and false", "no")
    key = key_at(path)
    choices = key.limits.choices if key is not None else None
    allowed, typed = "text in quotes", form.format(word)
    if choices is not None:
        allowed, typed = ", ".join(map(str, choices)), nearest(word, choices)
    return AblateError(
        f"{path} is text, and YAML reads {words} as {typed_value(value)}. Received {path}: {typed_value(value)} in a "
        f"file. Allowed: {allowed}. Type for example {path.rpartition('.')[2]}: {typed}"
    )


def _misread_number(path: str, value: float, form: str = "'{}'") -> AblateError:
    """The error for a number in place of text. form: how a file writes the text, with `{}` for it."""
    return AblateError(
        f"{path} is text, and YAML reads some of it as another number: 1.10 as 1.1, 010 as 8 and 12:30 as 750. "
        f"Received {path}: {typed_value(value)} in a file. Allowed: text in quotes. Type it as it "
        f"should be read, for example {path.rpartition('.')[2]}: {form.format('1.10')}"
    )


def refuse_shadowed(config_dir: str) -> None:
    """Raise AblateError if a file in a user's folder has the name of a shipped one, which is read in its place."""
    for shipped in sorted(conf_dir().rglob("*.yaml")):
        name = shipped.relative_to(conf_dir())
        own = Path(config_dir) / name
        if own.is_file() and own.resolve() != shipped.resolve() and not _are_equal(own, shipped):
            raise AblateError(
                f"A file has the name of one of ablate's own, which would be read instead. Received {own} in "
                f"--config-dir {config_dir}. Allowed: other names. Rename it, for example to "
                f"{own.with_stem(f'my_{own.stem}')}"
            )


def _are_equal(own: Path, shipped: Path) -> bool:
    try:
        return own.read_bytes() == shipped.read_bytes()
    except OSError:
        return False


def conf_loader() -> CheckedLoader:
    """Create a loader of the package's own configuration files."""
    return CheckedLoader(create_config_search_path(search_path_dir=str(conf_dir())))
