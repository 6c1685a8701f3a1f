"""Refuse a removal whose config already shows a no-op, a second factor or an undeclared change of the budget.

The preflight check covers the cases that only training can show.
"""

from ablation.config.budget import BUDGET, budget_keys
from ablation.config.fingerprint import flat
from ablation.errors import AblateError
from ablation.study.cells import Cell
from ablation.study.compilation.cell_composer import CellComposer, Choice, sets
from ablation.study.spec import GROUPS, key
from ablation.text import typed_value


def refuse_unsound(composer: CellComposer, cell: Cell, choice: Choice) -> None:
    """Raise AblateError unless a cell with a single removal changes exactly one factor.

    choice: the component that the cell removes.
    """
    _refuse_no_op(composer, cell, choice)
    if choice.removal.key in GROUPS:
        _refuse_typed_over(composer, cell, choice)
    _refuse_second_factor(composer, cell, choice)
    if not choice.component.budget:
        _refuse_budget(composer, cell, choice)


def _refuse_no_op(composer: CellComposer, cell: Cell, choice: Choice) -> None:
    removal, name = choice.removal, choice.component.name
    if any(sets([removal.remove], changed) for changed in cell.differs):
        return
    baseline, unread = "the same values in the baseline", ""
    if removal.key in composer.values:
        baseline = f"{removal.key}={typed_value(composer.values[removal.key])} in the baseline"
        effective = typed_value(flat(cell.config)[removal.key])
        if effective != typed_value(composer.resolved(removal.overrides).get(removal.key)):
            unread = f"; this combination of network, data and recipe does not use {removal.key}"
    raise AblateError(
        f"The study {composer.study.name}, cell {cell.name}: removing {name} changes nothing. Received {baseline}, "
        f"{removal.remove} in the component{unread}. Allowed: an override that changes the baseline "
        f"({' '.join(composer.overrides(()))}). Type another value of {removal.key}, or leave {name} out"
    )


def _refuse_typed_over(composer: CellComposer, cell: Cell, choice: Choice) -> None:
    """Raise AblateError if a typed override changes what a component's file sets.

    Typed overrides apply to every cell, so they would hide that part of the removal. Keys of the budget are allowed.
    """
    removal = choice.removal
    typed = [override for override in composer.study.typed if key(override).startswith(f"{removal.key}.")]
    before = composer.resolved_untyped((), typed)
    after = composer.resolved_untyped(removal.overrides, typed)
    for override in typed:
        name = key(override)
        if name not in BUDGET and before.get(name) != after.get(name):
            raise AblateError(
                f"The study {composer.study.name}, cell {cell.name}: {override} hides the component "
                f"{choice.component.name}, which sets {name} itself. Received {override}, and "
                f"{name}={typed_value(after.get(name))} of {removal.remove}. Allowed: other keys. Leave {override} "
                "out, or copy the study and change its baseline"
            )


def _refuse_second_factor(composer: CellComposer, cell: Cell, choice: Choice) -> None:
    if not cell.implied:
        return
    before, after = composer.resolved(()), composer.resolved(choice.removal.overrides)
    for name in cell.implied:
        if before.get(name) != after.get(name):
            received = typed_value(after.get(name))
            raise AblateError(
                f"The study {composer.study.name}, cell {cell.name}: removing {choice.component.name} also changes "
                f"{name}, which is not declared. Received {name}={typed_value(before.get(name))} in the baseline, "
                f"{name}={received} in the cell. Allowed: one change, plus those that with: declares. "
                f"Type with: [{name}={received}] in the component, or keep {name} as it is"
            )


def _refuse_budget(composer: CellComposer, cell: Cell, choice: Choice) -> None:
    names = budget_keys(cell.differs, (composer.values, flat(cell.config)))
    if not names:
        return
    name = min(names, key=lambda name: name in cell.implied)  # an override sets it, if possible
    before, after = cell.differs[name]
    component = choice.component.name
    raise AblateError(
        f"The study {composer.study.name}, cell {cell.name}: {component} changes the budget (length of "
        f"training, data or selection) without declaring it. Received {name}={typed_value(before)} in the "
        f"baseline, {name}={typed_value(after)} in the cell. Allowed: the same budget in every cell, or a component "
        f"that declares it. Type {component}: {{remove: […], budget: true}}, or set {name} to {typed_value(before)}"
    )
