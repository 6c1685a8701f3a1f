"""The command `ablate`."""

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from typing import Any, NoReturn

from hydra._internal.utils import _run_hydra, get_args_parser
from hydra.core.hydra_config import HydraConfig
from hydra.errors import OverrideParseException
from omegaconf import DictConfig, OmegaConf

from ablation.cli import hydra_errors, invocation
from ablation.cli.arguments import is_override, options_first, prefix_study_keys, quoted, split_options, unquoted
from ablation.cli.composition import run_request
from ablation.cli.guidance import completion, group_help
from ablation.cli.guidance.refused_paths import is_refused_path
from ablation.cli.hydra_errors import REFUSALS
from ablation.cli.hydra_setup import installed
from ablation.cli.invocation import Invocation, PlanRequest
from ablation.cli.loader import refuse_shadowed
from ablation.config.run_request import Job
from ablation.config.shipped.folder import conf_dir
from ablation.errors import AblateError, similar
from ablation.redaction import printable
from ablation.runtime import environment
from ablation.runtime.signals import CODES

FULL_ERROR = "HYDRA_FULL_ERROR"  # if 1, Hydra raises its errors instead of printing them and exiting
FOR_HYDRA_HELP = (  # Hydra composes its help without our config, from defaults that we would reject
    *("hydra.run.dir=.", "hydra.sweep.dir=.", "hydra.sweep.subdir=.", "hydra.output_subdir=null"),
    *("hydra/job_logging=none", "hydra/hydra_logging=none", "hydra/sweeper=ablation"),
)
WRONG_OPTION = 2  # exit code of an unknown option, as argparse's own


def main(plan: PlanRequest | None = None) -> int:
    """Run `ablate`, or `ablate-plan` if a plan is requested.

    Returns the exit code: 0 done, 1 nothing was started, 2 a run failed, 75 another process is running it, 130 and
    143 (also 129 and 152, for SIGHUP and SIGXCPU) interrupted.
    """
    debug = os.environ.get(FULL_ERROR) == "1"
    with invocation.running(Invocation(plan)) as command, _full_error(), installed():
        try:
            _hydra_main()
        except KeyboardInterrupt:
            return CODES[signal.SIGINT]
        except Exception as error:
            if debug or not hydra_errors.is_refusal(error):
                raise
            return _refuse(error)
        return command.code


@contextlib.contextmanager
def _full_error() -> Iterator[None]:
    before = os.environ.get(FULL_ERROR)
    os.environ[FULL_ERROR] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[FULL_ERROR]
        else:
            os.environ[FULL_ERROR] = before


def _hydra_main() -> None:
    """Hand the command line to Hydra, which calls `task` for a run and the sweeper for a sweep."""
    sys.argv[1:] = _words_for_hydra(sys.argv[1:])
    parser = _parser()
    options = parser.parse_args()
    _refuse_options(options)
    invocation.current().config_options = _config_options(options)
    with contextlib.ExitStack() as stack:
        if options.help:
            options.overrides = group_help.overrides(options.overrides)
        elif options.shell_completion:
            completion.apply_typed_options(options)
            stack.enter_context(completion.installed())
        if options.config_path is not None and "://" not in options.config_path:
            options.config_path = os.path.abspath(options.config_path)  # Hydra means a folder beside this file
        elif options.config_dir is not None and not options.shell_completion:
            refuse_shadowed(options.config_dir)
        _run_hydra(
            args=options, args_parser=parser, task_function=task, config_path=str(conf_dir()), config_name="config"
        )


def _config_options(options: argparse.Namespace) -> list[str]:
    """The options that choose the config files, each followed by its value as typed."""
    words = []
    for name in ("config_path", "config_name", "config_dir"):
        value = getattr(options, name)
        if value is not None:
            words += [f"--{name.replace('_', '-')}", value]
    return words


def _refuse_options(options: argparse.Namespace) -> None:
    if options.experimental_rerun is not None:
        raise AblateError(
            "A pickled configuration is never read, because it can run code. Received --experimental-rerun. Allowed: "
            "overrides. Type ablate, the overrides in the run's .hydra/overrides.yaml, and rerun=true"
        )
    if options.help or options.hydra_help:
        return
    modes = _modes(options)
    if options.cfg and options.multirun:
        raise AblateError(
            f"--cfg shows the configuration of one run, and -m starts several. Received {' '.join(modes)}. Allowed: "
            "--cfg without -m, and one value for each key; ablate-plan +study=NAME --list shows the cells of a study. "
            f"Type for example ablate --cfg {options.cfg} seed=0"
        )
    if len(modes) > 1:
        raise AblateError(
            f"Several modes at once. Received {' '.join(modes)}. Allowed: one of them. Leave {' '.join(modes[1:])} out"
        )


