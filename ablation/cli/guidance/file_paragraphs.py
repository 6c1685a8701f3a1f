"""The paragraphs for errors that Hydra and its parsers raise about files, folders and plugins, by the error's text."""

import re
from collections.abc import Callable
from pathlib import Path

from ablation.config import libraries

FORMS = {"Dict": "a mapping", "List": "a list"}


def _not_yaml(file: str, line: str) -> str:
    hint = ""
    if Path(file).parent.name == "study":
        hint = ', and quotes around an override with brackets: ["model.repeats=[2,2]"]'
    return (
        f"A file is not valid YAML, or contains a key twice. Received {file}, near line {line}. "
        f"Allowed: valid YAML with each key once{hint}. Correct that line"
    )


def _no_yaml_character(file: str, position: str) -> str:
    return (
        f"A file contains a character that YAML does not allow. Received {file}, at position {position}. Allowed: "
        "printable text in UTF-8. Remove that character"
    )


def _missing_file(file: str, name: str) -> str:
    return (
        f"A file that {file}.yaml is based on does not exist. Received {name} in its defaults: list. Allowed: names of "
        "files, without the extension. Correct that list; ablate --help shows the files of each group"
    )


def _other_form(file: str, received: str, based_on: str) -> str:
    received, allowed = FORMS.get(received, received), FORMS.get(based_on, based_on)
    return (
        f"A key has another form than in the files that {file}.yaml is based on. Received {received} for {allowed} in "
        f"{file}.yaml. Allowed: {allowed}. See the files in its defaults: list"
    )


def _wrong_content(file: str, problem: str) -> str:
    return (
        f"The file {file}.yaml does not fit the other files and keys. Received “{' '.join(problem.split())[:200]}”. "
        "Allowed: keys with values as ablate --cfg all shows them. Correct that file"
    )


def _no_primary_mapping(name: str, received: str) -> str:
    return (
        f"A primary config is a mapping. Received {FORMS.get(received, received)} in {name}.yaml. Allowed: key: value, "
        f"below defaults: [config, _self_]. Correct {name}.yaml"
    )


def _two_selves(file: str) -> str:
    return (
        f"A defaults: list contains _self_ twice. Received it in {file}.yaml. Allowed: _self_ once, for the file's own "
        "keys. Remove one of them"
    )


def _empty_hydra() -> str:
    return (
        "hydra: is empty in a config file. Received hydra: without keys below it. Allowed: keys of Hydra, such as "
        "sweeper:, below it. Leave hydra: out"
    )


def _wrong_searchpath(received: str) -> str:
    return (
        f"hydra.searchpath is not a list of folders. Received {received}. Allowed: [file:///folder]. Type --config-dir "
        "FOLDER for one folder"
    )


def _no_plugin(name: str) -> str:
    library = libraries.launcher(name)
    if library is None:
        return f"Hydra has no such plugin. Received {name}. Allowed: the plugins that ablate --info plugins lists"
    return (
        f"The plugin for this launcher is not installed. Received {name}. Allowed: an installed plugin, or the default "
        f"launcher. Type pip install {library.requirement}, or leave hydra/launcher= out"
    )


def _no_class() -> str:
    return (
        "hydra.sweeper or hydra.launcher names no plugin. Received another value for one of them. Allowed: "
        "hydra/launcher= with one of the names that ablate --help hydra/launcher shows. Leave the other value out"
    )


def _no_config(name: str, searched: str) -> str:
    folders = re.findall(r"path=file://(\S+)", searched)
    return (
        f"There is no config {name}. Received --config-name {name}. Allowed: the name of a YAML file in "
        f"{', '.join(folders)}. Leave --config-name out, or type --config-dir FOLDER with the folder of {name}.yaml"
    )


def _no_config_path(path: str) -> str:
    return (
        f"The folder of configs {path} does not exist. Received --config-path. Allowed: a folder that replaces the "
        "shipped one. Type --config-dir FOLDER to add a folder to it"
    )


def _no_config_dir(path: str) -> str:
    return (
        f"The folder with your configs does not exist. Received --config-dir {path}. Allowed: a folder. Type for "
        "example --config-dir ."
    )


# Messages as regular expressions, each with the function that turns its groups into our message.
PATTERNS: tuple[tuple[str, Callable[..., str]], ...] = (
    (r"in \"([^\"]+)\", line (\d+), column \d+\s*$", _not_yaml),
    (r"^(?:while|could not|found|expected|mapping)[\s\S]*in \"([^\"]+)\", line (\d+)", _not_yaml),
    (r"primary config '([^']*)' must be a DictConfig, got (\w+)Config", _no_primary_mapping),
    (r"Duplicate _self_ defined in (\S+)", _two_selves),
    (r"'NoneType' object has no attribute '_set_flag'", _empty_hydra),
    (r"unacceptable character[\s\S]*in \"([^\"]+)\", position (\d+)", _no_yaml_character),
    (r"In '([^']*)': Could not load '([^']*)'", _missing_file),
    (r"In '([^']+)': ConfigTypeError raised[\s\S]*Cannot merge (\w+)Config with (\w+)Config", _other_form),
    (r"In '([^']+)': \w+ raised while composing config:\s*([\s\S]*)", _wrong_content),
    (r"hydra\.searchpath must be a list of strings\. Got: ([\s\S]*)", _wrong_searchpath),
    (r"No config source registered for schema (\w+)", _wrong_searchpath),
    (r"Unknown plugin class : '([^']*)'", _no_plugin),
    (r"Input config does not have a `_target_` field", _no_class),
    (r"Cannot find primary config '([^']*)'([\s\S]*)", _no_config),
    (r"Primary config (?:module|directory)[\s\S]*?'([^']+)'", _no_config_path),
    (r"Additional config directory '([^\n]+)' not found", _no_config_dir),
)
