"""Compose the configuration of a cell from its overrides, without those that have lost their meaning in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ablation.config.budget import FOLDERS
from ablation.config.fingerprint import IGNORED, flat
from ablation.config.program.flags import flag_text
from ablation.config.program.spec import ProgramConfig
from ablation.config.run_request import RunConfig
from ablation.errors import AblateError, Unread
from ablation.study.cells import BASELINE, Composer, Levels
from ablation.study.spec import GROUPS, Component, Removal, Study, key

Changes = dict[str, tuple[Any, Any]]


@dataclass(frozen=True)
class Choice:
    """A component that a cell removes. level: the number of the removal, from 1."""

    component: Component
    level: int

    @property
    def removal(self) -> Removal:
        return self.component.removals[self.level - 1]

    @property
    def label(self) -> str:
        return self.component.label(self.level)


def choices(study: Study, levels: Levels) -> list[Choice]:
    """The removals of a cell with these levels, in the order of the components."""
    pairs = zip(study.components, levels, strict=True)
    return [Choice(component, level) for component, level in pairs if level]


@dataclass(frozen=True)
class Composed:
    """The config of a cell, and the overrides that it is composed of."""

    overrides: tuple[str, ...]
    config: RunConfig


class CellComposer:
    """Composes the cells of a study with its first seed.

    baseline: the config of the baseline. values: the same, flat.
    """

    def __init__(self, study: Study, composer: Composer):
        self.study, self._composer = study, composer
        self._seed = f"seed={study.seeds[0]}"
        self.baseline = self.compose(BASELINE, ()).config
        self.values = flat(self.baseline)

    def overrides(self, removing: Sequence[str]) -> tuple[str, ...]:
        """The overrides of a cell, one per key: removals override the command line, which overrides the baseline."""
        return last_of_each_key([*self.study.baseline, *self.study.typed, *removing])

    def compose(self, name: str, removing: Sequence[str], drop_removing: bool = False) -> Composed:
        """Compose a cell. Raises AblateError, naming the cell, if its config is invalid.

        Drops overrides of the baseline that no longer have a meaning without the removed component. drop_removing:
        also drop such overrides of the removals, because one removal may take the meaning from another.
        """
        overrides = self.overrides(removing)
        protected = set() if drop_removing else {key(override) for override in removing}
        while True:
            try:
                return Composed(overrides, self._composer.config([*overrides, self._seed]))
            except AblateError as error:
                unread = error.key if isinstance(error, Unread) else None
                remaining = without_key(overrides, unread)
                if not removing or remaining == overrides or unread in protected:
                    raise AblateError(
                        f"The study {self.study.name}, cell {name}: {error} (in {' '.join(overrides)}; nothing was "
                        "started)"
                    ) from error
                overrides = remaining

    def changes(self, config: RunConfig) -> Changes:
        """The keys that shape a result and differ: {key: (value in the baseline, value in the cell)}.

        Of a program these are its flags, of which null leaves one out.
        """
        values = flat(config)
        if isinstance(config, ProgramConfig):
            return _changed_flags(self.values, values)
        changes: Changes = {}
        for name, before in self.values.items():
            if name not in IGNORED and before != values[name]:
                changes[name] = (before, values[name])
        return changes

    def moved_folders(self, config: RunConfig) -> tuple[Changes, RunConfig]:
        """The data folders that differ, and the configuration with those of the baseline."""
        before = self.baseline
        if isinstance(config, ProgramConfig) or isinstance(before, ProgramConfig):
            return {}, config
        values = flat(config)
        moved: Changes = {}
        for name in FOLDERS:
            if self.values.get(name) != values.get(name):
                moved[name] = (self.values.get(name), values.get(name))
        names = [name.partition(".")[2] for name in FOLDERS if name in values]
        folders = {name: getattr(before.data, name) for name in names if hasattr(before.data, name)}
        return moved, replace(config, data=replace(config.data, **folders))

    def resolved(self, removing: Sequence[str]) -> dict[str, Any]:
        """The values of all keys with a removal's overrides, before any check."""
        return self._composer.resolved([*self.overrides(removing), self._seed])

    def resolved_untyped(self, removing: Sequence[str], typed: Sequence[str]) -> dict[str, Any]:
        """The values of all keys as in `resolved`, without the `typed` overrides of the command line."""
        kept = [override for override in self.overrides(()) if override not in typed]
        return self._composer.resolved(last_of_each_key([*kept, *removing]))


def _changed_flags(before: Mapping[str, Any], values: Mapping[str, Any]) -> Changes:
    """The flags that differ, by their texts: in Python, true equals 1."""
    changes: Changes = {}
    for name in dict.fromkeys([*before, *values]):
        pair = before.get(name), values.get(name)
        if flag_text(name, pair[0]) != flag_text(name, pair[1]):
            changes[name] = pair
    return changes


def last_of_each_key(overrides: Sequence[str]) -> tuple[str, ...]:
    """The last override of each key, at the position of its first one."""
    last: dict[str, str] = {}
    for override in overrides:
        last[key(override)] = override
    return tuple(last.values())


def without_key(overrides: Sequence[str], name: str | None) -> tuple[str, ...]:
    """The overrides that do not set the key `name`."""
    return tuple(override for override in overrides if key(override) != name)


def sets(overrides: Sequence[str], name: str) -> bool:
    """Return whether an override sets the key `name`, or chooses the file that sets it."""
    group = name.partition(".")[0] if "." in name else None
    return any(key(override) == name or key(override) in GROUPS and key(override) == group for override in overrides)
