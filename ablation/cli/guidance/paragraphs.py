"""The paragraphs for errors that Hydra and OmegaConf raise, by the text of the error."""

from collections.abc import Callable

from ablation.cli.config_policy import other_sweeper
from ablation.cli.guidance import file_paragraphs
from ablation.config.key_help import KIND_WORDS, cannot_delete, example, key_at, null_means_none, unknown_key
from ablation.config.schema import GROUPS
from ablation.errors import nearest

GRAMMAR = (  # how OmegaConf's parser of interpolations begins its messages
    r"(?:no viable alternative at input|token recognition error at:|(?:mismatched|extraneous) input|missing \w+ at) "
    r"'(\$\{[^\n]*)'"
)


def _unknown_option(group: str, option: str, listed: str | None) -> str:
    lines = map(str.strip, (listed or "").splitlines())
    allowed = sorted({line for line in lines if line})  # including the user's own files
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


TYPES = {"Integer": KIND_WORDS[int], "Float": KIND_WORDS[float], "bool": KIND_WORDS[bool]}
NONE = {"none", "nil", "off", "no", "na", "auto", "default", "unlimited"}  # words that people type for null
PYTHON_TYPES = {"int": "Integer", "float": "Float"}


def _wrong_type(value: str, wanted: str, path: str) -> str:
    name = path.partition("[")[0]  # without the position in a list
    allowed, shown = TYPES.get(wanted, wanted), example(name)
    if null_means_none(name):
        allowed += ", or null for none"
        if value.lower() in NONE:
            shown = "null"
    return f"Wrong type for {path}. Received {path}={value}. Allowed: {allowed}. Type for example {name}={shown}"


def _wrong_form(path: str, value: str) -> str:
    allowed = "a value" if value == "null" else "a list"
    return f"Wrong form of {path}. Received {path}={value}. Allowed: {allowed}. Type for example {path}={example(path)}"


def _no_null(path: str) -> str:
    return _wrong_form(path, "null")


def _no_list(path: str) -> str:
    return f"Wrong form of {path}. Received no list. Allowed: a list. Type for example {path}={example(path)}"


def _no_text(value: str, path: str) -> str:
    return _wrong_type(value, "text", path)


def _wrong_item(wanted: str, value: str, path: str) -> str:
    return _wrong_type(value, PYTHON_TYPES.get(wanted, "text"), path)


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
    if example(key).startswith("["):
        return (
            f"{key} is a list, and several values without brackets make a sweep. Received several values for {key} "
            f"without -m. Allowed: a list, in brackets. Type for example {key}={example(key)}"
        )
    return (
        f"Several values make a sweep. Received a list of choices for {key} without -m. "
        f"Allowed without -m: one value. Type ablate -m {key}=…"
    )


def _no_group(word: str, group: str) -> str:
    return f"There is no group {group}. Received {word}. Allowed: {', '.join(GROUPS)}. See ablate --help"


def _wrong_range() -> str:
    return (
        "A range has no values that can be counted. Received range(…) with a step of 0, or with a value that is no "
        "finite number. Allowed: range(start,stop,step) with numbers. Type for example seed=range(0,5)"
    )


def _two_choices(group: str, option: str) -> str:
    if group == "study":
        return (
            f"One study at a time. Received several, the last of them +study={option}. Allowed: one name after "
            f"+study=. Type for example ablate -m +study={option}"
        )
    return (
        f"The group {group} already has a choice. Received {group}={option} with a plus sign. Allowed: {group}= "
        f"without it. Type {group}={option}"
    )


def _forced_choice(group: str, option: str) -> str:
    sign, words = ("+", "one plus sign") if group.partition("/")[0] == "study" else ("", "no plus sign")
    return (
        f"Two plus signs set a key, and {group} is a group of files. Received ++{group}={option}. Allowed: {words}. "
        f"Type {sign}{group}={option}"
    )


def _key_exists(key: str) -> str:
    return f"{key} already exists. Received +{key}. Allowed: {key}= without the plus sign. Type {key}=…"


def _other_value(key: str, value: str, typed: str) -> str:
    if key_at(key) is not None:
        return cannot_delete(key)
    return f"{key} has a different value. Received ~{key}={typed}. Allowed: its value, {value}. Type {key}=…, to set it"


def _no_key() -> str:
    return "An override has no key. Received only its value or sign. Allowed: key=value. Type for example seed=1"


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


def _wrong_interpolation(text: str) -> str:
    return (
        f"An interpolation gives a value of the wrong type. Received {text}. Allowed: a key whose value the other key "
        "allows too. See ablate --help"
    )


