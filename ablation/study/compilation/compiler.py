"""Compile a study into its cells."""

import dataclasses
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ablation.config.budget import budget_keys
from ablation.config.program.spec import ProgramConfig
from ablation.config.run_request import RunConfig
from ablation.config.schema import flat
from ablation.errors import AblateError, Collected, together
from ablation.run import place
from ablation.run.locator import Located
from ablation.study import designs, fractional
from ablation.study.cells import BARE, BASELINE, Cell, Cells, Composer, Levels
from ablation.study.compilation import mistyped
from ablation.study.compilation.cell_composer import CellComposer, Changes, Choice, choices, sets
from ablation.study.compilation.refusals import refuse_unsound
from ablation.study.spec import Study, key
from ablation.text import typed_value

MOST_CELLS = 10_000  # of one study


def compile_cells(study: Study, composer: Composer, locate: Callable[[RunConfig], Located]) -> Cells:
    """Compose the cells of a study, and mark those that equal an earlier one.

    locate: returns the location of a config's run. Raises AblateError, naming cell, key and values, for every cell
    that is not an ablation.
    """
    compiler = _compiler(study, composer, locate)
    errors = Collected()
    alone = compiler.alone(errors)
    errors.refuse()
    design = compiler.cells(_levels(study))
    if study.design == "add_one_in":
        design = _named_by_presence(study, design)
    return Cells(tuple(_mark_duplicates(design)), compiler.baseline, tuple(alone))


def component_errors(study: Study, composer: Composer, locate: Callable[[RunConfig], Located]) -> list[AblateError]:
    """The errors for a baseline or removals that cannot be composed, or are not ablations, whatever the design.

    Arguments as for `compile_cells`.
    """
    errors = Collected()
    with errors.collect():
        _compiler(study, composer, locate).alone(errors)
    return errors.errors


def _compiler(study: Study, composer: Composer, locate: Callable[[RunConfig], Located]) -> "_Compiler":
    """A compiler that has compiled the baseline. Raises AblateError if that fails, with what else is wrong."""
    try:
        return _Compiler(CellComposer(study, composer), locate)
    except AblateError as error:
        raise together(mistyped.problems(study, composer, error)) from error


def _named_by_presence(study: Study, design: Sequence[Cell]) -> list[Cell]:
    """Rename the cells of add_one_in: `bare`, then each cell after the one component that it has."""
    bare, *with_component = design
    named = [dataclasses.replace(bare, name=BARE)]
    for cell, component in zip(with_component, study.components, strict=True):
        named.append(dataclasses.replace(cell, name=f"+{component.name}"))
    return named


def _mark_duplicates(cells: Sequence[Cell]) -> list[Cell]:
    """Set `same_as` in each cell that has the same runs as an earlier one."""
    first: dict[place.RunLocation, str] = {}
    marked = []
    for cell in cells:
        earlier = first.setdefault(cell.runs[0], cell.name)
        if earlier != cell.name:
            cell = dataclasses.replace(cell, same_as=earlier)
        marked.append(cell)
    return marked


def _levels(study: Study) -> list[Levels]:
    """The levels of each cell of the design."""
    if study.design == "fractional":
        return _fractional(study)
    if study.design == "list":
        return _listed(study)
    if study.design == "factorial":
        _refuse_many_cells(study)
    return designs.DESIGNS[study.design](study.sizes)


def _refuse_many_cells(study: Study) -> None:
    count = math.prod(size + 1 for size in study.sizes)
    if count > MOST_CELLS:
        raise AblateError(
            f"The study {study.name}: a factorial design of {len(study.components)} components has too many cells. "
            f"Received {count:,} cells. Allowed: {MOST_CELLS:,}. Type design: fractional, or design: leave_one_out"
        )


