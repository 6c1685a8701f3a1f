"""`ablate --help GROUP`: the options and keys of one group."""

from collections.abc import Sequence
from typing import Any

from hydra.core.global_hydra import GlobalHydra

from ablation.config import key_help
from ablation.config.schema import GROUPS
from ablation.errors import AblateError, nearest

COMMANDS = {  # group: the commands that choose one of its options
    "model": "ablate model=OPTION [model.KEY=VALUE …]",
    "data": "ablate data=OPTION [data.KEY=VALUE …]",
    "train": "ablate train=OPTION [train.KEY=VALUE …]",
    "study": "ablate -m +study=OPTION, ablate-plan +study=OPTION (docs/studies.md)",
    "hydra/launcher": "ablate -m hydra/launcher=OPTION [overrides with lists] (docs/launchers.md)",
}


def overrides(words: Sequence[str]) -> list[str]:
    """The overrides of `ablate --help WORD …`, where the name of a group makes Hydra's help show only that group.

    Raises AblateError for a word that is neither an override nor the name of a group.
    """
    groups = [word for word in words if "=" not in word and not word.startswith("~")]
    others = [word for word in words if word not in groups]
    if not groups:
        return others
    if len(groups) > 1 or groups[0] not in COMMANDS:
        received = " ".join(groups)
        example = nearest(received.partition(".")[0], COMMANDS)
        raise AblateError(
            f"--help shows all keys, or those of one group. Received --help {received}. Allowed: --help, or --help "
            f"with one of {', '.join(COMMANDS)}. Type for example ablate --help {example}"
        )
    return [*others, f"hydra.help.template=${{help_on_group:{groups[0]}}}"]


def help_on_group(group: str, *, _root_: Any) -> str:
    """Resolve `${help_on_group:model}` in the template of Hydra's help."""
    options = GlobalHydra.instance().config_loader().get_group_options(group)
    sections = [COMMANDS[group], f"== Options ==\n{', '.join(options)}"]
    if group in GROUPS:
        sections.append(
            "== Keys (key=current value): meaning (allowed values) [families, sources, … that use the key] ==\n"
            + key_help.help_on_group(_root_, group)
        )
    return for_template("\n\n".join(sections))


def for_template(text: str) -> str:
    """A text that Hydra's help shows as it is: `$` marks a placeholder there."""
    return text.replace("$", "$$")
