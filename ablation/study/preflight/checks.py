"""Check that each removal is an ablation, by comparing the smoke test of its cell with that of the baseline."""

from collections.abc import Mapping
from typing import Any

from ablation.config.plugins import unnamed_layers
from ablation.config.plugins.own_schema import OwnChoice
from ablation.study.cells import BASELINE, Cell
from ablation.study.compilation.cell_composer import Choice
from ablation.study.preflight.probe import Failure
from ablation.study.preflight.smoke import SmokeTest
from ablation.study.spec import Study, key
from ablation.text import list_with_more, plural, typed_value

# Fields of a smoke test: after a no-op all of SAME are bit-exact; only overrides of a group may change its PARTS_OF.
SAME = ("layers", "initial", "batches", "labels", "learning_rates", "weights", "loss", "evaluation")
RESULTS = ("batches", "labels", "learning_rates", "weights", "loss", "evaluation")
PARTS_OF = {"model": ("layers",), "data": ("batches", "labels"), "train": ("learning_rates", "recipe")}
PART_NAMES = {
    "layers": "the network's layers",
    "initial": "initial weights",
    "batches": "the first batches",
    "labels": "the training labels",
    "learning_rates": "the learning rates",
    "recipe": "optimizer or loss",
}
SHOWN = 3  # differences in a message, at most
MAY_CHANGE_INITIAL = {"model.initializer", "model.zero_init_last"}  # initial values of weights that both cells have


def untrainable_message(study: Study, cell: Cell, result: SmokeTest | Failure) -> str | None:
    """The error paragraph for a cell that cannot be built, or whose loss or weights are not finite; otherwise None."""
    received = f"{_changes(cell)}Received {' '.join(cell.overrides)}"
    if isinstance(result, Failure):
        return (
            f"The study {study.name}, cell {cell.name}: the network cannot be built and trained for a few steps: "
            f"{result.reason}. {received}. Allowed: a cell that runs. Type ablate with its overrides to see more"
        )
    if not result.finite:
        lower = cell.trained.train.learning_rate / 10
        return (
            f"The study {study.name}, cell {cell.name}: after {result.taken} steps the loss or a weight is not finite. "
            f"{received}. Allowed: a cell that can be trained. Type for example with: [train.learning_rate={lower:g}] "
            "in the component"
        )
    return None


def same(baseline: SmokeTest, cell: SmokeTest) -> bool:
    """Return whether everything that reaches training is bit-exact."""
    return all(getattr(baseline, part) == getattr(cell, part) for part in SAME)


def has_same_results(baseline: SmokeTest, cell: SmokeTest) -> bool:
    """Return whether training gives the same to the bit, even if the networks differ.

    The removed part may not be used, or may compute what takes its place, as pooling does of a map of one pixel.
    """
    return all(getattr(baseline, part) == getattr(cell, part) for part in RESULTS)


def note(cell: Cell, baseline: SmokeTest, result: SmokeTest) -> str:
    """What is noted of a cell with a single removal; empty if there is nothing."""
    texts = [coupling_note(cell, baseline, result)]
    if not same(baseline, result) and has_same_results(baseline, result) and not may_act_late(baseline, result):
        texts.append(
            f"{cell.name} has other layers than the baseline, but after {result.taken} steps trained weights, loss and "
            "evaluation are bit-exact with it, so the network may not use what is removed"
        )
    return ". ".join(filter(None, texts))


def may_act_late(baseline: SmokeTest, cell: SmokeTest) -> bool:
    """Return whether settings of optimizer or loss differ: some, such as clipping, may take effect only later."""
    return baseline.recipe != cell.recipe


def no_op_message(study: Study, choice: Choice, cell: Cell, taken: int) -> str:
    """The error paragraph for a removal that has no effect. taken: the number of steps in the smoke test."""
    removal, component = choice.removal, choice.component.name
    received = []
    for name, (before, after) in cell.differs.items():
        received.append(f"{name}={typed_value(before)} in the baseline, {name}={typed_value(after)} in the cell")
    return (
        f"The study {study.name}, cell {cell.name}: removing {component} by {removal.remove} changes nothing. "
        f"Received {'; '.join(received)}; but network, initial weights, batches, learning rates, and the weights, loss "
        f"and evaluation after {taken} steps are bit-exact with the baseline. Allowed: a removal that "
        f"affects training. Type another value of {removal.key}, or leave {component} out"
    )


def equal_removals_message(study: Study, first: Choice, second: Choice) -> str:
    """The error paragraph for two components whose removals have the same effect."""
    return (
        f"The study {study.name}, cells -{first.label} and -{second.label}: removing {first.component.name} and "
        f"removing {second.component.name} have the same effect, to the bit, so their results cannot differ. "
        f"Received {first.removal.remove} and {second.removal.remove}. Allowed: components with different "
        "effects. Leave one of them out, or correct the network so that each key changes something else"
    )


