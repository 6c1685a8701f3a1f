"""The command `ablate`."""

import argparse
import os
import signal
import sys

import hydra._internal.hydra
from hydra._internal.utils import get_args_parser
from hydra.core.hydra_config import HydraConfig
from hydra.errors import OverrideParseException
from omegaconf import DictConfig, OmegaConf

from ablation.cli import hydra_errors
from ablation.cli.arguments import is_override, options_first, prefix_study_keys, quote_free_text, split_options
from ablation.cli.composition import REFUSALS, conf_dir, job
from ablation.cli.invocation import exit_codes, plan_requests
from ablation.errors import AblateError
from ablation.runtime.signals import CODES

FOR_HYDRA_HELP = (  # Hydra composes its help without our config, and its own defaults are places that safety refuses
    *("hydra.run.dir=.", "hydra.sweep.dir=.", "hydra.sweep.subdir=.", "hydra.output_subdir=null"),
    *("hydra/job_logging=none", "hydra/hydra_logging=none"),
)


def task(cfg: DictConfig) -> int:
    """Run one cell: in this process, or in one of its own where it is a launcher's job.

    What went wrong is printed, never raised: one bad cell is not the sweep's end.
    """
    from ablation.run import execution
    from ablation.sweep import external_launchers

    hydra_config = HydraConfig.get()
    try:
        _refuse_study(cfg, hydra_config)
        cell = job(cfg, OmegaConf.to_container(hydra_config.overrides.task, resolve=False))
        if "num" in hydra_config.job:
            code = external_launchers.alone(cell, OmegaConf.to_container(hydra_config.launcher, resolve=True))
        else:
            code = execution.execute(cell)
    except REFUSALS as error:
        code = _complain(error)
    exit_codes.append(code)
    return code


def _refuse_study(cfg: DictConfig, hydra_config: DictConfig) -> None:
    if cfg.study is not None:
        words = " ".join(OmegaConf.to_container(hydra_config.overrides.task, resolve=False))
        raise AblateError(
            f"A study is many runs. Received {words} without -m. Allowed: ablate -m, which runs it, and ablate-plan, "
            f"which only looks. Type ablate -m {words}"
        )


def _options() -> argparse.ArgumentParser:
    """Hydra's options as `--hydra-help` shows them; `--version` is answered before Hydra is imported."""
    made = get_args_parser()
    (version,) = (action for action in made._actions if "--version" in action.option_strings)
    version.help = "Show the versions of ablate, Keras and TensorFlow"
    return made


sys.modules["hydra.main"].get_args_parser = _options
hydra_main = hydra.main(config_path=str(conf_dir()), config_name="config", version_base="1.3")(task)


def main() -> int:
    """`ablate`: 0 done, 1 nothing was started, 2 something failed, 75 being run elsewhere, 130/143 interrupted."""
    debug = os.environ.get("HYDRA_FULL_ERROR") == "1"
    os.environ["HYDRA_FULL_ERROR"] = "1"  # makes Hydra raise to us instead of printing and exiting
    exit_codes.clear()
    sweep = not {"-m", "--multirun"}.isdisjoint(sys.argv)
    try:
        sys.argv[1:] = prefix_study_keys(options_first([quote_free_text(word, sweep) for word in sys.argv[1:]]))
        if "--hydra-help" in sys.argv:
            sys.argv[1:] = [*split_options(sys.argv[1:])[0], *FOR_HYDRA_HELP]
        hydra_main()
    except REFUSALS as error:
        if debug:
            raise
        return _complain(error)
    except (ValueError, RuntimeError) as error:
        if debug or not hydra_errors.knows(error):
            raise
        return _complain(error)
    except KeyboardInterrupt:
        return CODES[signal.SIGINT]
    finally:
        if not debug:
            del os.environ["HYDRA_FULL_ERROR"]
    return max(exit_codes, default=0)


def _complain(error: Exception) -> int:
    text = str(error) if isinstance(error, AblateError) else hydra_errors.explain(error)
    if isinstance(error, OverrideParseException) or "LexerNoViableAlt" in text:
        text = next(
            (hydra_errors.unreadable(word) for word in split_options(sys.argv[1:])[1] if not is_override(word)), text
        )
    print(f"{'ablate-plan' if plan_requests else 'ablate'}: {text}", file=sys.stderr)
    return getattr(error, "code", 1)
