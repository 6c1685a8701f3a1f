"""Completion in bash, zsh and fish: Hydra's, with the values of enumerations and the files of `--config-dir`."""

import argparse
import contextlib
import itertools
import os
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from hydra.plugins.completion_plugin import CompletionPlugin
from hydra.types import RunMode
from omegaconf import BooleanNode, DictConfig, OmegaConf

from ablation.cli.arguments import prefix_study_keys, quoted, split_options
from ablation.cli.hydra_errors import is_refusal
from ablation.cli.loader import CheckedLoader
from ablation.config import key_help
from ablation.config.plugins import declarations
from ablation.errors import AblateError
from ablation.study.spec import DESIGNS, FIXED, SEQUENTIAL, TESTS

LINE = "COMP_LINE"  # the variable with the line that the user has typed so far
NAMED_BY = {  # option: its name in the parsed options
    "--config-dir": "config_dir",
    "-cd": "config_dir",
    "--config-name": "config_name",
    "-cn": "config_name",
    "--config-path": "config_path",
    "-cp": "config_path",
}
QUERY = "_query"  # the name of Hydra's method that finds the words to offer
BOOLEANS = ("true", "false")
FURTHER = {
    "n_jobs": ("auto",),
    "study.design": DESIGNS,
    "study.stopping": (FIXED, SEQUENTIAL),
    "study.test": TESTS,
}


def apply_typed_options(options: argparse.Namespace) -> None:
    """Complete with the folder and the primary config that the typed line names.

    options: of the command that the shell calls, such as `ablate -sc query=bash`; changed in place. Raises AblateError
    if there is no typed line.
    """
    if not any(word.startswith("query") for word in options.overrides):
        return
    if LINE not in os.environ:
        raise AblateError(
            f"Completion reads the typed line from the variable {LINE}, which only the shell sets. Received "
            f"{' '.join(options.overrides)} without it. Allowed: a shell that has loaded the completion. Type "
            'eval "$(ablate -sc install=bash)", or ablate -sc install=fish | source'
        )
    typed = split_options(_words(os.environ[LINE])).options
    for word, following in itertools.pairwise([*typed, ""]):
        name, equals, value = word.partition("=")
        if name in NAMED_BY:
            setattr(options, NAMED_BY[name], value if equals else following)
    if options.config_dir is not None:
        options.config_dir = os.path.expanduser(os.path.expandvars(options.config_dir))  # as the shell will do
        if not os.path.isdir(options.config_dir):
            options.config_dir = None


def _words(line: str) -> list[str]:
    """The words of a line as the shell divides them, or at its spaces while a quotation mark is open."""
    try:
        return shlex.split(line)
    except ValueError:
        return line.split()


@contextlib.contextmanager
def installed() -> Iterator[None]:
    """Let Hydra's completion plugins answer with `candidates`; restore them on exit."""
    before = getattr(CompletionPlugin, QUERY)
    setattr(CompletionPlugin, QUERY, candidates)
    try:
        yield
    finally:
        setattr(CompletionPlugin, QUERY, before)


def candidates(plugin: CompletionPlugin, config_name: str | None, line: str) -> list[str]:
    """The words that may stand at the end of a line. line: without the name of the command."""
    words = _words(line)
    is_new = not words or line.endswith(" ")
    typed = split_options(words)
    if not is_new and words[-1] in typed.options:
        return []  # the shell completes file names
    word = "" if is_new else typed.overrides.pop()
    try:
        others = [quoted(each) for each in prefix_study_keys(typed.overrides)]
        return sorted(_matches(plugin, config_name, others, word))
    except Exception as error:
        if not is_refusal(error):
            raise
        return []  # another word of the line is wrong


def _matches(plugin: CompletionPlugin, config_name: str | None, others: list[str], word: str) -> set[str]:
    key, equals, value = word.partition("=")
    chosen, comma, last = value.rpartition(",")
    start = f"{key}{equals}{chosen}{comma}"
    prefix, filename = plugin._get_filename(word)
    if prefix is not None and filename is not None:
        return {f"{prefix}{file}" for file in plugin.complete_files(filename)}
    if isinstance(plugin.config_loader, CheckedLoader):
        plugin.config_loader.read_plugins(config_name, others)
    groups, is_group = plugin._query_config_groups(f"{key}{equals}{last}", config_name=config_name, words=others)
    if is_group:
        return {f"{start}{group.partition('=')[2]}" for group in groups}
    config: Any = plugin.config_loader.load_configuration(
        config_name=config_name, overrides=others, run_mode=RunMode.MULTIRUN, validate_sweep_overrides=False
    )
    values = allowed_values(config, key.lstrip("+")) if equals else ()
    if values:
        return {f"{start}{each}" for each in values if each.startswith(last)}
    return {*groups, *plugin._get_matches(config, word)}


def allowed_values(config: DictConfig, path: str) -> Sequence[str]:
    """The values of a key that takes only some words or numbers, with those from plugin files; otherwise none."""
    if path in FURTHER:
        return FURTHER[path]
    key = key_help.key_at(path)
    if key is None:
        return ()
    if key.limits.choices is not None:
        return [*map(str, key.limits.choices), *declarations.names(config.plugins).get(path, [])]
    if key.limits.kind is not None:
        return BOOLEANS if key.limits.kind is bool else ()
    group, _, name = path.rpartition(".")
    node = (OmegaConf.select(config, group) if group else config)._get_node(name)
    return BOOLEANS if isinstance(node, BooleanNode) else ()
