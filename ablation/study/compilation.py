"""Compile a study into its cells."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from ablation.config.fingerprint import IGNORED, flat
from ablation.config.schema import Config
from ablation.errors import AblateError, Unread
from ablation.run import place
from ablation.study import designs, fractional
from ablation.study.budget import BUDGET, budget
from ablation.study.cells import BARE, BASELINE, Cell, Cells, Composer, Levels
from ablation.study.spec import GROUPS, Component, Removal, Study, key
from ablation.text import value_as_typed


def compile(study: Study, composer: Composer, find: Callable[[Config], tuple[place.RunLocation, str | None]]) -> Cells:
    """Compose the cells of a study. Raises AblateError for one that is no ablation, naming cell, key and values."""
    maker = _Maker(study, composer, find)
    alone = [maker.cell(levels) for levels in designs.leave_one_out([len(c.removals) for c in study.components])]
    for cell in alone[1:]:
        maker.refuse(cell)
    made = [maker.cell(levels) for levels in _levels(study)]
    if study.design == "add_one_in":  # what is there says more than what is not
        names = [BARE, *(f"+{component.name}" for component in study.components)]
        made = [dataclasses.replace(cell, name=name) for cell, name in zip(made, names, strict=True)]
    return Cells(tuple(_merged(made)), alone[0], tuple(alone[1:]))


def _levels(study: Study) -> list[Levels]:
    sizes = [len(component.removals) for component in study.components]
    if study.design == "fractional":
        return _fractional(study, sizes)
    if study.design == "list":
        return _listed(study)
    return designs.DESIGNS[study.design](sizes)


def _fractional(study: Study, sizes: Sequence[int]) -> list[Levels]:
    many = [component.name for component in study.components if len(component.removals) > 1]
    if many:
        raise AblateError(
            f"The study {study.name}: a fractional design has two levels, and {many[0]} has alternatives. Received "
            f"design=fractional. Allowed: components with one removal. Type design: factorial, or one removal of "
            f"{many[0]}"
        )
    if len(sizes) > fractional.LARGEST:
        raise AblateError(
            f"The study {study.name}: too many components for a fractional design. Received {len(sizes)}. Allowed: "
            f"{fractional.LARGEST}. Type design: leave_one_out"
        )
    return designs.fractional(sizes, study.resolution)


def _listed(study: Study) -> list[Levels]:
    """The baseline, where the cells do not name it, and the cells; without cells, each component alone."""
    sizes = [len(component.removals) for component in study.components]
    if study.cells is None:
        return designs.leave_one_out(sizes)
    labels = [
        [component.label(i + 1) for i in range(size)] for component, size in zip(study.components, sizes, strict=True)
    ]
    cells = [
        tuple(next((i + 1 for i, x in enumerate(some) if x in cell), 0) for some in labels) for cell in study.cells
    ]
    return list(dict.fromkeys([(0,) * len(sizes), *cells]))


def reduced(words: Sequence[str]) -> tuple[str, ...]:
    """Of each key the last override, where its first one stood."""
    return tuple({key(word): word for word in words}.values())


class _Maker:
    def __init__(
        self, study: Study, composer: Composer, find: Callable[[Config], tuple[place.RunLocation, str | None]]
    ):
        self.study, self.composer, self.find = study, composer, find
        self.made: dict[Levels, Cell] = {}
        _, self.base = self._composed(BASELINE, ())
        self.flat = flat(self.base)

    def cell(self, levels: Levels) -> Cell:
        """Compose one cell."""
        if levels not in self.made:
            self.made[levels] = self._cell(levels)
        return self.made[levels]

    def _cell(self, levels: Levels) -> Cell:
        chosen = [(c, c.removals[level - 1]) for c, level in zip(self.study.components, levels, strict=True) if level]
        removed = tuple(c.label(level) for c, level in zip(self.study.components, levels, strict=True) if level)
        name = " ".join(f"-{label}" for label in removed) or BASELINE
        self._refuse_hiding(name, chosen)
        set_here = [word for _, removal in chosen for word in removal.words]
        words, config = self._composed(name, set_here, alone=len(chosen) == 1)
        if len(chosen) > 1:
            self._refuse_covering(name, levels, flat(config), set_here)
        where, trouble = self.find(config)
        differs = _difference(self.flat, flat(config)) | self._elsewhere(config, where)
        if trouble:
            raise AblateError(f"The study {self.study.name}, cell {name}: {trouble} (nothing was started)")
        return Cell(
            name=name,
            levels=levels,
            removed=removed,
            along=tuple(word for _, removal in chosen for word in removal.along),
            budget=any(component.budget for component, _ in chosen) and bool(budget(self.base, config, differs)),
            overrides=words,
            config=config,
            differs=differs,
            implied=tuple(k for k in differs if not _declared(k, [word for word in set_here if word in words])),
            runs=(where, *(self.find(dataclasses.replace(config, seed=seed))[0] for seed in self.study.seeds[1:])),
        )

    def _elsewhere(self, config: Config, where: place.RunLocation) -> dict[str, tuple[Any, Any]]:
        """Folders are no part of a run's identity; what lies in them is."""
        here = flat(config)
        moved = {k: (self.flat[k], here[k]) for k in ("data.root", "data.dir") if self.flat[k] != here[k]}
        images = dataclasses.replace(config.data, root=self.base.data.root, dir=self.base.data.dir)
        same = not moved or self.find(dataclasses.replace(config, data=images))[0] == where
        return {} if same else moved

    def _words(self, removal: Sequence[str]) -> tuple[str, ...]:
        """Baseline < command line < component."""
        return reduced([*self.study.baseline, *self.study.typed, *removal])

    def _composed(self, name: str, removal: Sequence[str], alone: bool = True) -> tuple[tuple[str, ...], Config]:
        """A cell's words and what they make. What nothing reads any more is left out, but never of a removal alone."""
        words, own = self._words(removal), set(map(key, removal)) if alone else set()
        while True:
            try:
                return words, self.composer.config([*words, f"seed={self.study.seeds[0]}"])
            except AblateError as error:
                left = tuple(word for word in words if not isinstance(error, Unread) or key(word) != error.key)
                if not removal or left == words or error.key in own:
                    raise AblateError(
                        f"The study {self.study.name}, cell {name}: {error} (in {' '.join(words)}; nothing was started)"
                    ) from error
                words = left

    def _refuse_hiding(self, name: str, chosen: Sequence[tuple[Component, Removal]]) -> None:
        said: dict[str, tuple[str, str]] = {}
        for component, removal in chosen:
            for word in removal.words:
                other, before = said.setdefault(key(word), (component.name, word))
                if before != word:
                    raise AblateError(
                        f"The study {self.study.name}, cell {name}: an override hides a component. Received {before} "
                        f"of {other} and {word} of {component.name}, which set {key(word)} both. Allowed: components "
                        "that set different keys, or a design that never removes both. Type design: leave_one_out, or "
                        "make them alternatives of one component, with alternatives:"
                    )

    def _refuse_covering(self, name: str, levels: Levels, here: dict[str, Any], words: Sequence[str]) -> None:
        """What a component changes alone, it changes beside others, whether or not it is read there."""
        for i, component in enumerate(self.study.components):
            if not levels[i]:
                continue
            alone = self.cell(tuple(level if j == i else 0 for j, level in enumerate(levels)))
            mine = component.removals[levels[i] - 1].words
            others = [word for word in words if word not in mine]
            for k, (_, wanted) in alone.differs.items():
                if k in alone.implied or here[k] == wanted or not _declared(k, others):
                    continue
                said, covered = (self._told(some)[k] for some in (mine, words))
                if said != covered:
                    raise AblateError(
                        f"The study {self.study.name}, cell {name}: an override hides a component. Received "
                        f"{k}={value_as_typed(said)} of {component.name}, and {k}={value_as_typed(covered)} in the "
                        "cell. Allowed: components that set different keys, or a design that never removes both. Type "
                        "design: leave_one_out, or make them alternatives of one component, with alternatives:"
                    )

    def _told(self, removal: Sequence[str]) -> dict[str, Any]:
        """Every key as a removal's words make it, before anything is checked."""
        return self.composer.told([*self._words(removal), f"seed={self.study.seeds[0]}"])

    def refuse(self, cell: Cell) -> None:
        """Raise AblateError unless the removal is one, and one only."""
        component, removal = next(
            (c, c.removals[level - 1]) for c, level in zip(self.study.components, cell.levels, strict=True) if level
        )
        self._refuse_nothing(cell, component, removal)
        if removal.key in GROUPS:
            self._refuse_typed_over(cell, component, removal)
        self._refuse_more(cell, component, removal)
        if not component.budget:
            self._refuse_budget(cell, component)

    def _refuse_nothing(self, cell: Cell, component: Component, removal: Removal) -> None:
        if any(_declared(k, [removal.remove]) for k in cell.differs):
            return
        k = removal.key
        before = "the same values in the baseline"
        if k in self.flat:
            before = f"{k}={value_as_typed(self.flat[k])} in the baseline"
        values = f"{before}, {removal.remove} in the component"
        wanted = value_as_typed(self._told(removal.words).get(k))
        unread = k in self.flat and value_as_typed(flat(cell.config)[k]) != wanted
        why = f"; nothing reads {k} in this network, data and recipe" if unread else ""
        raise AblateError(
            f"The study {self.study.name}, cell {cell.name}: removing {component.name} changes nothing. Received "
            f"{values}{why}. Allowed: an override that makes a difference to the baseline "
            f"({' '.join(self._words(()))}). Type another value of {k}, or leave {component.name} out"
        )

    def _refuse_typed_over(self, cell: Cell, component: Component, removal: Removal) -> None:
        """What a component's file sets, it sets, whatever is typed; only how long all cells train may be typed."""
        typed = {key(word): word for word in self.study.typed if key(word).startswith(f"{removal.key}.")}
        words = [word for word in self._words(()) if key(word) not in typed]
        before, here = (self.composer.told(reduced([*words, *some])) for some in ((), removal.words))
        for k, word in typed.items():
            if k not in BUDGET and before.get(k) != here.get(k):
                raise AblateError(
                    f"The study {self.study.name}, cell {cell.name}: {word} hides the component {component.name}, "
                    f"which sets {k} itself. Received {word}, and {k}={value_as_typed(here.get(k))} of "
                    f"{removal.remove}. Allowed: other keys. Leave {word} out, or copy the study and change its "
                    "baseline"
                )

    def _refuse_more(self, cell: Cell, component: Component, removal: Removal) -> None:
        if not cell.implied:
            return
        before, here = self._told(()), self._told(removal.words)
        for k in cell.implied:
            if before.get(k) != here.get(k):
                raise AblateError(
                    f"The study {self.study.name}, cell {cell.name}: a second factor changes with {component.name}, "
                    f"and nothing declares it. Received {k}={value_as_typed(before.get(k))} in the baseline, "
                    f"{k}={value_as_typed(here.get(k))} in the cell. Allowed: one factor, and what is declared to go "
                    f"with it. Type with: [{k}={value_as_typed(here.get(k))}] in the component, or keep {k} as it is"
                )

    def _refuse_budget(self, cell: Cell, component: Component) -> None:
        keys = budget(self.base, cell.config, cell.differs)
        for k in sorted(keys, key=lambda k: k in cell.implied):
            before, here = cell.differs[k]
            raise AblateError(
                f"The study {self.study.name}, cell {cell.name}: {component.name} sets the budget (how long, on what "
                f"is trained, or what is selected on), and does not say so. Received {k}={value_as_typed(before)} in "
                f"the baseline, {k}={value_as_typed(here)} in the cell. Allowed: the same budget in every cell, or a "
                f"component that says so. Type {component.name}: {{remove: […], budget: true}}, or set {k} to "
                f"{value_as_typed(before)}"
            )


def _difference(one: dict[str, Any], other: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {k: (one[k], other[k]) for k in one if k not in IGNORED and one[k] != other[k]}


def _declared(k: str, words: Sequence[str]) -> bool:
    """Does an override set it, or choose the file that does?"""
    return any(key(word) == k or (key(word) in GROUPS and k.startswith(f"{key(word)}.")) for word in words)


def _merged(cells: Sequence[Cell]) -> list[Cell]:
    first: dict[place.RunLocation, str] = {}
    merged = []
    for cell in cells:
        same = first.setdefault(cell.runs[0], cell.name)
        merged.append(cell if same == cell.name else dataclasses.replace(cell, same_as=same))
    return merged