def _fractional(study: Study) -> list[Levels]:
    """The cells of a fractional design. Raises AblateError for alternatives, or for too many components."""
    for component in study.components:
        if len(component.removals) > 1:
            raise AblateError(
                f"The study {study.name}: a fractional design has two levels, and {component.name} has alternatives. "
                "Received design=fractional. Allowed: components with one removal. Type design: factorial, or one "
                f"removal of {component.name}"
            )
    if len(study.components) > fractional.LARGEST:
        raise AblateError(
            f"The study {study.name}: too many components for a fractional design. Received {len(study.components)}. "
            f"Allowed: {fractional.LARGEST}. Type design: leave_one_out"
        )
    return designs.fractional(study.sizes, study.resolution or fractional.LOWEST_RESOLUTION)


def _listed(study: Study) -> list[Levels]:
    """The baseline and the listed cells; if none are listed, the baseline and each removal alone."""
    if study.cells is None:
        return designs.leave_one_out(study.sizes)
    levels: list[Levels] = [(0,) * len(study.components)]
    for cell in study.cells:
        levels.append(tuple(_level(component.labels(), cell) for component in study.components))
    return list(dict.fromkeys(levels))


def _level(labels: Sequence[str], cell: Sequence[str]) -> int:
    """The number of the removal that a cell lists, from 1; 0 if it lists none. labels: those of one component."""
    for level, label in enumerate(labels, 1):
        if label in cell:
            return level
    return 0


