"""The keys that set a cell's training budget."""

from typing import Any

from ablation.config.schema import Config

BUDGET = (  # keys that say how long and on what is trained and selected
    *("train.epochs", "train.steps", "train.batch_size", "data.limit", "data.validation"),
    *("data.holdout", "data.holdout_test", "data.source", "data.name", "data.dir", "data.root", "data.classes"),
)


def budget(base: Config, here: Config, differs: dict[str, Any]) -> list[str]:
    """The keys that make the budgets of two cells differ."""
    keys = [k for k in BUDGET if k in differs]
    for cfg in (base, here):
        counted = cfg.train.epochs is not None  # in passes over the images, which a fraction makes shorter
        if "data.fraction" in differs and counted:
            keys.append("data.fraction")
        if "train.reference_steps" in differs and cfg.train.epochs is cfg.train.steps is None:
            keys.append("train.reference_steps")
    return list(dict.fromkeys(keys))
