"""The keys that set the budget of a run: the length of training, and the data for training, selection and test.

Studies apply this rule before training, comparisons apply it to existing runs.
"""

from collections.abc import Iterable, Sequence

from ablation.config.applicability import Settings, reads

# Keys that decide on which images accuracy is measured and the best weights are selected. Runs that differ in one of
# them are never comparable.
EVALUATION = frozenset({"data.source", "data.name", "data.classes", "data.validation"})
SPLITS = frozenset({"data.limit", "data.holdout", "data.holdout_test"})
LENGTH = SPLITS | {"train.epochs", "train.steps", "train.reference_steps", "train.batch_size"}
FOLDERS = frozenset({"data.dir", "data.root", "data.file"})
BUDGET = EVALUATION | LENGTH | FOLDERS


def sets_length(key: str, configs: Iterable[Settings]) -> bool:
    """Return whether a key sets how long any of the configs trains, or on how many images.

    configs: flat, as from `schema.flat`. A smaller `data.fraction` shortens a run whose length is given in epochs, but
    not one whose length is given in steps.
    """
    if key == "data.fraction":
        return any(_counts_epochs(config) for config in configs)
    if key == "train.reference_steps":
        return any(reads(config, key) for config in configs)
    return key in LENGTH


def budget_keys(keys: Iterable[str], configs: Sequence[Settings]) -> list[str]:
    """The subset of `keys` that sets the budget of any of the configs, in the given order."""
    return [key for key in keys if key in EVALUATION | FOLDERS or sets_length(key, configs)]


def _counts_epochs(config: Settings) -> bool:
    return config.get("train.steps") is None and config.get("train.epochs") is not None
