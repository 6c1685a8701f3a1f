"""Which keys set the budget of a run: for how long and on what it is trained, selected and tested.

The only owner of that rule: a study asks it before training, a comparison asks it of runs that are there.
"""

from collections.abc import Iterable, Sequence

from ablation.config.applicability import Settings, reads

# What accuracy is measured on and selected by. Runs that differ in one of these are never comparable.
EVALUATION = frozenset({"data.source", "data.name", "data.classes", "data.validation"})
SPLITS = frozenset({"data.limit", "data.holdout", "data.holdout_test"})
LENGTH = SPLITS | {"train.epochs", "train.steps", "train.reference_steps", "train.batch_size"}
FOLDERS = frozenset({"data.dir", "data.root"})
BUDGET = EVALUATION | LENGTH | FOLDERS


def sets_length(key: str, configs: Iterable[Settings]) -> bool:
    """Whether a key sets how long any of the configs trains, and on how many images.

    configs: flat ones, as `schema.flat` gives them. A fraction of the images shortens a run that is counted in
    epochs, which are passes over them, and not one that is counted in steps.
    """
    if key == "data.fraction":
        return any(_counts_epochs(config) for config in configs)
    if key == "train.reference_steps":
        return any(reads(config, key) for config in configs)
    return key in LENGTH


def budget_keys(keys: Iterable[str], configs: Sequence[Settings]) -> list[str]:
    """Those of the keys that set the budget of any of the configs, in their order."""
    return [key for key in keys if key in EVALUATION | FOLDERS or sets_length(key, configs)]


def _counts_epochs(config: Settings) -> bool:
    return config.get("train.steps") is None and config.get("train.epochs") is not None
