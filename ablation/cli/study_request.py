"""The study that a command line asks for."""

import re
from collections.abc import Sequence
from typing import Any

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.override_parser.types import Override
from omegaconf import OmegaConf

from ablation.cli.composer import Composer
from ablation.errors import AblateError, nearest
from ablation.study import parsing
from ablation.study.spec import Study

NAME = re.compile(r"[\w-]+(/[\w-]+)*")
EXAMPLE = "quickstart"


def study(composer: Composer, arguments: Sequence[str]) -> Study | None:
    """Return the study that a command asks for, or None. Raises AblateError for one that is wrong.

    arguments: the overrides of the command.
    """
    of_study: list[Override] = []
    others: list[str] = []
    for word in arguments:
        override = composer.parse(word)
        if re.split(r"[./@]", override.key_or_group)[0] == "study":
            of_study.append(override)
        else:
            others.append(word)
    if not of_study:
        return None
    name = _name(composer, of_study)
    _refuse_other_keys(composer, name)
    return parsing.parse(name, _content(composer), others, composer.is_simple)


def study_names(composer: Composer) -> list[str]:
    """The studies that `+study=` may name: the shipped ones, and those of `--config-dir`."""
    return composer.loader.get_group_options("study")


def no_study(composer: Composer) -> AblateError:
    """The paragraph for ablate-plan without a study."""
    names = study_names(composer)
    return AblateError(
        f"No study is named. Received ablate-plan without +study=. Allowed: {', '.join(names)}. "
        f"Type for example ablate-plan +study={nearest(EXAMPLE, names)}"
    )


def _name(composer: Composer, overrides: Sequence[Override]) -> str:
    names = []
    for override in overrides:
        if override.key_or_group == "study" and isinstance(override.value(), str):
            names.append(str(override.value()))
    if len(names) != 1 or any(override.is_sweep_override() for override in overrides):
        received = " ".join(str(override.input_line) for override in overrides)
        raise AblateError(
            f"One study at a time. Received {received}. Allowed: +study= and one name, and single values of its keys. "
            f"Type for example ablate -m +study={_example(composer)}"
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
    """Refuse a study's file that has more than `study:`."""
    loader = composer.loader
    if not isinstance(loader, ConfigLoaderImpl):
        return
    source = loader.repository.load_config(f"study/{name}")
    if source is None or "study" not in source.config:
        return
    others = [key for key in source.config if key != "study"]
    if source.defaults_list:
        others.append("defaults")
    if others:
        raise AblateError(
            f"A study file contains only study:. Received {others[0]}: in study/{name}.yaml. Allowed: keys below "
            f"study:. Put what all runs share into its baseline, or type it after +study={name}. Leave {others[0]}: out"
        )


def _content(composer: Composer) -> Any:
    """What stands below `study:`, as it was written."""
    config = OmegaConf.to_container(composer.master, resolve=False)
    return config.get("study") if isinstance(config, dict) else None
