"""Refuse a removal whose config already shows a no-op, a second factor or an undeclared change of the budget.

The preflight check covers the cases that only training can show.
"""

from ablation.config.budget import BUDGET, budget_keys
from ablation.config.fingerprint import flat
from ablation.config.program.spec import ProgramConfig
from ablation.errors import AblateError, Collected
from ablation.study.cells import Cell
from ablation.study.compilation.cell_composer import CellComposer, Choice, sets
from ablation.study.spec import GROUPS, key
from ablation.text import list_with_more, typed_value


def refuse_unsound(composer: CellComposer, cell: Cell, choice: Choice) -> None:
    """Raise AblateError, with all that is wrong, unless a cell with a single removal changes exactly one factor.

    choice: the component that the cell removes.
    """
    _refuse_no_op(composer, cell, choice)
    if isinstance(cell.config, ProgramConfig):
        return  # what its flags mean, only the program knows
    errors = Collected()
    if choice.removal.key in GROUPS:
        _collect_typed_over(composer, cell, choice, errors)
    with errors.collect():
        _refuse_second_factor(composer, cell, choice)
    if not choice.component.budget:
        with errors.collect():
            _refuse_budget(composer, cell, choice)
    errors.refuse()


def _refuse_no_op(composer: CellComposer, cell: Cell, choice: Choice) -> None:
    removal, name = choice.removal, choice.component.name
    if any(sets([removal.remove], changed) for changed in cell.differs):
        return
    baseline, unread = "the same values in the baseline", ""
    if removal.key in composer.values:
        baseline = f"{removal.key}={typed_value(composer.values[removal.key])} in the baseline"
        effective = typed_value(flat(cell.config).get(removal.key))
        if effective != typed_value(composer.resolved(removal.overrides).get(removal.key)):
            unread = f"; this combination of network, data and recipe does not use {removal.key}"
    raise AblateError(
        f"The study {composer.study.name}, cell {cell.name}: removing {name} changes nothing. Received {baseline}, "
        f"{removal.remove} in the component{unread}. Allowed: an override that changes the baseline "
        f"({' '.join(composer.overrides(()))}). Type another value of {removal.key}, or leave {name} out"
    )


def _collect_typed_over(composer: CellComposer, cell: Cell, choice: Choice, errors: Collected) -> None:
    """Collect an error for each typed override that changes what a component's file sets.

    Typed overrides apply to every cell, so they would hide that part of the removal. Keys of the budget are allowed.
    """
    removal = choice.removal
    typed = [override for override in composer.study.typed if key(override).startswith(f"{removal.key}.")]
    before = composer.resolved_untyped((), typed)
    after = composer.resolved_untyped(removal.overrides, typed)
    for override in typed:
        name = key(override)
        if name not in BUDGET and before.get(name) != after.get(name):
            errors.errors.append(
                AblateError(
                    f"The study {composer.study.name}, cell {cell.name}: {override} hides the component "
                    f"{choice.component.name}, which sets {name} itself. Received {override}, and "
                    f"{name}={typed_value(after.get(name))} of {removal.remove}. Allowed: other keys. Leave "
                    f"{override} out, or copy the study and change its baseline"
                )
            )


def _refuse_second_factor(composer: CellComposer, cell: Cell, choice: Choice) -> None:
    if not cell.implied:
        return
    before, after = composer.resolved(()), composer.resolved(choice.removal.overrides)
    names = [name for name in cell.implied if before.get(name) != after.get(name)]
    if not names:
        return
    received, along = [], []
    for name in names:
        value = typed_value(after.get(name))
        received.append(f"{name}={typed_value(before.get(name))} in the baseline, {name}={value} in the cell")
        along.append(f"{name}={value}")
    raise AblateError(
        f"The study {composer.study.name}, cell {cell.name}: removing {choice.component.name} also changes "
        f"{list_with_more(names)}, which is not declared. Received {'; '.join(received)}. Allowed: one change, plus "
        f"those that with: declares. Type with: [{', '.join(along)}] in the component, or keep {list_with_more(names)} "
        "unchanged"
    )


def _refuse_budget(composer: CellComposer, cell: Cell, choice: Choice) -> None:
    names = budget_keys(cell.differs, (composer.values, flat(cell.config)))
    if not names:
        return
    received, same = [], []
    for name in names:
        before, after = map(typed_value, cell.differs[name])
        received.append(f"{name}={before} in the baseline, {name}={after} in the cell")
        same.append(f"{name} to {before}")
    component = choice.component.name
    raise AblateError(
        f"The study {composer.study.name}, cell {cell.name}: {component} changes the budget (length of training, data "
        f"or selection) without declaring it. Received {'; '.join(received)}. Allowed: the same budget in every cell, "
        f"or a component that declares it. Type {component}: {{remove: […], budget: true}}, or set "
        f"{list_with_more(same)}"
    )
