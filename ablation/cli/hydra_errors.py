"""Messages for the errors of Hydra and OmegaConf. The libraries' own text appears only in quotation marks."""

import inspect
import re
import sys
import traceback
from pathlib import Path

import antlr4
import hydra
import omegaconf
import yaml
from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from ablation.cli.guidance import refused_paths
from ablation.cli.guidance.paragraphs import PATTERNS
from ablation.cli.guidance.refused_paths import is_refused_path
from ablation.errors import AblateError

REFUSALS = (HydraException, OmegaConfBaseException, AblateError, yaml.YAMLError, UnicodeDecodeError, RecursionError)
# The folders of the libraries that read a command and its files.
PARSERS = [Path(inspect.getfile(library)).parent for library in (hydra, omegaconf, antlr4, yaml)]
HELP = "Allowed: key=value. See ablate --help"
LONGEST_QUOTE = 300  # characters of a library's own message


def is_refusal(error: Exception) -> bool:
    """Return whether an error is due to the command or its files, not to a defect of this program."""
    if isinstance(error, REFUSALS):
        return True
    return is_refused_path(error) if isinstance(error, OSError) else _is_from_hydra(error)


def _is_from_hydra(error: Exception) -> bool:
    """Return whether Hydra or one of its parsers raised the error, which may be of a generic type."""
    *_, last = traceback.extract_tb(error.__traceback__)
    return is_of_parser(last.filename)


def is_of_parser(filename: str) -> bool:
    """Return whether a file of code belongs to a library that reads a command and its files."""
    return any(Path(filename).is_relative_to(folder) for folder in PARSERS)


def explain(error: Exception) -> str:
    """The message for an error that Hydra or OmegaConf raised while composing a config, or that is of a path."""
    if isinstance(error, OSError) and is_refused_path(error):
        return refused_paths.explain(error, sys.argv[1:])
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
    return f"The command could not be parsed: “{quoted or type(error).__name__}”. {HELP}"


def unreadable(word: str) -> str:
    """The message for a word that cannot be parsed as an override."""
    key, equals, value = word.partition("=")
    if equals and not key.strip("+~"):
        return f"An override has no key. Received {word}. Allowed: key=value. Type for example seed=1"
    if not re.fullmatch(r"[+~]{0,2}[\w./@:]+", key):
        return f"{word!r} is not an override. Received {word}. Allowed: key=value. Type for example seed=1"
    if not equals:
        return f"{word} has no value. Received {word}. Allowed: key=value. Type {word}=…"
    return (
        f"The value of {key} could not be parsed. Received {word}. Allowed: a word, a number, a list [a,b], quoted "
        f"text. Type for example {key}=\"'{value}'\", with both kinds of quotes, if it is text"
    )
