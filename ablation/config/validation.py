"""Validation of a configuration: ranges, keys that no choice reads, and missing values. Changes nothing."""

import dataclasses
import math
import re
from collections.abc import Collection, Sequence
from typing import Any

from ablation.config import agreement, key_help
from ablation.config.applicability import Reader, choice_reads, reader_of, reads
from ablation.config.keys import Key, Limits, keys_of
from ablation.config.normalisation import normalise
from ablation.config.plugins import declarations
from ablation.config.plugins.own_schema import OwnChoice
from ablation.config.plugins.signature import fits
from ablation.config.schema import GROUPS, Config, Model, flat
from ablation.errors import AblateError, Unread, nearest, unknown
from ablation.text import shell_text, typed_value

LONGEST_NAME, LONGEST_PATH = 255, 4095  # bytes, on Linux and macOS; a path of macOS is shorter
PATHS = {"outputs", "plugins", "data.root", "data.dir", "data.file", "model.weights"}  # keys whose values are paths
CHOSEN_BY_FILE = {"model.family", "data.source"}  # choices that a file of the group makes, together with all their keys


def check(config: Config, typed: Collection[str] = ()) -> None:
    """Raise AblateError for a config that cannot run. Does not change the config.

    config: as composed. typed: the keys that the user wrote on the command line, such as `model.width`.

    Refuses values out of range, keys that the family, source, schedule or optimizer does not read, values that
    contradict each other, and networks that are too deep for the image size. Combinations of keys are checked in the
    normal form (see `normalise`).
    """
    for key in keys_of(Config):
        _check_range(key.name, getattr(config, key.name), key.limits)
    for group in GROUPS:
        node = getattr(config, group)
        for key in keys_of(type(node)):
            path = f"{group}.{key.name}"
            check_value(path, getattr(node, key.name), key.limits, config.plugins)
            _check_read(config, group, key, typed)
    normal = normalise(config)
    _check_given(normal)
    agreement.check(config, normal)


def check_value(path: str, value: Any, limits: Limits, files: Sequence[str]) -> None:
    """Raise AblateError if a value of a key is none of its allowed values. files: of plugins, which may add some."""
    _check_range(path, value, _with_plugins(path, limits, files))


def _with_plugins(path: str, limits: Limits, files: Sequence[str]) -> Limits:
    """The limits with the choices from plugin files. Raises AblateError for a name that is already in use."""
    shipped = limits.choices
    if not limits.plugin or shipped is None:
        return limits
    added = declarations.names(files).get(path, [])
    for name in added:
        if name in shipped:
            raise AblateError(
                f"The name is already in use. Received {path}={name} in plugins=[{','.join(files)}]. Allowed: names "
                f"other than {', '.join(shipped)}. Type for example my_{name} in the file"
            )
    return dataclasses.replace(limits, choices=(*shipped, *added))


def _check_range(path: str, value: Any, limits: Limits) -> None:
    if limits.kind is not None:
        _check_parameter(path, value, limits)
    for item in value if isinstance(value, list) else [value]:
        if item is None:
            continue
        if limits.choices is not None and item not in limits.choices:
            if limits.kind is str:
                raise _unknown_text(path, item, limits.choices)
            raise unknown(f"value of {path}", item, limits.choices, path)
        is_number = isinstance(item, int | float)
        if isinstance(item, list | dict) or (_is_bounded(limits) and not is_number):
            raise AblateError(
                f"Wrong type for {path} ({limits.doc}). Received {path}={typed_value(value)}. Allowed: plain numbers "
                f"or text. Type for example {path}={key_help.example(path)}"
            )
        if isinstance(item, float) and not math.isfinite(item):
            raise AblateError(
                f"{path} is not a finite number ({limits.doc}). Received {path}={value}. Allowed: a finite number. "
                f"Type for example {path}={key_help.example(path)}"
            )
        if path in PATHS:
            _check_path(path, str(item))
        if not _within(item, limits):
            raise AblateError(
                f"{path} is out of range ({limits.doc}). Received {path}={value}. Allowed: {_rule(limits)}. "
                f"Type for example {path}={key_help.example(path)}"
            )


