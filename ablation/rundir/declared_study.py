"""What a study file declares: a baseline, its components and how each is taken away, a design and seeds."""

from dataclasses import dataclass

FIXED, SEQUENTIAL = "fixed", "sequential"  # when a study stops adding seeds: at those it names, or once it is decided


@dataclass(frozen=True)
class Removal:
    """One way to take a component away.

    name: of the alternative, None where there is one way only. remove: the override that does it. along: overrides
    that are declared to change with it.
    """

    name: str | None
    remove: str
    along: tuple[str, ...] = ()

    @property
    def overrides(self) -> tuple[str, ...]:
        return (self.remove, *self.along)

    @property
    def key(self) -> str:
        return self.remove.partition("=")[0]


@dataclass(frozen=True)
class Component:
    """A part of the baseline. budget: its removal is declared to set how long or on what is trained."""

    name: str
    removals: tuple[Removal, ...]
    budget: bool = False

    def label(self, level: int) -> str:
        """`norm`, or with alternatives `width.half`. level: which removal, from 1."""
        name = self.removals[level - 1].name
        return self.name if name is None else f"{self.name}.{name}"

    def labels(self) -> list[str]:
        """The label of each removal."""
        return [self.label(level) for level in range(1, len(self.removals) + 1)]


@dataclass(frozen=True)
class Study:
    """What a study file declares, with the other overrides of the command.

    typed: overrides of the command line, which apply to every cell. cells: of the design `list`, each a tuple of
    labels of what is removed. stopping: `sequential` where seeds are added until each comparison is decided; `seeds`
    are all that may be needed then.
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

    @property
    def sizes(self) -> list[int]:
        """How many removals each component has."""
        return [len(component.removals) for component in self.components]