class _Compiler:
    """Compiles cells, and caches them by their levels."""

    def __init__(self, composer: CellComposer, locate: Callable[[RunConfig], Located]):
        self.composer, self.locate = composer, locate
        self.study = composer.study
        self._cells: dict[Levels, Cell] = {}
        self.baseline = self.cell((0,) * len(self.study.components))

    def alone(self, errors: Collected) -> list[Cell]:
        """The cells with a single removal. errors: collects those of the cells that are not ablations."""
        cells: list[Cell] = []
        for levels in designs.leave_one_out(self.study.sizes)[1:]:
            with errors.collect():
                cell = self.cell(levels)
                (choice,) = choices(self.study, levels)
                refuse_unsound(self.composer, cell, choice)
                cells.append(cell)
        return cells

    def cells(self, design: Sequence[Levels]) -> list[Cell]:
        """The cells of a design. Raises AblateError with the errors of all; of nested cells, only of the smallest."""
        refused: list[Levels] = []
        errors = Collected()
        for levels in sorted(design, key=_removal_count):
            if any(_contains(levels, smaller) for smaller in refused):
                continue
            before = len(errors.errors)
            with errors.collect():
                self.cell(levels)
            if len(errors.errors) > before:
                refused.append(levels)
        errors.refuse()
        return [self.cell(levels) for levels in design]

    def cell(self, levels: Levels) -> Cell:
        """Compile a cell. Raises AblateError if one of its components hides another, or if its data is missing."""
        if levels not in self._cells:
            self._cells[levels] = self._compile(levels)
        return self._cells[levels]

    def _compile(self, levels: Levels) -> Cell:
        chosen = choices(self.study, levels)
        removed = tuple(choice.label for choice in chosen)
        name = cell_name(removed)
        self._refuse_shared_keys(name, chosen)
        removing = _removing(chosen)
        composed = self.composer.compose(name, removing, drop_removing=len(chosen) > 1)
        if len(chosen) > 1:
            self._refuse_covered(name, levels, flat(composed.config))
        location = self._located(name, composed.config)
        differs = self.composer.changes(composed.config) | self._changed_folders(composed.config, location)
        read = [override for override in removing if override in composed.overrides]
        return Cell(
            name=name,
            levels=levels,
            removed=removed,
            along=_declared_along(chosen),
            budget=_declares_budget(chosen) and self._differs_in_budget(composed.config, differs),
            overrides=composed.overrides,
            config=composed.config,
            differs=differs,
            implied=tuple(changed for changed in differs if not sets(read, changed)),
            runs=(location, *self._further_runs(composed.config)),
        )

    def _located(self, name: str, config: RunConfig) -> place.RunLocation:
        """The location of a cell's run. Raises AblateError if its data cannot be read."""
        located = self.locate(config)
        if located.problem:
            raise AblateError(f"The study {self.study.name}, cell {name}: {located.problem} (nothing was started)")
        return located.where

    def _further_runs(self, config: RunConfig) -> list[place.RunLocation]:
        """The runs of all seeds after the first."""
        return [self.locate(dataclasses.replace(config, seed=seed)).where for seed in self.study.seeds[1:]]

    def _changed_folders(self, config: RunConfig, location: place.RunLocation) -> Changes:
        """The data folders that differ, if their contents do: a run's fingerprint covers contents, not paths."""
        moved, same_folders = self.composer.moved_folders(config)
        if not moved or self.locate(same_folders).where == location:
            return {}
        return moved

    def _differs_in_budget(self, config: RunConfig, differs: Changes) -> bool:
        if isinstance(config, ProgramConfig):
            return True  # nothing but the study knows which flags set it
        return bool(budget_keys(differs, (self.composer.values, flat(config))))

    def _refuse_shared_keys(self, name: str, chosen: Sequence[Choice]) -> None:
        """Raise AblateError if two components of a cell set the same key to different values."""
        first: dict[str, tuple[Choice, str]] = {}
        for choice in chosen:
            for override in choice.removal.overrides:
                earlier, before = first.setdefault(key(override), (choice, override))
                if before != override:
                    raise self._hidden(
                        name,
                        f"{before} of {earlier.component.name} and {override} of {choice.component.name}, which both "
                        f"set {key(override)}",
                    )

    def _refuse_covered(self, name: str, levels: Levels, values: dict[str, Any]) -> None:
        """Raise AblateError if one removal overrides another.

        What a component changes when it is removed alone, it must also change when removed with others, even if nothing
        reads the key there.
        """
        chosen = choices(self.study, levels)
        for index, (component, level) in enumerate(zip(self.study.components, levels, strict=True)):
            if not level:
                continue
            alone = self.cell(designs.one_removed(len(levels), index, level))
            own_overrides = component.removals[level - 1].overrides
            other_overrides = [override for override in _removing(chosen) if override not in own_overrides]
            for changed, (_, wanted) in alone.differs.items():
                if changed in alone.implied or values.get(changed) == wanted or not sets(other_overrides, changed):
                    continue
                declared = self.composer.resolved(own_overrides).get(changed)
                effective = self.composer.resolved(_removing(chosen)).get(changed)
                if declared != effective:
                    raise self._hidden(
                        name,
                        f"{changed}={typed_value(declared)} of {component.name}, and "
                        f"{changed}={typed_value(effective)} in the cell",
                    )

    def _hidden(self, name: str, received: str) -> AblateError:
        return AblateError(
            f"The study {self.study.name}, cell {name}: an override hides a component. Received {received}. Allowed: "
            "components that set different keys, or a design that never removes both. Type design: leave_one_out, or "
            "make them alternatives of one component, with alternatives:"
        )


def _removal_count(levels: Levels) -> int:
    return sum(level > 0 for level in levels)


def _contains(levels: Levels, smaller: Levels) -> bool:
    """Return whether a cell has all removals of another one."""
    return all(wanted in (0, level) for level, wanted in zip(levels, smaller, strict=True))


def cell_name(removed: Sequence[str]) -> str:
    """The name of a cell, such as `-shortcut -norm.none`, or `baseline`. removed: the labels of its removals."""
    return " ".join(f"-{label}" for label in removed) or BASELINE


def _removing(chosen: Iterable[Choice]) -> list[str]:
    """The overrides of all removals of a cell."""
    overrides: list[str] = []
    for choice in chosen:
        overrides += choice.removal.overrides
    return overrides


def _declared_along(chosen: Iterable[Choice]) -> tuple[str, ...]:
    along: list[str] = []
    for choice in chosen:
        along += choice.removal.along
    return tuple(along)


def _declares_budget(chosen: Iterable[Choice]) -> bool:
    return any(choice.component.budget for choice in chosen)
