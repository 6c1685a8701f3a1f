"""The cells of a study: combinations of levels, each with a name, its config and its changes from the baseline."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ablation.config.program.spec import ProgramConfig
from ablation.config.run_request import RunConfig
from ablation.config.schema import Config
from ablation.run import place
from ablation.study.spec import Study

BASELINE, BARE = "baseline", "bare"

Levels = tuple[int, ...]


class Composer(Protocol):
    """Composes overrides as Hydra does."""

    def config(self, overrides: Sequence[str]) -> RunConfig:
        """Compose and check a config. Raises AblateError if it is invalid."""
        ...

    def resolved(self, overrides: Sequence[str]) -> dict[str, Any]:
        """Compose the values of all keys without checking them. Raises AblateError if they do not compose."""
        ...


class TrainingComposer(Composer, Protocol):
    """Composes overrides into configs of our own training."""

    def config(self, overrides: Sequence[str]) -> Config: ...


@dataclass(frozen=True)
class Cell:
    """One combination of network, data and recipe in a study.

    levels: one per component, 0 if it is present, otherwise the number of its removal, from 1. removed: labels of the
    removals. along: overrides declared to change with them. budget: True if the cell changes the training budget and
    declares it. config: with the study's first seed. differs: {key: (value in the baseline, value in this cell)}.
    implied: keys in `differs` that no override of the removals sets. runs: one per seed. same_as: the earlier cell
    with the same runs.
    """

    name: str
    levels: Levels
    removed: tuple[str, ...]
    along: tuple[str, ...]
    budget: bool
    overrides: tuple[str, ...]
    config: RunConfig
    differs: dict[str, tuple[Any, Any]]
    implied: tuple[str, ...]
    runs: tuple[place.RunLocation, ...]
    same_as: str | None = None

    @property
    def trained(self) -> Config:
        """The config of a cell that trains a network of ours. Raises TypeError for a cell of a program."""
        if isinstance(self.config, ProgramConfig):
            raise TypeError(f"Expected a cell that trains a network. Received {self.name}, of a program")
        return self.config


@dataclass(frozen=True)
class Cells:
    """All cells of a study.

    design: the cells of the design, in order. baseline, alone: the baseline, and each removal alone; they are checked
    even if the design does not contain them.
    """

    design: tuple[Cell, ...]
    baseline: Cell
    alone: tuple[Cell, ...]

    @property
    def distinct(self) -> list[Cell]:
        """The cells of the design, without those that equal an earlier one."""
        return [cell for cell in self.design if cell.same_as is None]

    def pairs(self, study: Study) -> list[tuple[str, str]]:
        """The planned comparisons as (cell, reference cell); empty for factorial designs, which compare effects."""
        names = [cell.name for cell in self.design]
        if study.design == "cumulative":
            return list(zip(names[1:], names[:-1], strict=True))
        if study.design == "add_one_in":
            return [(name, BARE) for name in names[1:]]
        if study.compares_effects:
            return []  # each effect averages over all cells
        return [(name, BASELINE) for name in names if name != BASELINE]
