"""The declaration in a study file: a baseline, its components and their removals, a design and seeds."""

from dataclasses import dataclass

from ablation.config.program.spec import Program

FIXED, SEQUENTIAL = "fixed", "sequential"  # stopping rules: run the declared seeds, or add seeds until decided
AUTO, WELCH, PAIRED = TESTS = ("auto", "welch", "paired")  # of each comparison; auto: the plan chooses
RULES = ("seeds", "stopping", "test", "margin")  # fields of a study that decide when and how it is judged
EFFECTS = ("factorial", "fractional")  # designs that compare effects over all cells instead of two cells
LARGEST_MARGIN = 1.0  # exclusive: the metric of a study is an accuracy from 0 to 1


@dataclass(frozen=True)
class Removal:
    """One way to remove a component.

    name: of the alternative; None if there is only one way. remove: the override that removes the component.
    along: overrides that are declared to change with it (`with` in the study file).
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
    """A component of the baseline. budget: True if its removal is declared to change the training budget."""

    name: str
    removals: tuple[Removal, ...]
    budget: bool = False

    def label(self, level: int) -> str:
        """`norm`, or `width.half` if there are alternatives. level: the number of the removal, from 1."""
        name = self.removals[level - 1].name
        return self.name if name is None else f"{self.name}.{name}"

    def labels(self) -> list[str]:
        """The label of each removal."""
        return [self.label(level) for level in range(1, len(self.removals) + 1)]


@dataclass(frozen=True)
class Study:
    """The declaration in a study file, and the other overrides of the command.

    typed: overrides from the command line, which apply to every cell. cells: only for the design `list`, each a tuple
    of labels of removals. stopping: `sequential` if seeds are added until every comparison is decided; `seeds` then
    lists all that may be needed. test: one of TESTS. margin: the equivalence margin in accuracy, from 0 to 1 exclusive.
    max_hours: of all runs together; it decides nothing about the results, and is not part of the plan's hash.
    program: what is run instead of our own training; its flags then take the place of overrides, and the margin is in
    the unit of its metric.
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
    test: str = AUTO
    margin: float | None = None
    max_hours: float | None = None
    program: Program | None = None

    @property
    def sequential(self) -> bool:
        return self.stopping == SEQUENTIAL

    @property
    def compares_effects(self) -> bool:
        """True for factorial designs, whose effects average over all cells."""
        return self.design in EFFECTS

    @property
    def sizes(self) -> list[int]:
        """The number of removals of each component."""
        return [len(component.removals) for component in self.components]