def _failing_interpolation(path: str) -> str:
    return (
        f"An interpolation fails. Received it in {path}. Allowed: ${{key}}, and ${{oc.env:NAME}} with the name of a "
        f"variable. Type for example {path}={example(path)}"
    )


def _recursive_interpolation(path: str) -> str:
    return (
        f"An interpolation refers to itself. Received it in {path}. Allowed: interpolations of other keys. Type for "
        f"example {path}={example(path)}"
    )


def _many_digits() -> str:
    return (
        "A number has too many digits. Received more than 4300. Allowed: at most 4300 digits. Type a smaller number, "
        "or quoted text"
    )


# Messages of Hydra and OmegaConf as regular expressions, each with the function that turns its groups into our message.
PATTERNS: tuple[tuple[str, Callable[..., str]], ...] = (
    (r"maximum recursion depth exceeded", _nested_too_deeply),
    *file_paragraphs.PATTERNS,
    (r"Recursive interpolation detected\s+full_key: (\S+)", _recursive_interpolation),
    (r"Interpolation to parent node detected\s+full_key: (\S+)", _recursive_interpolation),
    (GRAMMAR, _broken_interpolation),
    (r"(?:While|Error) dereferencing interpolation '([^']+)'", _wrong_interpolation),
    (r"(Unsupported interpolation type \w+)", _no_interpolation),
    (r"Multiple values for (\S+)\. To override a value use 'override \S+: ([^']*)'", _two_choices),
    (r"Exceeds the limit \(\d+ digits\) for integer string conversion", _many_digits),
    (r"Could not (?:override|delete) ''", _no_key),
    (r"force-add of config groups is not supported: '\+\+([^=']+)=([^']*)'", _forced_choice),
    (r"Override (\S+) looks like a config group override, but config group '([^']*)' does not exist", _no_group),
    (r"InvalidOperation|range\(\) arg 3 must not be zero|Invalid range values", _wrong_range),
    (r"Expecting one subcommand from", _completion_without_command),
    (r"No completion plugin for '([^']*)' found", _completion),
    (r"Sweeping over Hydra's configuration is not supported : '([^']*)'", _sweep_of_hydra),
    (r"Config group override must be a string or a list", _option_without_name),
    (r"Could not find '(\w[\w/]*)/([^']*)'(?:\s+Available options in '[^']*':((?:\n\t[^\n]+)+))?", _unknown_option),
    (r"Key '[^']*' (?:not in|is not in struct)[\s\S]*full_key: (\S+)", unknown_key),
    (r"Could not override '([^']+)'", unknown_key),
    (r"Could not append to config\. An item is already at '([^']+)'", _key_exists),
    (r"Value '([^\n]*)' of type '[^']*' could not be converted to (\w+)[\s\S]*full_key: (\S+)", _wrong_type),
    (r"Value '([^\n]*)' is not a valid (\w+)[\s\S]*full_key: (\S+)", _wrong_type),
    (r"Cannot convert '\w+' to string: '([^\n]*)'[\s\S]*full_key: (\S+)", _no_text),
    (r"is not a subclass of (\w+)\. value: ([^\n]*)\s+full_key: (\S+\[\d+\])", _wrong_item),
    (r"Invalid value '([^']*)', expected one of \[([^\]]*)\][\s\S]*full_key: (\S+)", _wrong_word),
    (r"override ([\w.]+)=(\S*)[\s\S]*is not (?:a ListConfig|Optional)", _wrong_form),
    (r"override \+*([\w.]+)=(\S*)[\s\S]*Cannot merge DictConfig with ListConfig", _wrong_form),
    (r"Incompatible value 'None' for field of type '[^']*'\s+full_key: (\S+)", _no_null),
    (r"is not a ListConfig, list or tuple\.\s+full_key: (\S+)", _no_list),
    (r"Missing mandatory value: (\S+)", _no_value),
    (r"missing mandatory value[\s\S]*full_key: (\S+)", _no_value),
    (r"does not support deletion\s+full_key: (\S+)", cannot_delete),
    (r"Could not delete '([^']+)'\. No match", _nothing_to_delete),
    (r"Could not delete from config\. '([^']+)' does not exist", unknown_key),
    (r"Could not delete from config\. The value of '([^']+)' is (.*) and not (.*)\.", _other_value),
    (r"The --resolve flag can only be used", _resolve_alone),
    (r"[Ee]nvironment variable '([^']+)' not found", _no_variable),
    (r"(?:Error resolving interpolation|Interpolation key) '([^']+)'", _no_interpolation),
    (r"\w+ raised while resolving interpolation: [^\n]*\s+full_key: (\S+)", _failing_interpolation),
    (r"Ambiguous value for argument '([^'=]+)", _several_values),
    (r"Sweep parameters '([^'=]+)", _several_values),
)
