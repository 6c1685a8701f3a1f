"""The cells of a study: combinations of levels, each composed, named, and with what differs from the baseline."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ablation.config.schema import Config
from ablation.run import place
from ablation.study.spec import Study

BASELINE, BARE = "baseline", "bare"

Levels = tuple[int, ...]


class Composer(Protocol):
    """Composes overrides as Hydra does."""

    def config(self, overrides: Sequence[str]) -> Config:
        """A checked config. Raises AblateError."""
        ...

    def resolved(self, overrides: Sequence[str]) -> dict[str, Any]:
        """Every key with its value before it is checked. Raises AblateError."""
        ...


@dataclass(frozen=True)
class Cell:
    """One network, data and recipe of a study.

    levels: 0 where a component is there, else which of its removals is made. removed: labels of those. config: with
    the study's first seed. differs: each key with its value in the baseline and here. implied: keys among them that
    nobody set, which are read in one of the two only. runs: one for each seed. same_as: the earlier cell that it
    equals.
    """

    name: str
    levels: Levels
    removed: tuple[str, ...]
    along: tuple[str, ...]
    budget: bool
    overrides: tuple[str, ...]
    config: Config
    differs: dict[str, tuple[Any, Any]]
    implied: tuple[str, ...]
    runs: tuple[place.RunLocation, ...]
    same_as: str | None = None


@dataclass(frozen=True)
class Cells:
    """design: its cells, in order. baseline and alone (each removal by itself): checked also where the design has no
    such cell."""

    design: tuple[Cell, ...]
    baseline: Cell
    alone: tuple[Cell, ...]

    @property
    def distinct(self) -> list[Cell]:
        """The cells of the design that equal no earlier one."""
        return [cell for cell in self.design if cell.same_as is None]

    def pairs(self, study: Study) -> list[tuple[str, str]]:
        """The comparisons that the study is made for: a cell and what it is compared to."""
        names = [cell.name for cell in self.design]
        if study.design == "cumulative":
            return list(zip(names[1:], names[:-1], strict=True))
        if study.design == "add_one_in":
            return [(name, BARE) for name in names[1:]]
        if study.design in ("factorial", "fractional"):
            return []  # its effects are compared, over all cells
        return [(name, BASELINE) for name in names if name != BASELINE]
