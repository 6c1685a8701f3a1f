"""The shipped recipe, a file of conf/train, that each run was trained with."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ablation.config.applicability import reads
from ablation.config.schema import DEFAULTS
from ablation.config.shipped.group_files import group_files

GROUP = "train"


@dataclass(frozen=True)
class RecipeFiles:
    """The recipe of each run. names: of the files. changed: keys in which at least one run differs from its file."""

    names: tuple[str, ...]
    changed: frozenset[str]


def recipe_files(configs: Sequence[Mapping[str, Any]], varying: Collection[str]) -> RecipeFiles | None:
    """The files that explain how recipes differ, or None if the varying keys explain it with fewer words.

    configs: flat, of each run. varying: the keys of the recipe that differ between the runs. With files, the words are
    the file and each key that any run changed, also if all runs changed it alike.
    """
    names: list[str] = []
    changed: set[str] = set()
    for config in configs:
        changed_by_file = _changed_by_file(config)
        if not changed_by_file:
            return None
        nearest = min(changed_by_file, key=lambda name: len(changed_by_file[name]))
        names.append(nearest)
        changed |= changed_by_file[nearest]
        if 1 + len(changed) >= len(varying):
            return None
    return RecipeFiles(tuple(names), frozenset(changed))


def _changed_by_file(config: Mapping[str, Any]) -> dict[str, set[str]]:
    """The keys that a run uses and in which it differs from each file, by the file's name."""
    used = [key for key in config if key.startswith(f"{GROUP}.") and reads(config, key)]
    changed = {}
    for name, values in group_files(GROUP).items():
        changed[name] = {key for key in used if config[key] != values.get(key, DEFAULTS.get(key))}
    return changed
