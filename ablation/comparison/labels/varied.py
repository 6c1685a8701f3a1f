"""What the user varied: the settings that differ between variants, without those that follow from them.

A key is shown unless one of these holds:
- Fewer than two variants with different values read it. `norm_momentum` has no value without BatchNorm.
- It belongs to the structure that the network's name stands for, as `repeats` does for `resnet34` and `resnet50`.
- Each variant has the value that comes with its network family, data set or recipe in the shipped files of conf/. A
  value that a user typed beside the family is another one, so it is shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ablation.comparison.labels.recipe_files import recipe_files
from ablation.comparison.reading.run import Diverged, Run
from ablation.config.applicability import reads
from ablation.config.shipped.group_files import group_files
from ablation.redaction import printable
from ablation.text import typed_value

NETWORK, DATA, RECIPE, DIGEST = "network", "data", "train", "data.digest"
# The keys that the name of a network and that of a data set stand for.
NETWORK_KEYS = frozenset({"model.family", "model.block", "model.repeats", "model.depth", "model.residual"})
DATA_KEYS = frozenset(
    {
        "data.source",
        "data.name",
        "data.image_size",
        "data.channels",
        "data.classes",
        "data.holdout",
        "data.holdout_test",
    }
)
CHOICES = {"model": "model.family", "data": "data.name"}  # by group: the key whose value comes with others in a file
Row = dict[str, str]


@dataclass(frozen=True)
class Varied:
    """What differs between variants.

    facts: of each variant, all that differ, as text by key: settings, network, data set and digest of the data. rows:
    the same without settings that the variant does not use, with the recipe if it is shown. shown: the keys that labels
    show, in order. hidden: keys that differ between rows but follow from those shown.
    """

    facts: list[Row]
    rows: list[Row]
    shown: tuple[str, ...]
    hidden: tuple[str, ...]


def varied(runs: Sequence[Run | Diverged]) -> Varied:
    """Find what differs between variants, each given by one of its runs."""
    facts = _differing_facts(runs)
    rows = []
    for run, row in zip(runs, facts, strict=True):
        rows.append({key: text for key, text in row.items() if reads(run.config, key)})
    if not NETWORK_KEYS.isdisjoint(_varying(facts[0], rows)):
        _drop_named_widths(runs, rows)
    shown, hidden = [], []
    varying = _varying(facts[0], rows)
    for key in varying:
        (hidden if _follows(key, runs, rows, varying) else shown).append(key)
    return _with_recipes(runs, Varied(facts, rows, tuple(shown), tuple(hidden)))


def unlabelled_model_keys(runs: Sequence[Run | Diverged]) -> list[str]:
    """The names of model keys that differ between variants but are in no label, because the network implies them."""
    names = []
    for key in varied(runs).hidden:
        if key.startswith("model.") and key not in NETWORK_KEYS:
            names.append(key.removeprefix("model."))
    return sorted(names)


def _differing_facts(runs: Sequence[Run | Diverged]) -> list[Row]:
    """The facts that differ between the runs, with the same keys for all."""
    config_keys: dict[str, None] = {}
    for run in runs:
        config_keys |= dict.fromkeys(run.config)
    columns: dict[str, list[Any]] = {NETWORK: [run.network for run in runs], DATA: [run.data for run in runs]}
    for key in config_keys:
        columns[key] = [run.config.get(key) for run in runs]
    columns[DIGEST] = [run.digest[:8] for run in runs]
    facts: list[Row] = [{} for _ in runs]
    for key, values in columns.items():
        if len(set(map(repr, values))) > 1:
            for row, value in zip(facts, values, strict=True):
                row[key] = _text(value)
    return facts


def _text(value: Any) -> str:
    """The value as people type it: `1e-5`, where Python writes `1e-05`."""
    text = printable(typed_value(value))
    return text.replace("e-0", "e-") if isinstance(value, float) else text


def _varying(keys: Iterable[str], rows: Sequence[Row]) -> list[str]:
    """The keys with different values among the rows that have them."""
    values: dict[str, set[str]] = {key: set() for key in keys}
    for row in rows:
        for key, text in row.items():
            values[key].add(text)
    return [key for key, texts in values.items() if len(texts) > 1]


def _drop_named_widths(runs: Sequence[Run | Diverged], rows: Sequence[Row]) -> None:
    """Drop the width of shake networks, which is part of their names."""
    for run, row in zip(runs, rows, strict=True):
        if run.config.get("model.family") == "shake":
            row.pop("model.width", None)


# ---------------------------------------------------------------- keys that follow from others


def _follows(key: str, runs: Sequence[Run | Diverged], rows: Sequence[Row], varying: Sequence[str]) -> bool:
    """Return whether labels omit a key because its values follow from keys that they show, or because it is a hash."""
    if key == DIGEST:
        return True
    if key == NETWORK:
        return NETWORK_KEYS.isdisjoint(varying)
    if key in NETWORK_KEYS:
        return _is_determined(key, NETWORK, rows)
    group = key.partition(".")[0]
    leader = {"model": "model.family", "data": DATA}.get(group)
    if leader is None or key == DATA or not _is_determined(key, leader, rows):
        return False
    may_be_unknown = group == "model" or key in DATA_KEYS
    for run, row in zip(runs, rows, strict=True):
        if key in row and not _comes_with_choice(key, run, may_be_unknown):
            return False
    return True


def _is_determined(key: str, leader: str, rows: Sequence[Row]) -> bool:
    """Return whether rows with equal values of the leader have equal values of the key."""
    value_of_leader: dict[str | None, str] = {}
    for row in rows:
        if key in row and value_of_leader.setdefault(row.get(leader), row[key]) != row[key]:
            return False
    return True


def _comes_with_choice(key: str, run: Run | Diverged, may_be_unknown: bool) -> bool:
    """Return whether the run's value of a key is that of a shipped file for its network family or data set.

    may_be_unknown: what to return for a family or data set without a file.
    """
    group = key.partition(".")[0]
    leader = CHOICES[group]
    files = [values for values in group_files(group).values() if values.get(leader) == run.config.get(leader)]
    if not files:
        return may_be_unknown
    return any(values.get(key) == run.config.get(key) for values in files)


def _with_recipes(runs: Sequence[Run | Diverged], found: Varied) -> Varied:
    """Show the recipe's file instead of the keys that come with it, if that takes fewer words."""
    of_recipe = [key for key in found.shown if key.startswith(f"{RECIPE}.")]
    files = recipe_files([run.config for run in runs], of_recipe)
    if files is None:
        return found
    rows = []
    for row, name in zip(found.rows, files.names, strict=True):
        rows.append({**row, RECIPE: name})
    implied = [key for key in of_recipe if key not in files.changed]
    names = [key for key in found.shown if key in (NETWORK, DATA)]
    others = [key for key in found.shown if key not in (*names, *implied)]
    return Varied(found.facts, rows, (*names, RECIPE, *others), (*found.hidden, *implied))
