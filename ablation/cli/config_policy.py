"""Prevent a configuration from making Hydra run code other than its own sweeper and launcher plugins.

Hydra calls whatever a `_target_` names, in callbacks and anywhere below a plugin, and whatever its logging names.
"""

import re
from collections.abc import Collection, Iterator
from typing import Any

from omegaconf import DictConfig, OmegaConf

from ablation.config.key_help import unknown_key
from ablation.errors import AblateError
from ablation.text import typed_value

LAUNCHER, SWEEPER = "hydra.launcher._target_", "hydra.sweeper._target_"
OWN_SWEEPER = "hydra_plugins.ablate.AblationSweeper"
HYDRAS_PLACE = "outputs/${now:"  # how the folder starts where Hydra writes its files by default
SHIPPED = re.compile(r"(hydra_plugins|hydra\._internal\.core_plugins)(\.\w+)+")
# Where Hydra keeps what was typed or declared for the keys of a run, which it does not call.
TYPED = re.compile(r"hydra\.(overrides\.task|job\.override_dirname|sweeper\.params)\b")
LOGGING = re.compile(r"hydra\.(job|hydra)_logging\.")
HARMLESS = {"logging.StreamHandler", "logging.NullHandler", "rich.logging.RichHandler", "logging.Formatter"}
LOADING = re.compile(
    r"(LD_|DYLD_|PYTHON|GIT_|BASH|OPENSSL_|PJRT_|PERL|RUBY|NODE_).*|.*(LIBRARY|PRELOAD|PLUGIN).*"
    r"|ENV|PATH|HOME|XDG_CONFIG_HOME|SHELL|EDITOR|PAGER"
)
PLAIN = re.compile(  # variables that a file may set; the command line may set any except those above
    r"(OMP|MKL|OPENBLAS)_NUM_THREADS|CUDA_(VISIBLE_DEVICES|DEVICE_ORDER)|TF_(CPP_MIN_LOG_LEVEL|ENABLE_ONEDNN_OPTS"
    r"|FORCE_GPU_ALLOW_GROWTH|GPU_ALLOCATOR|DETERMINISTIC_OPS)|NVIDIA_TF32_OVERRIDE|XLA_PYTHON_CLIENT_\w+|JAX_PLATFORMS"
    r"|JAX_ENABLE_X64|JAX_DEFAULT_MATMUL_PRECISION|TFDS_DATA_DIR|(HTTPS?|NO)_PROXY"
)
FIXED = {"hydra.run.dir": ".", "hydra.sweep.dir": ".", "hydra.sweep.subdir": ".", "hydra.output_subdir": None}
ENVIRONMENT = "hydra.job.env_set."


def refuse_calls(config: DictConfig) -> None:
    """Raise AblateError if a composed config names a callable, an environment variable that loads code, or a folder.

    Folders are rejected because Hydra would write its own files there, including secrets that our records leave out.
    """
    _refuse_foreign_primary(config)
    _refuse_other_forms(config)
    typed = " ".join(OmegaConf.select(config, "hydra.overrides.hydra") or ())
    copied = OmegaConf.select(config, "hydra.job.env_copy") or ()  # copied variables keep their values
    for path, value in _leaves(OmegaConf.to_container(config, resolve=False)):
        _refuse_target(path, value)
        _refuse_sweeper_keys(path)
        _refuse_hydra_calls(path, value)
        _refuse_place(path, value)
        if path.startswith(ENVIRONMENT):
            _refuse_variable(path, typed, copied)


def _refuse_foreign_primary(config: DictConfig) -> None:
    """Raise AblateError for a primary config that does not include ours, which makes Hydra keep its own place."""
    name = OmegaConf.select(config, "hydra.job.config_name")
    place = OmegaConf.to_container(config.hydra.run, resolve=False)
    typed = OmegaConf.select(config, "hydra.overrides.hydra")
    is_hydras = isinstance(place, dict) and str(place.get("dir")).startswith(HYDRAS_PLACE)
    if name is not None and is_hydras and not any(word.startswith("hydra.run.dir=") for word in typed):
        raise AblateError(
            f"A primary config must include ablate's own. Received --config-name {name}, whose defaults do not list "
            f"config. Allowed: a file below --config-dir that starts from config and changes it. Type defaults: "
            f"[config, _self_] in {name}.yaml"
        )


