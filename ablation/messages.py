"""Hydra's and OmegaConf's errors as one paragraph: what, received, allowed, what to type."""

import dataclasses
import json
import re
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ablation.config import Config
from ablation.errors import nearest

GROUPS = ("model", "data", "train")
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


def keys(group: str) -> list[str]:
    """The keys of a group; of the root for the empty name."""
    node = {f.name: f.type for f in dataclasses.fields(Config)}[group] if group else Config
    return [f.name for f in dataclasses.fields(node)]


def help_on_keys(config: Any) -> str:
    """Every key as the composed config has it, what it is and what it may be: a line each."""
    lines = []
    for group in ("", *GROUPS):
        node = {f.name: f.type for f in dataclasses.fields(Config)}[group] if group else Config
        values = config[group] if group else config
        dotted = f"{group}." if group else ""
        fields = [f for f in dataclasses.fields(node) if "doc" in f.metadata]
        lines += [(f"{dotted}{f.name}={_shown(values[f.name])}", _told(f.metadata)) for f in fields] + [("", "")]
    width = max(len(typed) for typed, _ in lines if len(typed) <= 40)
    return "\n".join(f"{typed:{width}}  {told}".rstrip() for typed, told in lines).rstrip()


def _shown(value: Any) -> str:
    text = json.dumps(list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value)
    return text.replace('"', "").replace(" ", "")


def _told(metadata: Mapping[str, Any]) -> str:
    told = metadata["doc"]
    if "choices" in metadata:
        told += f" ({' | '.join(map(str, metadata['choices']))})"
    if "read_by" in metadata:
        told += f" [{', '.join(metadata['read_by'])}]"
    return told


def unknown_key(path: str) -> str:
    """The paragraph for a key that the schema does not have."""
    group, _, name = path.rpartition(".")
    if path.partition(".")[0] == "study":
        return f"No study is named. Received {path}. Allowed behind +study=NAME. Type ablate -m +study=NAME {path}=…"
    if group not in ("", *GROUPS):
        return f"Unknown key. Received {path}. Allowed: keys of {', '.join(GROUPS)}. See ablate --help"
    allowed = keys(group)
    dotted = f"{group}." if group else ""
    return (
        f"Unknown key. Received {path}. Allowed{f' in {group}' if group else ''}: {', '.join(allowed)}. "
        f"Type for example {dotted}{nearest(name, allowed)}="
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
