"""The commands. With `hydra_plugins/` the only place that knows Hydra; nothing heavy is imported before its time."""

import dataclasses
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import hydra
from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from ablation import messages
from ablation.check import check
from ablation.config import Config
from ablation.errors import AblateError
from ablation.job import Job

ConfigStore.instance().store(name="schema", node=Config)
INTERRUPTED = 130
_exit_codes: list[int] = []  # of this command's runs; Hydra's main returns nothing


def conf_dir() -> Path:
    """Where the YAML lies: beside the package in a checkout or an editable install, inside it in a wheel."""
    package = Path(__file__).resolve().parent
    beside = package.parent / "conf"
    return beside if (beside / "config.yaml").is_file() else package / "conf"


def job(cfg: DictConfig, overrides: Sequence[str]) -> Job:
    """Turn a composed config into a checked, plain value. Raises AblateError."""
    known = [f.name for f in dataclasses.fields(Config)]
    extra = [k for k in cfg if k not in (*known, "hydra")]
    for group in messages.GROUPS:
        extra += [f"{group}.{k}" for k in cfg[group] if k not in messages.keys(group)]
    if extra:
        raise AblateError(messages.unknown_key(extra[0]))
    root = OmegaConf.masked_copy(cfg, known)
    typed = {o.lstrip("+~").partition("=")[0] for o in overrides}
    config = check(Config(**{k: _plain(cfg[k]) for k in known}), typed)
    written = OmegaConf.to_container(root, resolve=False)
    record = _unread_environment(dataclasses.asdict(config), written)
    return Job(config, record, tuple(overrides), OmegaConf.to_yaml(root))


def _plain(node: Any) -> Any:
    return OmegaConf.to_object(node) if OmegaConf.is_config(node) else node


def _unread_environment(values: Any, written: Any) -> Any:
    """The values, but `${oc.env:…}` as it was written: it may hold a secret, and no record repeats it."""
    if isinstance(values, dict):
        return {k: _unread_environment(v, written[k]) for k, v in values.items()}
    return written if isinstance(written, str) and "oc.env" in written else values


def compose(overrides: Sequence[str]) -> Job:
    """Compose a job outside of `hydra.main`, for notebooks and tests. Raises AblateError."""
    with hydra.initialize_config_dir(str(conf_dir()), version_base="1.3"):
        try:
            return job(hydra.compose("config", list(overrides)), overrides)
        except (HydraException, OmegaConfBaseException) as error:
            raise AblateError(messages.explain(error, conf_dir())) from error


def build(overrides: Sequence[str], input_shape: tuple[int, int, int] | None, classes: int | None):
    """See `ablation.build`."""
    from ablation import data

    if input_shape is not None:  # what the data's own size would be refused for does not matter then
        overrides = [*overrides, f"data.image_size={min(input_shape[:2])}"]
    config = compose(overrides).config
    if input_shape is None or classes is None:
        shape, names = data.describe(config.data)
        input_shape, classes = input_shape or shape, classes or len(names)
    from ablation import network

    return network.build(config.model, input_shape, classes, config.seed)


def task(cfg: DictConfig) -> int:
    """Run one cell, in this process. What went wrong is printed, never raised: one bad cell is not the sweep's end."""
    from ablation import run

    try:
        code = run.execute(job(cfg, HydraConfig.get().overrides.task))
    except AblateError as error:
        code = _complain(error)
    _exit_codes.append(code)
    return code


def report(code: int) -> None:
    """Let a sweeper say how its sweep ended."""
    _exit_codes.append(code)


hydra_main = hydra.main(config_path=str(conf_dir()), config_name="config", version_base="1.3")(task)


def main() -> int:
    """`ablate`: 0 done, 1 nothing was started, 2 something failed, 75 being run elsewhere, 130/143 interrupted."""
    debug = os.environ.get("HYDRA_FULL_ERROR") == "1"
    os.environ["HYDRA_FULL_ERROR"] = "1"  # makes Hydra raise to us instead of printing and exiting
    _exit_codes.clear()
    try:
        hydra_main()
    except (HydraException, OmegaConfBaseException, AblateError) as error:
        if debug:
            raise
        return _complain(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        if not debug:
            del os.environ["HYDRA_FULL_ERROR"]
    return max(_exit_codes, default=0)


def _complain(error: Exception) -> int:
    text = str(error) if isinstance(error, AblateError) else messages.explain(error, conf_dir())
    print(f"ablate: {text}", file=sys.stderr)
    return getattr(error, "code", 1)
