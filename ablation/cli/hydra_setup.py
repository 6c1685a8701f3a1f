"""What the commands change in Hydra and OmegaConf, for as long as they need it.

Nothing is changed by an import: a notebook that uses Hydra itself, and `ablation.build` beside it, keeps its own.
"""

import contextlib
import os
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from hydra import version
from hydra._internal import hydra as hydra_module
from hydra.core.utils import setup_globals
from hydra.version import VersionBase
from omegaconf import OmegaConf
from omegaconf.basecontainer import BaseContainer
from omegaconf.resolvers import oc

from ablation.cli.loader import CheckedLoader
from ablation.config import key_help
from ablation.redaction import HIDDEN

VERSION_BASE = "1.3"
LOADER = "ConfigLoaderImpl"  # the class that Hydra reads configurations with, in its own module
SHORTEST_SECRET = 4  # characters: what is shorter stands in many a word
# conf/hydra/launcher/ has files with the names that the plugins give to their schemas, which is meant
SAME_NAME = r"\s*'hydra/launcher/"


@contextlib.contextmanager
def installed() -> Iterator[None]:
    """Let Hydra compose as our commands do while the block runs; all is as it was behind it.

    Configurations come through `CheckedLoader`. `${oc.env:NAME}` keeps what it gives out of messages and records, and
    `${help_on_keys:}` is the list of keys in `--help`.
    """
    setup_globals()  # Hydra's own resolvers, which it leaves as well
    with contextlib.ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.filterwarnings("ignore", SAME_NAME, UserWarning)
        stack.enter_context(resolver("oc.env", environment_value))
        stack.enter_context(resolver("help_on_keys", _help_on_keys))
        stack.enter_context(_version_base())
        stack.enter_context(_checked_loader())
        yield


@contextlib.contextmanager
def resolver(name: str, function: Callable[..., Any]) -> Iterator[None]:
    """Register a resolver with OmegaConf for the time of the block; one of the same name comes back behind it."""
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
    """`${oc.env:NAME}` or `${oc.env:NAME,default}`; no message or record repeats what the environment gave."""
    value = oc.env(name, *default)
    if name in os.environ and len(os.environ[name]) >= SHORTEST_SECRET:
        HIDDEN.hide({os.environ[name]: f"${{oc.env:{name}}}"})
    return value


def _help_on_keys(*, _root_: Any) -> str:
    return key_help.help_on_keys(_root_)


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
