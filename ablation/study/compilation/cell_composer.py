"""Compose the configuration of one cell: its overrides in their order, without those that nothing reads any more."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ablation.config.fingerprint import flat
from ablation.config.schema import Config
from ablation.errors import AblateError, Unread
from ablation.study.cells import BASELINE, Composer, Levels
from ablation.study.spec import GROUPS, Component, Removal, Study, key


@dataclass(frozen=True)
class Choice:
    """A component that a cell removes. level: by which of its removals, from 1."""

    component: Component
    level: int

    @property
    def removal(self) -> Removal:
        return self.component.removals[self.level - 1]

    @property
    def label(self) -> str:
        return self.component.label(self.level)


def choices(study: Study, levels: Levels) -> list[Choice]:
    """What a cell of these levels removes, in the order of the components."""
    pairs = zip(study.components, levels, strict=True)
    return [Choice(component, level) for component, level in pairs if level]


@dataclass(frozen=True)
class Composed:
    """A cell's config, and the overrides that made it."""

    overrides: tuple[str, ...]
    config: Config


class CellComposer:
    """Composes cells of a study with its first seed. baseline: its config. values: those of the baseline, flat."""

    def __init__(self, study: Study, composer: Composer):
        self.study, self._composer = study, composer
        self._seed = f"seed={study.seeds[0]}"
        self.baseline = self.compose(BASELINE, ()).config
        self.values = flat(self.baseline)

    def overrides(self, removing: Sequence[str]) -> tuple[str, ...]:
        """Baseline < command line < component; of each key the last override, where its first one stood."""
        return last_of_each_key([*self.study.baseline, *self.study.typed, *removing])

    def compose(self, name: str, removing: Sequence[str], drop_removing: bool = False) -> Composed:
        """Compose a cell. Raises AblateError for a config that is wrong, naming the cell.

        An override of the baseline that nothing reads beside the removal is dropped. drop_removing: an override of
        the removal too, which another removal of the same cell may have made meaningless.
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

    def resolved(self, removing: Sequence[str]) -> dict[str, Any]:
        """Every key as a removal's overrides set it, before anything is checked."""
        return self._composer.resolved([*self.overrides(removing), self._seed])

    def resolved_untyped(self, removing: Sequence[str], typed: Sequence[str]) -> dict[str, Any]:
        """The same without some overrides of the command line."""
        kept = [override for override in self.overrides(()) if override not in typed]
        return self._composer.resolved(last_of_each_key([*kept, *removing]))


def last_of_each_key(overrides: Sequence[str]) -> tuple[str, ...]:
    """Of each key the last override, where its first one stood."""
    last: dict[str, str] = {}
    for override in overrides:
        last[key(override)] = override
    return tuple(last.values())


def without_key(overrides: Sequence[str], name: str | None) -> tuple[str, ...]:
    """The overrides that do not set a key."""
    return tuple(override for override in overrides if key(override) != name)


def sets(overrides: Sequence[str], name: str) -> bool:
    """Does one of the overrides set a key, or choose the file that does?"""
    group = name.partition(".")[0] if "." in name else None
    return any(key(override) == name or key(override) in GROUPS and key(override) == group for override in overrides)
