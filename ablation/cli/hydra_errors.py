"""Messages for the errors of Hydra and OmegaConf. The libraries' own text appears only in quotation marks."""

import re
import traceback
from collections.abc import Callable
from pathlib import Path

import yaml
from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from ablation.cli.config_policy import other_sweeper
from ablation.config.key_help import cannot_delete, example, unknown_key
from ablation.config.schema import DEFAULTS, GROUPS
from ablation.errors import AblateError, nearest

REFUSALS = (HydraException, OmegaConfBaseException, AblateError, yaml.YAMLError, UnicodeDecodeError, RecursionError)
PARSERS = {"hydra", "omegaconf", "antlr4", "yaml"}  # the folders of the libraries that read a command and its files
HELP = "Allowed: key=value. See ablate --help"
GRAMMAR = (  # how OmegaConf's parser of interpolations begins its messages
    r"(?:no viable alternative at input|token recognition error at:|(?:mismatched|extraneous) input|missing \w+ at) "
    r"'(\$\{[^\n]*)'"
)
LONGEST_QUOTE = 300  # characters of a library's own message
INSTALLABLE = re.compile(r"hydra_plugins\.hydra_(joblib|submitit|ray)_launcher\..*")


def is_refusal(error: Exception) -> bool:
    """Return whether an error is due to the command or its files, not to a defect of this program."""
    if isinstance(error, REFUSALS):
        return True
    return _is_from_hydra(error)


def _is_from_hydra(error: Exception) -> bool:
    """Return whether Hydra or one of its parsers raised the error, which may be of a generic type."""
    *_, last = traceback.extract_tb(error.__traceback__)
    return not PARSERS.isdisjoint(Path(last.filename).parts)


def explain(error: Exception) -> str:
    """The message for an error that Hydra or OmegaConf raised while composing a config."""
    text = str(error).strip()
    if error.__cause__ is not None:
        text += f"\n{str(error.__cause__).strip()}"
    for pattern, paragraph in PATTERNS:
        match = re.search(pattern, text)
        if match:
            return paragraph(*match.groups())
    quoted = " ".join(text.split())
    if len(quoted) > LONGEST_QUOTE:
        quoted = f"{quoted[:LONGEST_QUOTE]}…"
    return f"The command could not be parsed: “{quoted}”. {HELP}"


def unreadable(word: str) -> str:
    """The message for a word that cannot be parsed as an override."""
    key, equals, value = word.partition("=")
    if not re.fullmatch(r"[+~]{0,2}[\w./@:]+", key):
        return f"{word!r} is not an override. Received {word}. Allowed: key=value. Type for example seed=1"
    if not equals:
        return f"{word} has no value. Received {word}. Allowed: key=value. Type {word}=…"
    return (
        f"The value of {key} could not be parsed. Received {word}. Allowed: a word, a number, a list [a,b], quoted "
        f"text. Type for example {key}=\"'{value}'\", with both kinds of quotes, if it is text"
    )


def _unknown_option(group: str, option: str, listed: str | None) -> str:
    allowed = sorted(set((listed or "").split()))  # including the user's own files
    if group == "hydra/sweeper":
        return other_sweeper(f"{group}={option}")
    if not allowed:
        return f"There is no group {group}. Received {group}={option}. Allowed: {', '.join(GROUPS)}. See ablate --help"
    typed = f"+{group}" if group.partition("/")[0] == "study" else group
    return (
        f"Unknown {group}. Received {typed}={option}. Allowed: {', '.join(allowed)}. "
        f"Type for example {typed}={nearest(option, allowed)}"
    )


def _option_without_name() -> str:
    return (
        "An option of a group must be a name. Received a number, null or a mapping. Allowed: "
        f"{'=, '.join(GROUPS)}= with one of the names that ablate --help lists. Type for example model=resnet34"
    )


TYPES = {"Integer": "a whole number", "Float": "a number", "bool": "true or false"}


