"""Prepare command-line arguments for Hydra: quote free text, and put options before overrides."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hydra._internal.utils import get_args_parser
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException

from ablation.errors import AblateError
from ablation.text import typed_value

FREE = re.compile(
    r"(\+{0,2}(name|outputs|data\.root|data\.dir|data\.file|model\.weights)=)(.*)", re.DOTALL
)  # keys whose values are free text
CHOICE = re.compile(r"(\+{0,2}(?:model|data|train|study)=)(.+)", re.DOTALL)  # groups, whose values are names of files
NO_NAME = re.compile(r"[+-]?(\.?\d[\w.+-]*|inf|nan)|true|false|null", re.IGNORECASE)  # Hydra reads these as no text
FILES = re.compile(
    r"(\+{0,2}plugins=)(?:([^\[\](){}'\"]+)|\[([^\[\](){}'\"]+)\])"
)  # a list of files, or without brackets
INFO, TOPICS = ("--info", "-i"), ("all", "config", "defaults", "defaults-tree", "plugins", "searchpath")
QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
SEVERAL_QUOTED = re.compile(f"({QUOTED.pattern})(,({QUOTED.pattern}))*", re.DOTALL)


@dataclass
class Words:
    """The words of a command line: options with their values, and overrides."""

    options: list[str] = field(default_factory=list)
    overrides: list[str] = field(default_factory=list)


def quoted(word: str, sweep: bool = False) -> str:
    """Quote a word for Hydra where its value is free text, or a name that Hydra would read as a number.

    Plugin files get the brackets of a list.
    sweep: as for `quote_free_text`. Raises AblateError for a word that is not UTF-8.
    """
    return quote_choices(quote_free_text(_list_of_files(word), sweep))


def _list_of_files(word: str) -> str:
    """`plugins=a.py,b.py` as the list that it means, `plugins=['a.py','b.py']`, and `~` in quotes; else the word."""
    start, _, value = word.partition("=")
    if start.lstrip("+") == "plugins" and QUOTED.fullmatch(value):
        return f"{start}=[{value}]"
    match = FILES.fullmatch(word)
    if match is None or match[2] == "null" or (match[3] and "~" not in match[3]):
        return word
    return f"{match[1]}[{','.join(_quoted(file.strip()) for file in (match[2] or match[3]).split(','))}]"


def quote_free_text(word: str, sweep: bool = False) -> str:
    """Quote a name or path for Hydra, such as `name=it's 5 $, all in`. Quoted values stay unchanged.

    Interpolations in it are resolved, as in a file. sweep: True if commas separate several paths. Raises AblateError
    for a word that is not UTF-8.
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
    is_quoted = (QUOTED if key == "name" else SEVERAL_QUOTED).fullmatch(value)
    if is_null or is_quoted:
        return word
    parts = split_at_commas(value) if sweep and key != "name" else [value]
    return start + ",".join(map(_quoted, parts))


def quote_choices(word: str) -> str:
    """Quote the names of a group that Hydra would read as a number, a boolean or null, such as `+study=1`."""
    match = CHOICE.fullmatch(word)
    if match is None:
        return word
    start, value = match.groups()
    names = []
    for name in value.split(","):
        names.append(f"'{name}'" if NO_NAME.fullmatch(name) else name)
    return start + ",".join(names)


def unquoted(word: str) -> str:
    """Undo `quoted` for display: the word that a user would type. Other words stay unchanged."""
    free, choice = FREE.fullmatch(word), CHOICE.fullmatch(word)
    typed = word
    if free is not None and QUOTED.fullmatch(free[3]):
        typed = free[1] + free[3][1:-1]
    elif choice is not None:
        typed = choice[1] + choice[2].replace("'", "")
    return typed if quoted(typed, sweep=True) == word else word


def split_at_commas(text: str) -> list[str]:
    """Split a text at its commas, except within interpolations, such as `${oc.env:NAME,default}`."""
    parts, depth = [""], 0
    for piece in re.split(r"(\$\{|\}|,)", text):
        if piece == "," and not depth:
            parts.append("")
            continue
        if piece == "${":
            depth += 1
        elif piece == "}" and depth:
            depth -= 1
        parts[-1] += piece
    return parts


def _quoted(text: str) -> str:
    if QUOTED.fullmatch(text):
        return text
    escaped = re.sub(r"(\\*)('|$)", _escaped_quote, text)
    return f"'{escaped}'"


def _escaped_quote(match: re.Match[str]) -> str:
    """Double the backslashes before a quote or the end of the text, and escape the quote."""
    quote = "\\'" if match[2] else ""
    return match[1] * 2 + quote


def sweep_words(params: Any) -> list[str]:
    """The overrides that `hydra.sweeper.params` of a config sets: `model.width: 4,8` as if `model.width=4,8` was typed.

    params: None if the config sets none. Raises AblateError for an entry that cannot be an override of a run.
    """
    if params is None:
        return []
    if not isinstance(params, Mapping):
        raise AblateError(
            f"hydra.sweeper.params is not a mapping. Received {params}. Allowed: keys of a run, each with its values "
            "separated by commas. Type for example params: {seed: '0,1,2'}"
        )
    words = []
    for key, value in _flat(params):
        word = quoted(f"{key}={typed_value(value)}", sweep=True)
        if re.split(r"[./]", key.lstrip("+~"))[0] in ("hydra", "study"):
            raise AblateError(
                f"hydra.sweeper.params sets a key that belongs to the command. Received {key}: {value}. Allowed: keys "
                f"of a run. Type {key}=… on the command line, and leave it out of hydra.sweeper.params"
            )
        if not is_override(word):
            raise AblateError(
                f"An entry of hydra.sweeper.params cannot be parsed. Received {key}: {value}. Allowed: a key of a run, "
                "and its values separated by commas. Type for example seed: 0,1,2"
            )
        words.append(word)
    return words


def _flat(params: Mapping[Any, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value with its dotted key: `{model: {width: "4,8"}}` is `model.width`."""
    for key, value in params.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


def prefix_study_keys(words: list[str]) -> list[str]:
    """Prefix `study.` keys with ++ if a study is named, so that they work whether or not its file contains them."""
    if not any(word.lstrip("+").startswith("study=") for word in words):
        return words
    return [f"++{word}" if word.startswith("study.") else word for word in words]


def options_first(words: Sequence[str]) -> list[str]:
    """Put options before overrides, because argparse accepts only one block of overrides. Keeps the order of each."""
    split = split_options(words)
    if split.options and split.options[-1] in _options_with_value():  # argparse must miss its value, not find another
        return [*split.options[:-1], *split.overrides, split.options[-1]]
    return [*split.options, *split.overrides]


def split_options(words: Sequence[str]) -> Words:
    """Split the words of a command line into options with their values, and overrides."""
    takes_value = _options_with_value()
    split = Words()
    remaining = list(words)
    while remaining:
        word = remaining.pop(0)
        if word in INFO:  # its value is optional
            topic = remaining.pop(0) if remaining[:1] and remaining[0] in TOPICS else "all"
            split.options.append(f"--info={topic}")
            continue
        if word.startswith("-") and word != "-":
            split.options.append(word)
        else:
            split.overrides.append(word)
        if word in takes_value and remaining:
            split.options.append(remaining.pop(0))
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
