"""Before any training: is each removal one? Judged from what `probe` saw of the baseline and of each cell."""

from collections.abc import Sequence
from typing import Any

from ablation.study.cells import Cell
from ablation.study.spec import Component, Study, key
from ablation.text import list_with_more, typed_value

SAME = ("layers", "initial", "batches", "labels", "curve", "after", "loss", "evaluation")
GRAPH, DATA, RECIPE = ("layers",), ("batches", "labels"), ("curve", "recipe")
ROOM_OF = {"model": GRAPH, "data": DATA, "train": RECIPE}
SEEN = {
    "layers": "the network's layers",
    "initial": "initial weights",
    "batches": "the first batches",
    "labels": "the training labels",
    "curve": "the learning rates",
    "recipe": "optimizer or loss",
}
SHOWN = 3  # of a list
START = {"model.initializer", "model.zero_init_last"}  # what may change how a layer starts that both have


def untrainable_message(study: Study, cell: Cell, taste: dict[str, Any]) -> str | None:
    """Why a cell cannot be trained: it does not build, or is no number after three steps."""
    received = " ".join(cell.overrides)
    if "error" in taste:
        return (
            f"The study {study.name}, cell {cell.name}: the network cannot be built and trained for a few steps: "
            f"{taste['error']}. {_set_here(cell)}Received {received}. Allowed: a cell that runs. Type its overrides "
            "behind ablate to see more"
        )
    if not taste["finite"]:
        return (
            f"The study {study.name}, cell {cell.name}: after {taste['taken']} steps the loss or a weight is no finite "
            f"number. {_set_here(cell)}Received {received}. Allowed: a cell that can be trained. Type for example "
            f"with: [train.learning_rate={cell.config.train.learning_rate / 10:g}] in the component"
        )
    return None


def same(base: dict[str, Any], here: dict[str, Any]) -> bool:
    """Does nothing that reaches training differ?"""
    return all(base[part] == here[part] for part in SAME)


def acts_late(base: dict[str, Any], here: dict[str, Any]) -> bool:
    """Is there a setting that may act only later, as clipping does?"""
    return base["recipe"] != here["recipe"]


def no_op_message(study: Study, component: Component, cell: Cell, taken: int) -> str:
    """The paragraph for a removal that removes nothing."""
    removal = component.removals[max(cell.levels) - 1]
    pairs = [
        f"{k}={typed_value(a)} in the baseline, {k}={typed_value(b)} in the cell" for k, (a, b) in cell.differs.items()
    ]
    return (
        f"The study {study.name}, cell {cell.name}: removing {component.name} by {removal.remove} changes nothing. "
        f"Received {'; '.join(pairs)}; yet network, initial weights, batches, learning rates, and weights, loss and "
        f"evaluation after {taken} steps are bit for bit those of the baseline. Allowed: a removal that reaches "
        f"training. Type another value of {removal.key}, or leave {component.name} out"
    )


def extra_change_message(
    study: Study, component: Component, cell: Cell, base: dict[str, Any], here: dict[str, Any]
) -> str | None:
    """The paragraph for what differs beyond what is declared; None where nothing does."""
    words = component.removals[max(cell.levels) - 1].overrides
    rooms = {key(word).partition(".")[0] for word in words}
    parts = [part for room, parts in ROOM_OF.items() if room not in rooms for part in parts]
    for part in parts if not cell.budget else [part for part in parts if part in GRAPH]:
        one, other = (_without_loss(taste[part], cell) for taste in (base, here))
        if one != other:
            return _second(study, component, cell, words, SEEN[part], _apart(one, other))
    lengths = [f"{taste['steps']} steps" for taste in (base, here)]
    if not cell.budget and lengths[0] != lengths[1]:
        return _second(study, component, cell, words, "the lengths of the runs", _apart(*lengths))
    shared = base["initial"].keys() & here["initial"].keys()
    moved = sorted(path for path in shared if base["initial"][path] != here["initial"][path])
    if moved and not START.intersection(cell.differs):
        return _second(study, component, cell, words, SEEN["initial"], f"{moved[0]} starts from other values")
    return None


def _without_loss(seen: Any, cell: Cell) -> Any:
    """Mixed labels need another form of the same loss."""
    mixed = isinstance(seen, dict) and "data.mixup_alpha" in cell.differs
    return {k: v for k, v in seen.items() if not k.startswith("loss")} if mixed else seen


def _second(study: Study, component: Component, cell: Cell, words: Sequence[str], what: str, apart: str) -> str:
    return (
        f"The study {study.name}, cell {cell.name}: a second factor changes with {component.name}: {what} differ too. "
        f"Received {', '.join(words)}, and {apart}. Allowed: one factor, and what is declared to go with it. Type in "
        "with: the key that keeps it as it is in the baseline, or the one that changes it"
    )


def _apart(one: Any, other: Any) -> str:
    """What differs between two mappings, or two digests."""
    if not isinstance(one, dict):
        return f"{one} in the baseline, {other} in the cell"
    keys = [k for k in dict.fromkeys([*one, *other]) if one.get(k) != other.get(k)]
    told = [f"{k} ({_side(one, other, k)})" for k in keys]
    return list_with_more(told, SHOWN)


def _side(one: dict[str, Any], other: dict[str, Any], k: str) -> str:
    if k not in other:
        return "in the baseline alone"
    return f"{one[k]} in the baseline, {other[k]} in the cell" if k in one else "in the cell alone"


def _set_here(cell: Cell) -> str:
    """`model.norm=none instead of batch. `"""
    told = [
        f"{k}={typed_value(b)} instead of {typed_value(a)}"
        for k, (a, b) in cell.differs.items()
        if k not in cell.implied
    ]
    return f"It differs from the baseline in {', '.join(told)}. " if told else ""
