"""The command line and environment of a program's run, from the flags of its cell."""

import re
from pathlib import Path
from typing import Any

from ablation.config.program.flags import Flags
from ablation.config.program.spec import ARGPARSE, ARGS, DIR, ENV, HYDRA, SEED, SWITCH, VALUE, ProgramConfig
from ablation.runtime.users_environment import users_environment
from ablation.text import typed_value

PLAIN = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./%+@?|"
)  # of Hydra's unquoted texts
BEFORE_QUOTE = re.compile(r"(\\*)('|\Z)")  # backslashes count only there, where Hydra halves them
NEGATIVE = re.compile(r"-\d+|-\d*\.\d+")  # the negative numbers that argparse knows
RESERVED = {"null", "none", "true", "false", "nan", "inf", "-inf", "+inf"}  # words that Hydra reads as other values


def command_words(config: ProgramConfig, directory: Path, further: tuple[str, ...] = ()) -> list[str]:
    """The words of the command, with all placeholders filled. directory: what {dir} stands for. further: at the end."""
    words: list[str] = []
    for word in (*config.program.command, *further):
        words += flag_words(config.flags, config.program.flags) if word == ARGS else [word]
    return [filled(word, config.seed, directory) for word in words]


def filled(text: str, seed: int, directory: Path) -> str:
    """The text with {seed} and {dir} replaced; other braces stay."""
    return text.replace(SEED, str(seed)).replace(DIR, str(directory))


def working_folder(config: ProgramConfig, directory: Path) -> Path:
    """The folder in which the program runs."""
    return Path(config.folder, filled(config.program.cwd or ".", config.seed, directory))


def metric_file(config: ProgramConfig, directory: Path) -> Path | None:
    """The file that the metric is read from; None for one that is printed."""
    path = config.program.metric.path
    if path is None:
        return None
    return working_folder(config, directory) / filled(path, config.seed, directory)


def environment(config: ProgramConfig) -> dict[str, str]:
    """The user's environment with the flags of the style `env`: true is 1, false is 0, null leaves one out."""
    variables = users_environment()
    if config.program.flags != ENV:
        return variables
    for name, value in config.flags.items():
        if value is None:
            variables.pop(name, None)
        else:
            variables[name] = str(int(value)) if isinstance(value, bool) else _joined(value, ",")
    return variables


def flag_words(flags: Flags, style: str) -> list[str]:
    """The words that set flags. style: one of `spec.STYLES`."""
    words: list[str] = []
    for name, value in flags.items():
        words += WORDS[style](name, value)
    return words


def _argparse(name: str, value: Any) -> list[str]:
    """`--lr 0.1`, `--mixup`, `--no-mixup`, `--sizes 1 2`, `-b 3`; null leaves the flag out."""
    if value is None:
        return []
    if value is True:
        return [_option(name)]
    if value is False:
        return [f"--no-{name.lstrip('-')}"]
    if isinstance(value, list):
        return [_option(name), *map(_text, value)]
    text = _text(value)
    is_mistaken = text.startswith("-") and not NEGATIVE.fullmatch(text)  # argparse takes it for another option
    return [f"{_option(name)}={text}"] if is_mistaken else [_option(name), text]


def _switch(name: str, value: Any) -> list[str]:
    """As for argparse, but a flag that is false is absent."""
    return [] if value is False else _argparse(name, value)


def _value(name: str, value: Any) -> list[str]:
    """As for argparse, but booleans have a value: `--mixup True`, `--mixup False`."""
    return [_option(name), str(value)] if isinstance(value, bool) else _argparse(name, value)


def _hydra(name: str, value: Any) -> list[str]:
    """`lr=0.1`, `model.norm=null`, `name='a, b'`, and `~key` for a flag of this name that is null."""
    if name.startswith("~") and value is None:
        return [name]
    return [f"{name}={_hydra_text(value)}"]


def _hydra_text(value: Any) -> str:
    if isinstance(value, list):
        return f"[{','.join(map(_hydra_text, value))}]"
    if isinstance(value, str):
        return hydra_quoted(value)
    return typed_value(value)


def hydra_quoted(text: str) -> str:
    """The text with quotation marks, if Hydra would read it as anything else without."""
    if text and PLAIN.issuperset(text) and text.lower() not in RESERVED and not _is_number(text):
        return text
    escaped = BEFORE_QUOTE.sub(lambda match: 2 * match[1] + ("\\'" if match[2] else ""), text)
    return f"'{escaped}'"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _no_words(name: str, value: Any) -> list[str]:
    return []


def _option(name: str) -> str:
    if name.startswith("-"):
        return name
    return f"-{name}" if len(name) == 1 else f"--{name}"


def _text(value: Any) -> str:
    return str(value)


def _joined(value: Any, separator: str) -> str:
    return separator.join(map(_text, value)) if isinstance(value, list) else _text(value)


WORDS = {ARGPARSE: _argparse, SWITCH: _switch, VALUE: _value, HYDRA: _hydra, ENV: _no_words}
