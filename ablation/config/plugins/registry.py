"""The functions of plugin files, which this process has run."""

import importlib.util
import sys
import types
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from ablation.config.plugins.declarations import KEYS
from ablation.config.plugins.offline import Download, offline
from ablation.config.plugins.source_text import PluginFile, location, plugin_error
from ablation.errors import AblateError
from ablation.text import first_line


class Registry:
    """The plugin functions that a process has loaded, and their files, so that no file runs twice."""

    def __init__(self):
        self._parts: dict[str, dict[str, Any]] = {table: {} for table in KEYS}
        self._modules: dict[tuple[str, str], types.ModuleType] = {}  # by path and SHA-256

    def take(self, path: str) -> None:
        """Register the functions of a file, and run it first unless that is done. Raises AblateError if it fails."""
        digest = PluginFile(path).digest
        if (path, digest) not in self._modules:
            self._modules[path, digest] = _run(path, digest)
        module = self._modules[path, digest]
        for table, parts in self._parts.items():
            parts.update(getattr(module, table, {}))

    def run_again(self, table: str, name: str) -> Any:
        """The function of this name after another run of its file, which changes nothing here; None if that fails."""
        for (path, digest), module in self._modules.items():
            if self._parts[table].get(name) is getattr(module, table, {}).get(name, self):
                try:
                    return getattr(_run(path, digest, "again"), table)[name]
                except (AblateError, AttributeError, KeyError):
                    return None
        return None

    def parts(self, table: str) -> Mapping[str, Any]:
        """The functions in a table, such as `BLOCKS`, by name."""
        return MappingProxyType(self._parts[table])


REGISTRY = Registry()  # of this process


def take(paths: Sequence[str]) -> None:
    """Run the files and register their functions in this process. Raises AblateError if one fails."""
    for path in paths:
        REGISTRY.take(path)


def parts(table: str) -> Mapping[str, Any]:
    """The functions in a table, such as `BLOCKS`, that this process has loaded from plugins, by name."""
    return REGISTRY.parts(table)


def run_again(table: str, name: str) -> Any:
    """The function after another run of its file; None if that fails. See `Registry.run_again`."""
    return REGISTRY.run_again(table, name)


def _run(path: str, digest: str, suffix: str = "") -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(f"ablation_plugin_{digest[:16]}{suffix}", location(path))
    if spec is None or spec.loader is None:
        raise plugin_error(path, "cannot be imported", "a Python file whose name ends in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses of the file look for it
    try:
        with offline():
            spec.loader.exec_module(module)
    except Download as error:
        problem = f"opens a connection when it is run ({error}), so nobody could repeat a run without it"
        raise plugin_error(
            path, problem, "a file that only defines functions", "the download in a function of DATA"
        ) from None
    except (Exception, SystemExit) as error:
        problem = f"fails when it is run ({type(error).__name__}: {first_line(error)})"
        raise plugin_error(path, problem, "Python that runs without errors") from error
    return module
