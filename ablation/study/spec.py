"""A declared study as a value."""

from dataclasses import dataclass

from ablation.statistics.protocol import STOPPING

DESIGNS = ("leave_one_out", "add_one_in", "cumulative", "factorial", "fractional", "list")


GROUPS = ("model", "data", "train")  # what a component may change; everything else is the command's


SEEDS, MOST = 5, 30  # where nothing is said: seeds of a study, and the most of a sequential one
FIXED, SEQUENTIAL = STOPPING


@dataclass(frozen=True)
class Removal:
    """One way to take a component away.

    name: of the alternative, None where there is one way only. remove: the one override. along: what is declared to
    change with it.
    """

    name: str | None
    remove: str
    along: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        return (self.remove, *self.along)

    @property
    def key(self) -> str:
        return key(self.remove)


@dataclass(frozen=True)
class Component:
    """A part of the baseline. budget: it is declared to set how long or on what is trained."""

    name: str
    removals: tuple[Removal, ...]
    budget: bool = False

    def label(self, level: int) -> str:
        """`norm`, or with alternatives `width.half`. level: which removal, from 1."""
        name = self.removals[level - 1].name
        return self.name if name is None else f"{self.name}.{name}"


@dataclass(frozen=True)
class Study:
    """What a file declares, with what was typed behind it.

    typed: overrides of the command line, which apply to every cell. cells: of the design `list`, each a tuple of
    labels of what is removed. stopping: `sequential` where seeds are added until each comparison is decided; seeds are
    the most then.
    """

    name: str
    question: str
    baseline: tuple[str, ...]
    typed: tuple[str, ...]
    components: tuple[Component, ...]
    design: str
    resolution: int | None
    cells: tuple[tuple[str, ...], ...] | None
    seeds: tuple[int, ...]
    stopping: str = FIXED

    @property
    def sequential(self) -> bool:
        return self.stopping == SEQUENTIAL


def key(word: str) -> str:
    """What stands before the equals sign."""
    return word.partition("=")[0]


def value(word: str) -> str:
    """What stands behind it."""
    return word.partition("=")[2]
