"""`components: auto`: every part of the baseline that is on and can be turned off, as the components of a study."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ablation.config.applicability import reads
from ablation.config.keys import Key, keys_of
from ablation.config.plugins.own_schema import OwnChoice
from ablation.config.schema import Config, flat
from ablation.errors import AblateError
from ablation.study.cells import TrainingComposer
from ablation.study.compilation.cell_composer import last_of_each_key
from ablation.text import PLAIN_WORD, hydra_text, typed_value

AUTO = "auto"
# The value of each shipped key that turns its part off. A key that no paper would call a component of the method, such
# as data.limit, has none.
NEUTRAL: Mapping[str, Any] = {
    "model.residual": False,
    "model.norm": "none",
    "model.squeeze_excite": 0,
    "model.stochastic_depth": 0.0,
    "model.zero_init_last": False,
    "model.dropout": 0.0,
    "model.weights": None,
    "data.augment": "none",
    "data.cutout_size": 0,
    "data.mixup_alpha": 0.0,
    "data.normalize": "none",
    "train.momentum": 0.0,
    "train.nesterov": False,
    "train.weight_decay": 0.0,
    "train.clipnorm": None,
    "train.global_clipnorm": None,
    "train.label_smoothing": 0.0,
    "train.ema_momentum": 0.0,
    "train.schedule": "constant",
    "train.warmup": 0.0,
}
ALONG = {"train.momentum": ("train.nesterov", False)}  # what has no meaning without a part, and its value then
# Words in the names of a plugin's floats between 0 and 1 that 0 turns off.
RATE = re.compile(r"(^|_)(drop\w*|noise|\w*smoothing|decay|mixup|cutout|stochastic_depth)($|_)")


@dataclass(frozen=True)
class Expanded:
    """The components of `components: auto`, in the form of a study file, and what has none.

    left_out: the keys that are on and cannot be removed alone, with the reason.
    """

    components: dict[str, Any]
    left_out: dict[str, str]


def expand(overrides: Sequence[str], composer: TrainingComposer) -> Expanded:
    """The components of a baseline. overrides: of the baseline and the command. Raises AblateError."""
    baseline = last_of_each_key(overrides)
    config = composer.config(baseline)
    components: dict[str, Any] = {}
    left_out: dict[str, str] = {}
    for key, removals in _removals(config):
        valid = {}
        for name, removal in removals.items():
            try:
                if flat(composer.config([*baseline, *removal])) == flat(config):
                    left_out[key] = "it has no effect in this combination"
                else:
                    valid[name] = removal
            except AblateError as error:
                left_out[key] = str(error).partition(". ")[0]
        if valid:
            components[_name(key, components)] = _form(valid)
    if not components:
        raise AblateError(
            f"No part of the baseline is on that could be removed. Received components: {AUTO} and the baseline "
            f"{' '.join(baseline)}. Allowed: a baseline with parts that are true, not null, or above 0. Type for "
            "example components: {norm: [model.norm=none]}"
        )
    return Expanded(components, left_out)


def _removals(config: Config) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """The keys that are on, each with its removals by name: one, or one for each alternative of a `Literal`."""
    settings = flat(config)
    for group in ("model", "data", "train"):
        node = getattr(config, group)
        for key in keys_of(type(node)):
            path, value = f"{group}.{key.name}", getattr(node, key.name)
            if key.limits.kind is not None and isinstance(node, OwnChoice):
                removals = _own_removals(path, key, value)
                if removals:
                    yield path, removals
            elif path in NEUTRAL and reads(settings, path) and value != NEUTRAL[path]:
                yield path, {"off": [*_along(path, settings), f"{path}={typed_value(NEUTRAL[path])}"][::-1]}


def _along(path: str, settings: Mapping[str, Any]) -> list[str]:
    if path not in ALONG:
        return []
    key, value = ALONG[path]
    return [f"{key}={typed_value(value)}"] if settings.get(key) != value else []


def _own_removals(path: str, key: Key, value: Any) -> dict[str, list[str]]:
    """The removals of a plugin's parameter; none if it is off, or nobody knows which value turns it off."""
    limits = key.limits
    values_off: list[Any] = []
    if limits.kind is bool:
        values_off = [False] if value is True else []
    elif limits.choices is not None:
        values_off = [choice for choice in limits.choices if choice != value]
    elif not limits.optional and limits.kind is float and 0 < (value or 0) < 1 and RATE.search(key.name):
        values_off = [0]
    if limits.optional and value is not None and limits.kind is not bool:
        values_off.append(None)
    removals: dict[str, list[str]] = {}
    for off in values_off:
        removals[_unique(_alternative(off), removals)] = [f"{path}={_typed(off)}"]
    return removals


def _unique(name: str, taken: Mapping[str, Any]) -> str:
    """The name, with a number if it is taken: a_b, a_b-2, a_b-3."""
    names = (name if number == 1 else f"{name}-{number}" for number in itertools.count(1))
    return next(each for each in names if each not in taken)


def _alternative(value: Any) -> str:
    """A name for an alternative: letters, digits, - and _, a letter first."""
    text = re.sub(r"[^\w-]", "_", typed_value(value))
    return text if PLAIN_WORD.fullmatch(text) else f"is_{text}"


def _typed(value: Any) -> str:
    """A value as it is typed, in quotes where it is a text that would be read otherwise."""
    return hydra_text(value) if isinstance(value, str) else typed_value(value)


def _name(path: str, taken: Mapping[str, Any]) -> str:
    group, _, name = path.rpartition(".")
    return name if name not in taken else f"{group}-{name}"


def _form(removals: Mapping[str, list[str]]) -> Any:
    """The component in the form of a study file."""
    if len(removals) > 1:
        return {"alternatives": {name: removal for name, removal in removals.items()}}
    (removal,) = removals.values()
    remove, *along = removal
    return {"remove": [remove], "with": along} if along else [remove]