def _refuse_other_forms(config: DictConfig) -> None:
    """Raise AblateError for values below `hydra` that Hydra would fail on: a plugin that is none, an odd `verbose`."""
    settings: Any = OmegaConf.to_container(config.hydra, resolve=False)
    for name in ("launcher", "sweeper"):
        node = settings.get(name, {"_target_": None})
        if not isinstance(node, dict) or "_target_" not in node:
            raise AblateError(
                f"The {name} is chosen by its name. Received hydra.{name}={typed_value(node)}. Allowed: "
                f"hydra/{name}=NAME. Type for example hydra/{name}=ablation"
            )
    verbose = settings.get("verbose", False)
    loggers = verbose if isinstance(verbose, list) else [verbose]
    if not isinstance(verbose, bool) and not all(isinstance(logger, str) for logger in loggers):
        raise AblateError(
            f"hydra.verbose names loggers. Received hydra.verbose={typed_value(verbose)}. Allowed: true, false, or "
            "names of loggers. Type for example hydra.verbose=true"
        )


def _refuse_target(path: str, value: Any) -> None:
    if path == SWEEPER and value != OWN_SWEEPER:
        raise AblateError(other_sweeper(f"{path}={value}"))
    if path == LAUNCHER and not SHIPPED.fullmatch(str(value)):
        raise _refused(path, value, "the names of Hydra's own launcher plugins")
    if path.rpartition(".")[2] == "_target_" and path not in (LAUNCHER, SWEEPER):
        raise _refused(path, value, "the names of Hydra's own launcher plugins, as hydra.launcher._target_")


def other_sweeper(received: str) -> str:
    """The error paragraph for a sweeper that is not ours."""
    return (
        f"ablate runs its sweeps and studies itself, and uses no other sweeper. Received {received}. Allowed: "
        "hydra/sweeper=ablation, which runs every combination and does not search hyper-parameters. Leave "
        "hydra/sweeper out"
    )


def _refuse_sweeper_keys(path: str) -> None:
    if path.startswith("hydra.sweeper.") and path != SWEEPER and path.split(".")[2] != "params":
        raise AblateError(unknown_key(path))


def _refuse_hydra_calls(path: str, value: Any) -> None:
    if path.startswith("hydra.callbacks."):
        raise _refused(path, value, "no callbacks")
    is_hydras = path.startswith("hydra.") and not TYPED.match(path)
    if is_hydras and isinstance(value, str) and re.search(r"oc\.(create|decode)\b", value):
        raise _refused(path, value, "plain values below hydra")
    if LOGGING.match(path):
        _refuse_handlers(path, path.rpartition(".")[2], value)


def _refuse_handlers(path: str, key: str, value: Any) -> None:
    named = key in ("()", ".") or "ext://" in str(value) or "cfg://" in str(value)
    if named and value not in ("ext://sys.stdout", "ext://sys.stderr"):
        raise _refused(path, value, "handlers that print")
    if key in ("class", "filename") and value not in HARMLESS:
        raise _refused(path, value, f"handlers that print: {', '.join(sorted(HARMLESS))}")


def _refuse_place(path: str, value: Any) -> None:
    if path in FIXED and value != FIXED[path]:
        raise AblateError(
            f"{path} is fixed, because Hydra must not write files of its own. Received {path}={value}. Allowed: "
            f"outputs=DIR, the folder of all runs. Leave {path}= out"
        )


def _refuse_variable(path: str, typed: str, copied: Collection[str]) -> None:
    name = path.rpartition(".")[2]
    allowed = PLAIN.fullmatch(name) or name in copied or f"{path}=" in typed
    if LOADING.fullmatch(name) or not allowed:
        raise _refused(path, "…", "in a file, only variables that control the computation. Set this one in the shell")


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
        f"A configuration must not run code. Received {path}={value}. Allowed: {allowed}. Leave the key out, and "
        "see SECURITY.md"
    )
