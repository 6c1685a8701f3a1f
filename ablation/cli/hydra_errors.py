"""Paragraphs for what Hydra and OmegaConf raise."""

import re
import traceback
from pathlib import Path

from ablation.config.key_help import unknown_key
from ablation.config.schema import GROUPS
from ablation.errors import nearest

HELP = "Allowed: key=value. See ablate --help"


def knows(error: Exception) -> bool:
    """Was it Hydra that raised, composing, though with a type that tells nothing?"""
    *_, last = traceback.extract_tb(error.__traceback__)
    return "hydra" in Path(last.filename).parts


def explain(error: Exception) -> str:
    """The paragraph for an error of composing a config."""
    text = "\n".join(str(e).strip() for e in (error, error.__cause__) if e is not None)
    for pattern, paragraph in PATTERNS:
        if found := re.search(pattern, text):
            return paragraph(*found.groups())
    return f"The command cannot be read. Received it, and {' '.join(text.split())}. {HELP}"


def unreadable(word: str) -> str:
    """The paragraph for a word that is no override at all."""
    key, equals, value = word.partition("=")
    if not re.fullmatch(r"[+~]{0,2}[\w./@:]+", key):
        return f"{word!r} is no override. Received {word}. Allowed: key=value. Type for example seed=1"
    if not equals:
        return f"{word} has no value. Received {word}. Allowed: key=value. Type {word}=…"
    return (
        f"The value of {key} cannot be read. Received {word}. Allowed: a word, a number, a list [a,b], quoted text. "
        f"Type for example {key}=\"'{value}'\", with both kinds of quotes, if it is text"
    )


def _option(group: str, option: str, listed: str | None) -> str:
    allowed = sorted(set((listed or "").split()))  # the user's own files among them
    if not allowed:
        return f"There is no group {group}. Received {group}={option}. Allowed: {', '.join(GROUPS)}. See ablate --help"
    return (
        f"Unknown {group}. Received {group}={option}. Allowed: {', '.join(allowed)}. "
        f"Type for example {group}={nearest(option, allowed)}"
    )


def _type(value: str, wanted: str, path: str) -> str:
    words, example = {
        "Integer": ("a whole number", "1"),
        "Float": ("a number", "0.1"),
        "bool": ("true or false", "true"),
    }.get(wanted, (wanted, "…"))
    return f"Wrong type for {path}. Received {path}={value}. Allowed: {words}. Type for example {path}={example}"


def _form(path: str, value: str) -> str:
    allowed = "a value" if value == "null" else "a list"
    return f"Wrong form of {path}. Received {path}={value}. Allowed: {allowed}. See {path} in ablate --help"


def _missing_value(path: str) -> str:
    return f"{path} has no value. Received none. Allowed: see ablate --help. Type {path}=…"


def _grid(key: str) -> str:
    return (
        f"Several values make a sweep. Received a list of choices for {key} without -m. "
        f"Allowed without -m: one value. Type ablate -m {key}=…"
    )


def _yaml(file: str, line: str) -> str:
    return (
        f"A file is no YAML, or has a key twice. Received {file}, near line {line}. Allowed: YAML with each key once. "
        "Put that line right"
    )


def _plugin(name: str) -> str:
    found = re.fullmatch(r"hydra_plugins\.hydra_(joblib|submitit|ray)_launcher\..*", name)
    if not found:
        return f"There is no such plug-in of Hydra. Received {name}. Allowed: those that ablate --info plugins lists"
    return (
        f"This launcher is a plug-in that is not installed. Received {name}. Allowed: to install it, or the launcher "
        f"of this project. Type pip install 'hydra-{found[1]}-launcher<1.3', or leave hydra/launcher= out"
    )


PATTERNS = (
    (r"^(?:while|could not|found|expected|mapping)[\s\S]*in \"([^\"]+)\", line (\d+)", _yaml),
    (r"Unknown plugin class : '([^']*)'", _plugin),
    (
        r"Config group override must be a string or a list",
        lambda: (
            f"An option is named by a word. Received a number. Allowed: {', '.join(GROUPS)}= and one of the "
            "names that ablate --help lists. Type for example model=resnet34"
        ),
    ),
    (r"Could not find '(\w[\w/]*)/([^']+)'(?:\s+Available options in '[^']*':((?:\n\s+\S+)+))?", _option),
    (r"Key '[^']*' (?:not in|is not in struct)[\s\S]*full_key: (\S+)", lambda path: unknown_key(path)),
    (r"Could not override '([^']+)'", lambda path: unknown_key(path)),
    (
        r"Could not append to config\. An item is already at '([^']+)'",
        lambda key: f"{key} exists already. Received +{key}. Allowed: {key}= without the plus sign. Type {key}=…",
    ),
    (r"Value '([^']*)' of type '[^']*' could not be converted to (\w+)[\s\S]*full_key: (\S+)", _type),
    (r"Value '([^']*)' is not a valid (\w+)[\s\S]*full_key: (\S+)", _type),
    (r"override ([\w.]+)=(\S*)[\s\S]*is not (?:a ListConfig|Optional)", _form),
    (r"Missing mandatory value: (\S+)", _missing_value),
    (r"Could not delete from config\. '([^']+)' does not exist", lambda path: unknown_key(path)),
    (
        r"[Ee]nvironment variable '([^']+)' not found",
        lambda name: (
            f"The environment has no {name}. Received ${{oc.env:{name}}}. Allowed: a variable that is "
            f"set. Type for example {name}=… ablate …, or ${{oc.env:{name},default}}"
        ),
    ),
    (
        r"(?:Error resolving interpolation|Interpolation key) '([^']+)'",
        lambda text: f"{text} stands for nothing here. Received {text}. Allowed: a value. See ablate --help",
    ),
    (r"Ambiguous value for argument '([^'=]+)", _grid),
)
