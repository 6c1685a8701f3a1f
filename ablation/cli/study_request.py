"""The study that a command line asks for."""

import re
from collections.abc import Sequence

from hydra.core.config_loader import ConfigLoader
from omegaconf import OmegaConf

from ablation.cli.composition import Composer
from ablation.errors import AblateError, nearest
from ablation.study import parsing
from ablation.study.spec import Study


def study(quick: Composer, arguments: Sequence[str]) -> Study | None:
    """The study that a command asks for; None where it asks for none. Raises AblateError for one that is none."""
    parsed = [quick.parse(word) for word in arguments]
    mine = [o for o in parsed if re.split(r"[./@]", o.key_or_group)[0] == "study"]
    if not mine:
        return None
    files = [o for o in mine if o.key_or_group == "study" and isinstance(o.value(), str)]
    if len(files) != 1 or any(o.is_sweep_override() for o in mine):
        raise AblateError(
            f"One study at a time. Received {' '.join(o.input_line for o in mine)}. Allowed: +study= and one name, and "
            f"single values of its keys. Type for example ablate -m +study={(_studies(quick.loader) or ['NAME'])[0]}"
        )
    name = files[0].value()
    if not re.fullmatch(r"[\w-]+(/[\w-]+)*", name):
        raise AblateError(
            f"A study is named by its file, without its ending. Received +study={name}. Allowed: letters, digits, -, _ "
            f"and / for a folder below study/. Type for example +study={(_studies(quick.loader) or ['NAME'])[0]}"
        )
    source = quick.loader.repository.load_config(f"study/{name}")
    beside = [*(k for k in source.config if k != "study"), *(["defaults"] if source.defaults_list else [])]
    if beside and "study" in source.config:
        raise AblateError(
            f"Nothing but study: stands in the file of a study. Received {beside[0]}: in study/{name}.yaml. Allowed: "
            f"what is below study:. What every run of it shares is typed behind it, or stands in its baseline. Leave "
            f"{beside[0]}: out"
        )
    told = OmegaConf.to_container(quick.master, resolve=False).get("study")
    typed = [o.input_line for o in parsed if o not in mine]
    return parsing.parse(name, told, typed, quick.is_simple)


def no_study(quick: Composer) -> AblateError:
    """The paragraph for ablate-plan without a study."""
    known = _studies(quick.loader)
    return AblateError(
        f"No study is named. Received ablate-plan without +study=. Allowed: {', '.join(known)}. "
        f"Type for example ablate-plan +study={nearest('quickstart', known)}"
    )


def _studies(loader: ConfigLoader) -> list[str]:
    return loader.get_group_options("study")