def _wrong_type(value: str, wanted: str, path: str) -> str:
    key = path.partition("[")[0]  # without the position in a list
    return (
        f"Wrong type for {path}. Received {path}={value}. Allowed: {TYPES.get(wanted, wanted)}. "
        f"Type for example {key}={example(key)}"
    )


def _wrong_form(path: str, value: str) -> str:
    allowed = "a value" if value == "null" else "a list"
    return f"Wrong form of {path}. Received {path}={value}. Allowed: {allowed}. Type for example {path}={example(path)}"


def _no_list(path: str) -> str:
    return f"Wrong form of {path}. Received no list. Allowed: a list. Type for example {path}={example(path)}"


def _wrong_word(value: str, allowed: str, path: str) -> str:
    close = nearest(value, allowed.split(", "))
    return f"Unknown value of {path}. Received {path}={value}. Allowed: {allowed}. Type for example {path}={close}"


def _no_value(path: str) -> str:
    return f"{path} has no value. Received none. Allowed: see ablate --help. Type {path}=…"


def _sweep_of_hydra(word: str) -> str:
    key, _, values = word.partition("=")
    if key.lstrip("+").startswith("hydra.sweeper.params."):
        name = key.partition("hydra.sweeper.params.")[2]
        return (
            f"hydra.sweeper.params is for config files. Received {word}. Allowed on the command line: {name}= with "
            f"several values. Type ablate -m {name}={values}"
        )
    return (
        f"Hydra's own keys have one value in a sweep. Received {word}. Allowed: one value. Type "
        f"{key}={values.partition(',')[0]}"
    )


def _completion(problem: str) -> str:
    return (
        f"Shell completion is installed for one shell. Received {problem}. Allowed: install=, uninstall= or query= "
        'with bash, zsh or fish. Type eval "$(ablate -sc install=bash)"'
    )


def _completion_without_command() -> str:
    return _completion("no command, or several")


def _nested_too_deeply() -> str:
    return (
        "Lists, mappings or interpolations are nested too deeply, or an interpolation refers to itself. Received more "
        "levels than can be read. Allowed: plain values. See ablate --help"
    )


def _several_values(key: str) -> str:
    return (
        f"Several values make a sweep. Received a list of choices for {key} without -m. "
        f"Allowed without -m: one value. Type ablate -m {key}=…"
    )


def _key_exists(key: str) -> str:
    return f"{key} already exists. Received +{key}. Allowed: {key}= without the plus sign. Type {key}=…"


def _other_value(key: str, value: str, typed: str) -> str:
    if key in DEFAULTS:
        return cannot_delete(key)
    return f"{key} has a different value. Received ~{key}={typed}. Allowed: its value, {value}. Type {key}=…, to set it"


def _nothing_to_delete(word: str) -> str:
    return f"There is nothing to delete. Received ~{word}. Allowed: overrides without ~. Leave ~{word} out"


def _resolve_alone() -> str:
    return (
        "--resolve needs --cfg. Received --resolve alone. Allowed: --cfg job --resolve, which prints the configuration "
        "with its interpolations resolved. Type ablate --cfg job --resolve"
    )


def _no_variable(name: str) -> str:
    return (
        f"The environment variable {name} is not set. Received ${{oc.env:{name}}}. Allowed: a variable that is set. "
        f"Type for example {name}=… ablate …, or ${{oc.env:{name},default}}"
    )


def _no_interpolation(text: str) -> str:
    return (
        f"The interpolation {text} cannot be resolved. Received {text}. Allowed: an existing key, or a plain value. "
        "See ablate --help"
    )


def _broken_interpolation(text: str) -> str:
    return (
        f"An interpolation could not be parsed. Received “{text}”. Allowed: ${{key}} and ${{oc.env:NAME}}, or \\${{ "
        "for these characters themselves. Type for example name='run-${seed}'"
    )


def _recursive_interpolation(path: str) -> str:
    return (
        f"An interpolation refers to itself. Received it in {path}. Allowed: interpolations of other keys. Type for "
        f"example {path}={example(path)}"
    )


