"""Command-line words: free text is quoted, options come before overrides."""

import itertools
import re
from collections.abc import Sequence

from hydra._internal.utils import get_args_parser
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException

from ablation.errors import AblateError

FREE = re.compile(r"(\+{0,2}(name|outputs|data\.root|data\.dir)=)(.*)", re.DOTALL)  # keys whose values are free text
QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)


def quote_free_text(word: str, sweep: bool = False) -> str:
    """Quote a name or a path as a person types it: `name=it's 5 $, all in`. What is quoted and `${oc.env:…}` stay.

    sweep: commas part a list of paths. Raises AblateError for a name that is no text.
    """
    try:
        word.encode()
    except UnicodeEncodeError:
        raise AblateError(
            f"A word is no UTF-8 text, which no record can hold. Received {word!r}. Allowed: UTF-8. Rename what it "
            "names, or type the path through a link whose name is text"
        ) from None
    found = FREE.fullmatch(word)
    if not found or QUOTED.fullmatch(found[3]) or (found[3] == "null" and found[2] != "outputs"):
        return word
    parts = found[3].split(",") if sweep and found[2] != "name" else [found[3]]
    return found[1] + ",".join(_quoted(part) for part in parts)


def _quoted(text: str) -> str:
    text = re.sub(r"(\\*)('|$)", lambda end: end[1] * 2 + ("\\'" if end[2] else ""), text)
    return "'" + re.sub(r"(\\*)\$\{(?!oc\.env:)", r"\1\1\\${", text) + "'"


def prefix_study_keys(words: list[str]) -> list[str]:
    """A key of the named study is typed alike, whether or not its file has it."""
    named = any(word.lstrip("+").startswith("study=") for word in words)
    return [f"++{word}" if named and word.startswith("study.") else word for word in words]


def options_first(words: Sequence[str]) -> list[str]:
    """Options before overrides, as typed otherwise: argparse takes one block of overrides only."""
    return [word for part in split_options(words) for word in part]


def split_options(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Options with their values, and overrides."""
    valued = {o for action in get_args_parser()._actions if action.nargs is None for o in action.option_strings}
    options, overrides, rest = [], [], iter(words)
    for word in rest:
        (options if word.startswith("-") else overrides).append(word)
        if word in valued:
            options.extend(itertools.islice(rest, 1))
    return options, overrides


def is_override(word: str) -> bool:
    try:
        return bool(OverridesParser.create().parse_override(word))
    except (HydraException, ValueError):
        return False
