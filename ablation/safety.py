"""What a configuration may not make Hydra do: call anything but the sweeper and launcher that were asked for by name.

Hydra itself calls whatever a `_target_` names, in callbacks and anywhere below a plug-in, and what logging names.
"""

import re
from collections.abc import Iterator
from typing import Any

from omegaconf import DictConfig, OmegaConf

from ablation.errors import AblateError

PLUGINS = ("hydra.launcher._target_", "hydra.sweeper._target_")
SHIPPED = re.compile(r"(hydra_plugins|hydra\._internal\.core_plugins)(\.\w+)+")
LOGGING = re.compile(r"hydra\.(job|hydra)_logging\.")
HARMLESS = {"logging.StreamHandler", "logging.NullHandler", "rich.logging.RichHandler", "logging.Formatter"}
LOADING = re.compile(r"(LD_|DYLD_|PYTHON|GIT_|BASH).*|ENV|PATH|HOME|XDG_CONFIG_HOME|SHELL|EDITOR|PAGER")


def refuse_calls(cfg: DictConfig) -> None:
    """Raise AblateError where a composed config names something to be called, or a variable that loads code."""
    for path, value in _leaves(OmegaConf.to_container(cfg, resolve=False)):
        key = path.rpartition(".")[2]
        if key == "_target_" and not (path in PLUGINS and SHIPPED.fullmatch(str(value))):
            raise _refused(path, value, "only Hydra's own launcher and sweeper plug-ins are called, by their names")
        if path.startswith("hydra.callbacks."):
            raise _refused(path, value, "no callbacks")
        if path.startswith("hydra.") and isinstance(value, str) and re.search(r"oc\.(create|decode)\b", value):
            raise _refused(path, value, "plain values below hydra")
        if LOGGING.match(path) and (key in ("()", ".") or "ext://" in str(value) or "cfg://" in str(value)):
            if value not in ("ext://sys.stdout", "ext://sys.stderr"):
                raise _refused(path, value, "handlers that print")
        if LOGGING.match(path) and key in ("class", "filename") and value not in HARMLESS:
            raise _refused(path, value, f"handlers that print: {', '.join(sorted(HARMLESS))}")
        if path.startswith("hydra.job.env_set.") and LOADING.fullmatch(key):
            raise _refused(path, "…", "variables that load no code into a process; set this one in the shell")


def _leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _leaves(value, f"{path}.{key}" if path else str(key))
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from _leaves(value, f"{path}.{i}")
    else:
        yield path, node


def _refused(path: str, value: Any, allowed: str) -> AblateError:
    return AblateError(
        f"A configuration runs no code here. Received {path}={value}. Allowed: {allowed}. Leave the key out, and see "
        "SECURITY.md"
    )
