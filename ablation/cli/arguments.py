"""Prepare command-line arguments for Hydra: quote free text, and put options before overrides."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from hydra._internal.utils import get_args_parser
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException

from ablation.errors import AblateError

FREE = re.compile(r"(\+{0,2}(name|outputs|data\.root|data\.dir)=)(.*)", re.DOTALL)  # keys whose values are free text
QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)


@dataclass
class Words:
    """The words of a command line: options with their values, and overrides."""

    options: list[str] = field(default_factory=list)
    overrides: list[str] = field(default_factory=list)


def quote_free_text(word: str, sweep: bool = False) -> str:
    """Quote a name or path for Hydra, such as `name=it's 5 $, all in`. Quoted values and `${oc.env:…}` stay unchanged.

    sweep: True if commas separate several paths. Raises AblateError for a word that is not UTF-8.
    """
    try:
        word.encode()
    except UnicodeEncodeError:
        raise AblateError(
            f"An argument is not UTF-8 text, so no record can store it. Received {word!r}. Allowed: UTF-8. Rename the "
            "file or folder, or type the path of a link to it with a UTF-8 name"
        ) from None
    match = FREE.fullmatch(word)
    if match is None:
        return word
    start, key, value = match.groups()
    is_null = value == "null" and key != "outputs"
    if is_null or QUOTED.fullmatch(value):
        return word
    parts = value.split(",") if sweep and key != "name" else [value]
    return start + ",".join(map(_quoted, parts))


def unquote_free_text(word: str) -> str:
    """Undo `quote_free_text` for display: the word that a user would type. Other words stay unchanged."""
    match = FREE.fullmatch(word)
    if match is None or not QUOTED.fullmatch(match[3]):
        return word
    typed = match[1] + match[3][1:-1]
    return typed if quote_free_text(typed, sweep=True) == word else word


def _quoted(text: str) -> str:
    text = re.sub(r"(\\*)('|$)", _escaped_quote, text)
    text = re.sub(r"(\\*)\$\{(?!oc\.env:)", r"\1\1\\${", text)
    return f"'{text}'"


def _escaped_quote(match: re.Match[str]) -> str:
    """Double the backslashes before a quote or the end of the text, and escape the quote."""
    quote = "\\'" if match[2] else ""
    return match[1] * 2 + quote


def prefix_study_keys(words: list[str]) -> list[str]:
    """Prefix `study.` keys with ++ if a study is named, so that they work whether or not its file contains them."""
    if not any(word.lstrip("+").startswith("study=") for word in words):
        return words
    return [f"++{word}" if word.startswith("study.") else word for word in words]


def options_first(words: Sequence[str]) -> list[str]:
    """Put options before overrides, because argparse accepts only one block of overrides. Keeps the order of each."""
    split = split_options(words)
    return [*split.options, *split.overrides]


def split_options(words: Sequence[str]) -> Words:
    """Split the words of a command line into options with their values, and overrides."""
    takes_value = _options_with_value()
    split = Words()
    remaining = iter(words)
    for word in remaining:
        if word.startswith("-"):
            split.options.append(word)
        else:
            split.overrides.append(word)
        if word in takes_value:
            value = next(remaining, None)
            if value is not None:
                split.options.append(value)
    return split


def _options_with_value() -> set[str]:
    names: set[str] = set()
    for action in get_args_parser()._actions:
        if action.nargs is None:
            names.update(action.option_strings)
    return names


def is_override(word: str) -> bool:
    """Return whether Hydra can parse a word as an override."""
    try:
        OverridesParser.create().parse_override(word)
    except (HydraException, ValueError):
        return False
    return True
