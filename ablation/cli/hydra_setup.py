"""Temporary changes to Hydra and OmegaConf while a command runs.

Importing this module changes nothing, so a notebook that uses both Hydra and `ablation.build` keeps its own settings.
"""

import contextlib
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any, TextIO

from hydra import version
from hydra._internal import hydra as hydra_module
from hydra._internal.hydra import Hydra
from hydra.core.utils import setup_globals
from hydra.version import VersionBase
from omegaconf import OmegaConf
from omegaconf.basecontainer import BaseContainer
from omegaconf.resolvers import oc

from ablation.cli import invocation
from ablation.cli.guidance.group_help import for_template, help_on_group
from ablation.cli.hydra_errors import is_of_parser
from ablation.cli.loader import CheckedLoader
from ablation.config import key_help
from ablation.redaction import HIDDEN, SHORTEST_SECRET

VERSION_BASE = "1.3"
LOADER = "ConfigLoaderImpl"  # the name of Hydra's class that reads configurations
GET_MODE = "get_mode"  # the name of its method that reads `hydra.mode`
# The files in conf/hydra/launcher/ deliberately have the names of the plugins' schemas.
SAME_NAME = r"\s*'hydra/launcher/"


@contextlib.contextmanager
def installed() -> Iterator[None]:
    """Make Hydra compose configurations as our commands do; restore its settings on exit.

    Configurations are read by `CheckedLoader`. Values of `${oc.env:NAME}` are kept out of messages and records, and
    `${help_on_keys:}` and `${help_on_group:…}` give the lists of keys in `--help`.
    """
    setup_globals()  # registers Hydra's own resolvers; Hydra does not remove them either
    with contextlib.ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.filterwarnings("ignore", SAME_NAME, UserWarning)
        warnings.showwarning = _shown_as_note(warnings.showwarning)
        stack.enter_context(resolver("oc.env", environment_value))
        stack.enter_context(resolver("help_on_keys", _help_on_keys))
        stack.enter_context(resolver("help_on_group", help_on_group))
        stack.enter_context(_version_base())
        stack.enter_context(_checked_loader())
        stack.enter_context(_quick_mode())
        yield


def _shown_as_note(show: Callable[..., None]) -> Callable[..., None]:
    """Print the warnings of Hydra and OmegaConf as a line to the user, without code. show: for all other warnings."""

    def show_note(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if not is_of_parser(filename):
            show(message, category, filename, lineno, file, line)
            return
        print(f"{invocation.current().program}: Note: {' '.join(str(message).split())}", file=file or sys.stderr)

    return show_note


@contextlib.contextmanager
def resolver(name: str, function: Callable[..., Any]) -> Iterator[None]:
    """Register an OmegaConf resolver within the context; restore a previous one of the same name on exit."""
    before = BaseContainer._resolvers.get(name)
    OmegaConf.register_new_resolver(name, function, replace=True)
    try:
        yield
    finally:
        if before is None:
            OmegaConf.clear_resolver(name)
        else:
            BaseContainer._resolvers[name] = before


def environment_value(name: str, *default: Any) -> Any:
    """Resolve `${oc.env:NAME}` or `${oc.env:NAME,default}`, and hide the variable's value in messages and records."""
    value = oc.env(name, *default)
    if name in os.environ and len(os.environ[name]) >= SHORTEST_SECRET:
        HIDDEN.hide({os.environ[name]: f"${{oc.env:{name}}}"})
    return value


def _help_on_keys(*, _root_: Any) -> str:
    return for_template(key_help.help_on_keys(_root_))


@contextlib.contextmanager
def _version_base() -> Iterator[None]:
    before = version.getbase()
    version.setbase(VERSION_BASE)
    try:
        yield
    finally:
        VersionBase.instance().version_base = before


@contextlib.contextmanager
def _checked_loader() -> Iterator[None]:
    before = getattr(hydra_module, LOADER)
    setattr(hydra_module, LOADER, CheckedLoader)
    try:
        yield
    finally:
        setattr(hydra_module, LOADER, before)


@contextlib.contextmanager
def _quick_mode() -> Iterator[None]:
    """Compose each configuration once. Hydra composes it twice, the first time only to read `hydra.mode`.

    It does so here, too, if an override or a file of the user could set that key.
    """
    composed_mode = getattr(Hydra, GET_MODE)

    def mode(hydra: Hydra, config_name: str | None, overrides: list[str]) -> Any:
        if invocation.current().config_options or any("hydra" in word for word in overrides):
            return composed_mode(hydra, config_name, overrides)
        return None

    setattr(Hydra, GET_MODE, mode)
    try:
        yield
    finally:
        setattr(Hydra, GET_MODE, composed_mode)
