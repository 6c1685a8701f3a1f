"""The study that a command line requests."""

import dataclasses
import json
import re
from collections.abc import Sequence
from typing import Any

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf

from ablation.cli.arguments import unquoted
from ablation.cli.composer import Composer
from ablation.cli.composition import checked
from ablation.config.program.spec import ProgramConfig
from ablation.config.run_request import ProgramRequest
from ablation.errors import AblateError, nearest, together
from ablation.run.locator import RunLocator
from ablation.run.program.arguments import hydra_quoted
from ablation.runtime import console
from ablation.study import parsing
from ablation.study.cells import Composer as StudyComposer
from ablation.study.compilation import auto_components
from ablation.study.compilation.compiler import component_errors
from ablation.study.program.composer import ProgramComposer
from ablation.study.program.declaration import SCHEDULING, is_declared
from ablation.study.spec import Study
from ablation.text import list_with_more

NAME = re.compile(r"[\w-]+(/[\w-]+)*")
EXAMPLE = "quickstart"
LISTED = 20  # components in a line
RUN = "run"  # the key below `study:` that makes a study file a single run of it
LISTS = ("study.seeds", "study.baseline", "study.cells")


def study(composer: Composer, arguments: Sequence[str]) -> Study | None:
    """Return the study that a command requests, or None. Raises AblateError for an invalid one.

    arguments: the overrides of the command.
    """
    study_overrides: list[Override] = []
    run_overrides: list[str] = []
    for word in arguments:
        override = composer.parse(word)
        if re.split(r"[./@]", override.key_or_group)[0] == "study":
            study_overrides.append(override)
        else:
            run_overrides.append(word)
    if not study_overrides:
        refuse_study_of_file(composer.master.get("study"), composer.master.hydra)
        return None
    name = _name(composer, study_overrides)
    _refuse_other_keys(composer, name)
    content = _content(composer)
    if isinstance(content, dict) and content.get("components") == auto_components.AUTO:
        content = _with_components(composer, content, run_overrides)
    parsed = parsing.parse_valid_parts(name, content, run_overrides, composer.is_simple)
    if parsed.errors:
        further: list[AblateError] = []
        if parsed.study and (parsed.study.program or not is_declared(content)):
            cells_composer = composer_of(parsed.study, composer, arguments)
            further = component_errors(parsed.study, cells_composer, RunLocator())
        raise together([*parsed.errors, *further])
    return parsed.study


def composer_of(study: Study, composer: Composer, arguments: Sequence[str]) -> StudyComposer:
    """What composes the cells of a study: Hydra's composer, or for a program one of flags.

    arguments: the overrides of the command, of which a program's study takes those about scheduling.
    """
    if study.program is None:
        return composer
    scheduling = []
    for word in arguments:
        override = composer.parse(word)
        if override.key_or_group in SCHEDULING:
            scheduling.append(word)
    return ProgramComposer(study.program, composer.config(scheduling))


def _with_components(composer: Composer, content: dict[str, Any], typed: Sequence[str]) -> dict[str, Any]:
    """The study with the components of its baseline in place of `auto`. Prints what has none."""
    baseline = content.get("baseline")
    if not isinstance(baseline, list) or not all(isinstance(word, str) for word in baseline):
        return content | {"components": None}  # parsing refuses the baseline
    expanded = auto_components.expand([*baseline, *typed], composer)
    console.paragraph(f"components: auto found {list_with_more(expanded.components, LISTED)}")
    for key, reason in expanded.left_out.items():
        console.paragraph(f"Note: {key} is no component: {reason}")
    return content | {"components": expanded.components}


def command_words(config_options: Sequence[str], arguments: Sequence[str]) -> list[str]:
    """The words after `ablate` that run a study. config_options: `--config-dir` and its like, each with its value.

    arguments: the overrides of the command, as Hydra received them.
    """
    words = [*config_options, "-m"]
    for argument in arguments:
        word = unquoted(argument)
        words.append(word.removeprefix("++") if word.startswith("++study.") else word)
    return words


def refuse_study_of_file(study: Any, settings: Any) -> None:
    """Raise AblateError if a primary config names or contains a study, and the command line names none.

    study: the composed `study:`. settings: the composed `hydra:`.
    """
    if study is None:
        return
    name = settings.runtime.choices.get("study") or EXAMPLE
    raise AblateError(
        f"A study is named on the command line. Received study: in the config {settings.job.config_name}.yaml. "
        f"Allowed: a file study/NAME.yaml below --config-dir, chosen by +study=NAME. Type for example ablate -m "
        f"+study={name}, and leave study out of that config"
    )


def study_names(composer: Composer) -> list[str]:
    """The names allowed after `+study=`: the shipped studies and those in `--config-dir`."""
    return composer.loader.get_group_options("study")


def no_study(composer: Composer) -> AblateError:
    """The error for `ablate-plan` without a study."""
    names = study_names(composer)
    return AblateError(
        f"No study is named. Received ablate-plan without +study=. Allowed: {', '.join(names)}. "
        f"Type for example ablate-plan +study={nearest(EXAMPLE, names)}"
    )