def extra_change_message(
    study: Study, choice: Choice, cell: Cell, baseline: SmokeTest, result: SmokeTest
) -> str | None:
    """The error paragraph for an undeclared difference from the baseline; None if there is none."""
    for part in _parts_to_keep(choice, cell):
        before, after = _comparable(getattr(baseline, part), cell), _comparable(getattr(result, part), cell)
        if before != after:
            return _second_factor(study, choice, cell, PART_NAMES[part], _difference(before, after))
    if not cell.budget and baseline.steps != result.steps:
        lengths = _difference(f"{baseline.steps} steps", f"{result.steps} steps")
        return _second_factor(study, choice, cell, "the lengths of the runs", lengths)
    changed = _changed_initial(baseline.initial, result.initial)
    if isinstance(cell.trained.model, OwnChoice) and "model" in changed_groups(choice):
        return None  # a key of a plugin's network may change what its layers start from; `coupling_note` says so
    if changed and not MAY_CHANGE_INITIAL.intersection(cell.differs):
        return _second_factor(study, choice, cell, PART_NAMES["initial"], f"{changed[0]} starts from other values")
    return None


def _parts_to_keep(choice: Choice, cell: Cell) -> list[str]:
    """The fields of a smoke test that the removal must not change.

    If the component declares a change of the budget, batches and learning rates may change.
    """
    changed = changed_groups(choice)
    parts: list[str] = []
    for group, of_group in PARTS_OF.items():
        if group not in changed and (group == "model" or not cell.budget):
            parts += of_group
    return parts


def changed_groups(choice: Choice) -> set[str]:
    """The groups in which a removal sets keys."""
    return {key(override).partition(".")[0] for override in choice.removal.overrides}


def coupling_note(cell: Cell, baseline: SmokeTest, result: SmokeTest) -> str:
    """What starts from other values in a cell with a plugin's network than in the baseline; empty if nothing does."""
    if not isinstance(cell.trained.model, OwnChoice):
        return ""
    texts = []
    if unmatched := unnamed_layers.sentence(cell.name, BASELINE, baseline.unnamed, result.unnamed):
        texts.append(unmatched)
    changed = _changed_initial(baseline.initial, result.initial)
    if changed:
        texts.append(
            f"{cell.name} starts {plural(len(changed), 'weight')} from other values than the baseline: "
            f"{list_with_more(changed, SHOWN)}"
        )
    return ". ".join(texts)


def _comparable(part: Any, cell: Cell) -> Any:
    """A field without the settings of the loss if mixup differs: mixed labels need another form of the same loss."""
    if isinstance(part, dict) and "data.mixup_alpha" in cell.differs:
        return {name: value for name, value in part.items() if not name.startswith("loss")}
    return part


def _changed_initial(baseline: Mapping[str, str], cell: Mapping[str, str]) -> list[str]:
    """The weights that exist in both cells with the same shape, but with different initial values."""
    shared = baseline.keys() & cell.keys()
    return sorted(path for path in shared if baseline[path] != cell[path])


def _second_factor(study: Study, choice: Choice, cell: Cell, part: str, difference: str) -> str:
    component, overrides = choice.component.name, choice.removal.overrides
    return (
        f"The study {study.name}, cell {cell.name}: a second change comes with {component}: {part} differ too. "
        f"Received {', '.join(overrides)}, and {difference}. Allowed: one change, plus those that with: declares. "
        "Add to with: the override that prevents the second change, or the one that causes it"
    )


def _difference(before: Any, after: Any) -> str:
    """The differences between two mappings, or between two values, as text."""
    if not isinstance(before, dict):
        return f"{before} in the baseline, {after} in the cell"
    names = [name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name)]
    return list_with_more([f"{name} ({_both_sides(before, after, name)})" for name in names], SHOWN)


def _both_sides(before: Mapping[str, Any], after: Mapping[str, Any], name: str) -> str:
    if name not in after:
        return "only in the baseline"
    if name not in before:
        return "only in the cell"
    return f"{before[name]} in the baseline, {after[name]} in the cell"


def _changes(cell: Cell) -> str:
    """A sentence on the changes of a cell: `It differs from the baseline in model.norm=none instead of batch. `."""
    changes = []
    for name, (before, after) in cell.differs.items():
        if name not in cell.implied:
            changes.append(f"{name}={typed_value(after)} instead of {typed_value(before)}")
    return f"It differs from the baseline in {', '.join(changes)}. " if changes else ""