def _modes(options: argparse.Namespace) -> list[str]:
    """The options that choose what the command does, of which Hydra takes one."""
    modes = {
        "--run": options.run,
        "-m": options.multirun,
        f"--cfg {options.cfg}": options.cfg,
        f"--info {options.info}": options.info,
        "--shell-completion": options.shell_completion,
    }
    return [mode for mode, is_chosen in modes.items() if is_chosen]


def _words_for_hydra(words: list[str]) -> list[str]:
    sweep = not {"-m", "--multirun", "hydra.mode=MULTIRUN"}.isdisjoint(words)
    words = prefix_study_keys(options_first([quoted(word, sweep) for word in words]))
    if "--hydra-help" in words:
        return [*split_options(words).options, *FOR_HYDRA_HELP]
    return words


def _parser() -> argparse.ArgumentParser:
    """The parser of Hydra's options, as `--hydra-help` shows them. `--version` is handled before Hydra is imported."""
    parser = get_args_parser()
    parser.allow_abbrev = False  # an abbreviation's value could be an override
    parser.error = _wrong_option
    for action in parser._actions:
        if "--version" in action.option_strings:
            action.help = "Show the versions of ablate, Keras and TensorFlow"
    return parser


def _wrong_option(message: str) -> NoReturn:
    """Print argparse's message as one paragraph, and exit."""
    options = [name for action in get_args_parser()._actions for name in action.option_strings]
    unknown = next((word for word in sys.argv[1:] if word.startswith("-") and word not in options), "")
    example = similar(unknown, options) or "--hydra-help"
    print(
        f"{invocation.current().program}: An option is wrong: {printable(message)}. Received "
        f"{printable(' '.join(sys.argv[1:]))}. Allowed: overrides, and the options of ablate --hydra-help. Type for "
        f"example ablate {example}",
        file=sys.stderr,
    )
    raise SystemExit(WRONG_OPTION)


def task(composed: DictConfig) -> int:
    """Run one configuration in this process, or in a new process if it is the job of a launcher.

    Returns the exit code. Errors are printed, not raised, so that one bad run does not end the sweep.
    """
    with installed():  # a launcher's worker process does not go through `main`
        try:
            code = _run(composed, HydraConfig.get())
        except Exception as error:
            if not (isinstance(error, REFUSALS) or is_refused_path(error)):
                raise
            code = _refuse(error)
    invocation.current().codes.append(code)
    return code


def _run(composed: DictConfig, hydra_config: Any) -> int:
    overrides = _plain(hydra_config.overrides.task)
    if composed.study is not None:
        from ablation.cli import study_request

        if study_request.is_program_job(composed):
            return _launch_alone(study_request.program_job(composed, overrides), hydra_config)
        if not any(word.lstrip("+").startswith("study") for word in overrides):
            study_request.refuse_study_of_file(composed.study, hydra_config)
        words = " ".join(map(unquoted, overrides))
        raise AblateError(
            f"A study has many runs. Received {words} without -m. Allowed: ablate -m, which runs it, and ablate-plan, "
            f"which only shows and checks it. Type ablate -m {words}"
        )
    request = run_request(composed, overrides)
    if OmegaConf.is_missing(hydra_config.job, "num"):
        from ablation.run import execution

        environment.use_own_temporary_folder()
        return execution.execute(request)
    return _launch_alone(request, hydra_config)


def _launch_alone(job: Job, hydra_config: Any) -> int:
    from ablation.sweep import external_launchers

    return external_launchers.alone(job, _plain(hydra_config.launcher, resolve=True))


def _plain(node: Any, resolve: bool = False) -> Any:
    return OmegaConf.to_container(node, resolve=resolve)


def _refuse(error: Exception) -> int:
    """Print the message for an error. Returns its exit code."""
    text = str(error if isinstance(error, AblateError) else AblateError(hydra_errors.explain(error)))
    if isinstance(error, OverrideParseException) or "LexerNoViableAlt" in text:
        text = _about_unreadable_word() or text
    print(f"{invocation.current().program}: {text}", file=sys.stderr)
    return error.code if isinstance(error, AblateError) else AblateError.code


def _about_unreadable_word() -> str | None:
    for word in split_options(sys.argv[1:]).overrides:
        if not is_override(word):
            return hydra_errors.unreadable(word)
    return None