def refuse_sweep(study: Study, words: Sequence[str]) -> None:
    """Raise AblateError if a config file declares a sweep and a study is requested too. words: those of the sweep."""
    if words:
        raise AblateError(
            f"The study {study.name} sets its own runs, and a config declares a sweep. Received +study={study.name}, "
            f"and {' '.join(words)} in hydra.sweeper.params. Allowed: one of the two. Type hydra.sweeper.params=null "
            f"beside +study={study.name}, or ablate -m without a study"
        )


def _name(composer: Composer, overrides: Sequence[Override]) -> str:
    names = []
    for override in overrides:
        if override.key_or_group != "study" and override.is_sweep_override():
            typed = unquoted(str(override.input_line)).lstrip("+")
            key, _, value = typed.partition("=")
            example = f"[{value}]" if key in LISTS else value.partition(",")[0]
            raise AblateError(
                f"A study sets its own runs, so each of its keys has one value. Received {typed}. Allowed: one value; "
                f"the keys {' and '.join(LISTS)} take a list in brackets. Type for example {key}={example}"
            )
        if override.key_or_group == "study" and isinstance(override.value(), str):
            names.append(str(override.value()))
    if len(names) != 1 or any(override.is_sweep_override() for override in overrides):
        received = " ".join(unquoted(str(override.input_line)) for override in overrides)
        raise AblateError(
            f"One study at a time. Received {received}. Allowed: one name after +study=, and one value for each of its "
            f"keys. Type for example ablate -m +study={_example(composer)}"
        )
    if not NAME.fullmatch(names[0]):
        raise AblateError(
            f"A study is named after its file, without the extension. Received +study={names[0]}. Allowed: letters, "
            f"digits, -, _ and / for a folder below study/. Type for example +study={_example(composer)}"
        )
    return names[0]


def _example(composer: Composer) -> str:
    names = study_names(composer)
    return names[0] if names else "NAME"


def _refuse_other_keys(composer: Composer, name: str) -> None:
    """Raise AblateError if a study file contains more than `study:`."""
    loader = composer.loader
    if not isinstance(loader, ConfigLoaderImpl):
        return
    source = loader.repository.load_config(f"study/{name}")
    if source is None or "study" not in source.config:
        return
    extra = [key for key in source.config if key != "study"]
    if source.defaults_list:
        extra.append("defaults")
    if extra:
        raise AblateError(
            f"A study file contains only study:. Received {extra[0]}: in study/{name}.yaml. Allowed: keys below "
            "study:. Put settings that all runs share into the baseline, or type them after "
            f"+study={name}. Leave {extra[0]}: out"
        )


def _content(composer: Composer) -> Any:
    """The content of `study:` as written, with interpolations unresolved."""
    config = OmegaConf.to_container(composer.master, resolve=False)
    return config.get("study") if isinstance(config, dict) else None


# ---------------------------------------------------------------- a program's run as a job of another launcher


def job_words(arguments: Sequence[str], config: ProgramConfig) -> list[str]:
    """The overrides from which another process composes a program's run. arguments: those of the study's command."""
    job = {"flags": config.flags, "folder": config.folder, "planned": config.planned}
    content = json.dumps(job).replace("$", "\\u0024")  # or it would be interpolated
    return [*arguments, f"++study.{RUN}={hydra_quoted(content)}", f"seed={config.seed}"]


def is_program_job(composed: DictConfig) -> bool:
    """Return whether a composed config is such a job."""
    return composed.study is not None and RUN in composed.study


def program_job(composed: DictConfig, overrides: Sequence[str]) -> ProgramRequest:
    """The request for the run. Raises AblateError if the study or the job is not valid."""
    content: Any = OmegaConf.to_container(composed.study, resolve=False)
    try:
        job = json.loads(content.pop(RUN))
        flags, folder, planned = dict(job["flags"]), str(job["folder"]), job["planned"]
    except (ValueError, KeyError, TypeError) as error:
        raise AblateError(
            f"study.{RUN} is set by launchers. Received study.{RUN} without flags and a folder. Allowed: the study. "
            "Type ablate -m +study=NAME"
        ) from error
    study = parsing.parse("job", content, (), lambda _: True)
    if study.program is None:
        raise AblateError(
            f"study.{RUN} is set by launchers, for a study of a program. Received a study without command:. Allowed: "
            "the study. Type ablate -m +study=NAME"
        )
    scheduling = checked(_without_study(composed), ())
    config = ProgramComposer(study.program, scheduling).config(())
    config = dataclasses.replace(config, flags=flags, folder=folder, planned=planned, seed=scheduling.seed)
    return ProgramRequest(config, tuple(overrides))


def _without_study(composed: DictConfig) -> DictConfig:
    return OmegaConf.masked_copy(composed, [str(key) for key in composed if key != "study"])