def _check_parameter(path: str, value: Any, limits: Limits) -> None:
    """Raise AblateError for a value whose type is not that of a plugin's parameter."""
    if limits.kind is None or (value is None and limits.optional) or fits(value, limits.kind):
        return
    allowed, word = key_help.KIND_WORDS[limits.kind], typed_value(value)
    if limits.choices is not None:
        allowed += f", one of {', '.join(map(typed_value, limits.choices))}"
    if limits.optional:
        allowed += ", or null"
    example = key_help.example(path)
    if limits.kind is str and value is not None and not isinstance(value, list | dict):
        example = f"\"'{word}'\"" if limits.choices is None else shell_text(nearest(word, limits.choices))
    raise AblateError(
        f"Wrong type for {path} ({limits.doc}). Received {path}={word}. Allowed: {allowed}. Type for example "
        f"{path}={example}"
    )


def _unknown_text(path: str, value: str, choices: Sequence[str]) -> AblateError:
    """The error for a text that a plugin's `Literal` does not list; what to type has the quotes that it needs."""
    return AblateError(
        f"Unknown value of {path}. Received {path}={value}. Allowed: {', '.join(choices)}. Type for example "
        f"{path}={shell_text(nearest(value, choices))}"
    )


def _check_path(path: str, value: str) -> None:
    """Raise AblateError for a path that no file system takes. path: the key."""
    whole = value.encode(errors="surrogatepass")
    length = max(len(name) for name in whole.split(b"/"))
    if length > LONGEST_NAME or len(whole) > LONGEST_PATH:
        problem = f"a name of {length:,} bytes" if length > LONGEST_NAME else f"{len(whole):,} bytes"
        raise AblateError(
            f"{path} is too long for a path: {problem}. Received {path}={value}. Allowed: names of at most "
            f"{LONGEST_NAME} bytes, and {LONGEST_PATH} together. Type for example {path}={key_help.example(path)}"
        )
    if re.search("[\0\ud800-\udfff]", value):
        raise AblateError(
            f"{path} contains a character that no path may contain: null or a lone surrogate. Received {path}={value}. "
            f"Allowed: a path in UTF-8. Type for example {path}={key_help.example(path)}"
        )


def _is_bounded(limits: Limits) -> bool:
    return (limits.low, limits.high, limits.above, limits.below) != (None, None, None, None)


def _within(number: Any, limits: Limits) -> bool:
    if limits.low is not None and number < limits.low:
        return False
    if limits.high is not None and number > limits.high:
        return False
    if limits.above is not None and number <= limits.above:
        return False
    return limits.below is None or number < limits.below


def _rule(limits: Limits) -> str:
    """The bounds in words: `at least 0 and below 1`."""
    bounds = {"at least": limits.low, "at most": limits.high, "above": limits.above, "below": limits.below}
    return " and ".join(f"{words} {bound}" for words, bound in bounds.items() if bound is not None)


def _check_read(config: Config, group: str, key: Key, typed: Collection[str]) -> None:
    """Refuse a value for a key that the chosen family, source, schedule or optimizer does not read.

    If another key of the same file decides, such as the optimizer, only typed keys are refused, because `normalise`
    resets keys left over from the file.
    """
    path = f"{group}.{key.name}"
    value = getattr(getattr(config, group), key.name)
    reader = reader_of(path)
    if reader is None or value == key.default or (reader.key not in CHOSEN_BY_FILE and path not in typed):
        return
    settings = flat(config)
    if not choice_reads(settings, path):
        name = reader.key.partition(".")[2]
        raise Unread(
            f"{path} ({key.limits.doc}) is not used by {reader.key}={settings[reader.key]}. Received {path}={value}. "
            f"Used only by {name}: {', '.join(reader.values)}. Leave the key out, or type {_other_choice(reader)}",
            path,
        )


def _other_choice(reader: Reader) -> str:
    """What to type so that a key is read: `another model=`, or `train.optimizer=sgd`."""
    if reader.key in CHOSEN_BY_FILE:
        return f"another {reader.key.partition('.')[0]}="
    return f"{reader.key}={reader.values[0]}"


def _check_given(config: Config) -> None:
    """Refuse null for a key that the network reads, unless it is a plugin's, whose type was checked."""
    if isinstance(config.model, OwnChoice):
        return
    settings = flat(config)
    for key in keys_of(type(config.model)):
        path = f"model.{key.name}"
        if settings[path] in (None, []) and reads(settings, path) and not key.limits.optional:
            raise _no_value(path, config.model, settings[path], key.limits)


def _no_value(path: str, model: Model, value: Any, limits: Limits) -> AblateError:
    allowed, example = "a value", "…"
    if limits.choices is not None:
        allowed, example = ", ".join(map(str, limits.choices)), limits.choices[0]
    return AblateError(
        f"{path} has no value ({limits.doc}), but model.family={model.family} needs one. Received {path}={value}. "
        f"Allowed: {allowed}. Type for example {path}={example}"
    )