def _not_yaml(file: str, line: str) -> str:
    hint = ""
    if Path(file).parent.name == "study":
        hint = ', and quotes around an override with brackets: ["model.repeats=[2,2]"]'
    return (
        f"A file is not valid YAML, or contains a key twice. Received {file}, near line {line}. "
        f"Allowed: valid YAML with each key once{hint}. Correct that line"
    )


def _no_plugin(name: str) -> str:
    match = INSTALLABLE.fullmatch(name)
    if match is None:
        return f"Hydra has no such plugin. Received {name}. Allowed: the plugins that ablate --info plugins lists"
    return (
        f"The plugin for this launcher is not installed. Received {name}. Allowed: an installed plugin, or the default "
        f"launcher. Type pip install 'hydra-{match[1]}-launcher<1.3', or leave hydra/launcher= out"
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


# Messages of Hydra and OmegaConf as regular expressions, each with the function that turns its groups into our message.
PATTERNS: tuple[tuple[str, Callable[..., str]], ...] = (
    (r"^(?:while|could not|found|expected|mapping)[\s\S]*in \"([^\"]+)\", line (\d+)", _not_yaml),
    (r"maximum recursion depth exceeded", _nested_too_deeply),
    (r"Recursive interpolation detected\s+full_key: (\S+)", _recursive_interpolation),
    (GRAMMAR, _broken_interpolation),
    (r"Expecting one subcommand from", _completion_without_command),
    (r"No completion plugin for '([^']*)' found", _completion),
    (r"Sweeping over Hydra's configuration is not supported : '([^']*)'", _sweep_of_hydra),
    (r"is not a ListConfig, list or tuple\.\s+full_key: (\S+)", _no_list),
    (r"Unknown plugin class : '([^']*)'", _no_plugin),
    (r"Config group override must be a string or a list", _option_without_name),
    (r"Could not find '(\w[\w/]*)/([^']*)'(?:\s+Available options in '[^']*':((?:\n\s+\S+)+))?", _unknown_option),
    (r"Cannot find primary config '([^']+)'([\s\S]*)", _no_config),
    (r"Primary config (?:module|directory)[\s\S]*?'([^']+)'", _no_config_path),
    (r"Additional config directory '([^']+)' not found", _no_config_dir),
    (r"Key '[^']*' (?:not in|is not in struct)[\s\S]*full_key: (\S+)", unknown_key),
    (r"Could not override '([^']+)'", unknown_key),
    (r"Could not append to config\. An item is already at '([^']+)'", _key_exists),
    (r"Value '([^']*)' of type '[^']*' could not be converted to (\w+)[\s\S]*full_key: (\S+)", _wrong_type),
    (r"Value '([^']*)' is not a valid (\w+)[\s\S]*full_key: (\S+)", _wrong_type),
    (r"Invalid value '([^']*)', expected one of \[([^\]]*)\][\s\S]*full_key: (\S+)", _wrong_word),
    (r"override ([\w.]+)=(\S*)[\s\S]*is not (?:a ListConfig|Optional)", _wrong_form),
    (r"Missing mandatory value: (\S+)", _no_value),
    (r"missing mandatory value[\s\S]*full_key: (\S+)", _no_value),
    (r"does not support deletion\s+full_key: (\S+)", cannot_delete),
    (r"Could not delete '([^']+)'\. No match", _nothing_to_delete),
    (r"Could not delete from config\. '([^']+)' does not exist", unknown_key),
    (r"Could not delete from config\. The value of '([^']+)' is (.*) and not (.*)\.", _other_value),
    (r"The --resolve flag can only be used", _resolve_alone),
    (r"[Ee]nvironment variable '([^']+)' not found", _no_variable),
    (r"(?:Error resolving interpolation|Interpolation key) '([^']+)'", _no_interpolation),
    (r"Ambiguous value for argument '([^'=]+)", _several_values),
    (r"Sweep parameters '([^'=]+)", _several_values),
)
