"""A training recipe in words: optimizer, learning rate and its schedule, weight decay, batch size, augmentation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ablation.config.schema import DEFAULTS
from ablation.text import list_with_more, typed_value

Config = Mapping[str, Any]


@dataclass(frozen=True)
class RecipePart:
    """A part of a recipe. noun: its name, such as `weight decay`. keys: that determine it. words: of its values."""

    noun: str
    keys: tuple[str, ...]
    words: Callable[[Config], str]


@dataclass(frozen=True)
class Recipe:
    """A recipe in words, without what is left at a default that removes nothing. varied: nouns of what varies."""

    words: tuple[str, ...]
    varied: tuple[str, ...]


def recipe(config: Config, varied: Sequence[str], includes_varied: bool) -> Recipe:
    """Describe the recipe of a configuration. A part whose keys the configuration lacks is left out.

    varied: keys that differ between variants. includes_varied: True to describe these parts too, as the baseline has
    them.
    """
    words, nouns = [], []
    for part in PARTS:
        if not any(key in config for key in part.keys):
            continue
        is_varied = not set(varied).isdisjoint(part.keys)
        if is_varied:
            nouns.append(part.noun)
        text = part.words(config)
        if text and (includes_varied or not is_varied):
            words.append(text)
    return Recipe(tuple(words), tuple(nouns))


def _value(config: Config, key: str) -> Any:
    value = config.get(key)
    return DEFAULTS.get(key) if value is None else value


def _typed(config: Config, key: str) -> str:
    return typed_value(_value(config, key))


def _if_used(value: Any, words: str) -> str:
    """The words about a setting; empty if its value removes nothing: 0, null or false."""
    return words if value else ""


def _percent(share: Any) -> str:
    """A share of 1 in percent; anything else, which only a record that nobody checked has, as it is."""
    if isinstance(share, int | float) and not isinstance(share, bool):
        return f"{100 * share:g} %"
    return typed_value(share)


# ---------------------------------------------------------------- optimizer


def _optimizer(config: Config) -> str:
    if _value(config, "train.optimizer") == "adamw":
        return f"AdamW (beta1 {_typed(config, 'train.beta_1')}, beta2 {_typed(config, 'train.beta_2')})"
    return str(_value(config, "train.optimizer")).upper()


def _momentum(config: Config) -> str:
    if _value(config, "train.optimizer") == "adamw":
        return ""
    momentum = _value(config, "train.momentum")
    if not momentum:
        return "no momentum"
    kind = "Nesterov momentum" if _value(config, "train.nesterov") else "momentum"
    form = " in the form of PyTorch" * (_value(config, "train.momentum_form") == "torch")
    return f"{kind} {typed_value(momentum)}{form}"


def _learning_rate(config: Config) -> str:
    return f"learning rate {_typed(config, 'train.learning_rate')}"


def _schedule(config: Config) -> str:
    schedule = _value(config, "train.schedule")
    if schedule == "cosine":
        return "cosine decay to 0"
    if schedule != "step":
        return f"{schedule} learning rate"
    milestones = _value(config, "train.lr_milestones")
    if not isinstance(milestones, list) or not milestones:
        return "decay in steps"
    places = list_with_more([_percent(share) for share in milestones])
    return f"decay by a factor of {_typed(config, 'train.lr_gamma')} after {places} of training"


def _warmup(config: Config) -> str:
    share = _value(config, "train.warmup")
    return _if_used(share, f"linear warm-up over the first {_percent(share)} of training")


def _weight_decay(config: Config) -> str:
    decay = _value(config, "train.weight_decay")
    if not decay:
        return "no weight decay"
    kind = "decoupled weight decay" if _value(config, "train.optimizer") == "adamw" else "L2 weight decay"
    excluded = ", except of norm parameters and biases" * (_value(config, "train.weight_decay_exclude") == "norm_bias")
    return f"{kind} {typed_value(decay)}{excluded}"


def _clipping(config: Config) -> str:
    norm, global_norm = _value(config, "train.clipnorm"), _value(config, "train.global_clipnorm")
    if norm:
        return f"gradients of each variable clipped to norm {typed_value(norm)}"
    return _if_used(global_norm, f"gradients clipped to global norm {typed_value(global_norm)}")


# ---------------------------------------------------------------- batches and targets


def _batch_size(config: Config) -> str:
    return f"batch size {_typed(config, 'train.batch_size')}"


AUGMENTATIONS = {
    "none": "no augmentation",
    "crop": "random crops with 4 px padding",
    "flip": "horizontal flips",
    "crop_flip": "random crops with 4 px padding and horizontal flips",
}


def _augmentation(config: Config) -> str:
    augment = str(_value(config, "data.augment"))
    return AUGMENTATIONS.get(augment, f"augmentation {augment}")


def _cutout(config: Config) -> str:
    size = _value(config, "data.cutout_size")
    return _if_used(size, f"cutout of {size} px")


def _mixup(config: Config) -> str:
    alpha = _value(config, "data.mixup_alpha")
    return _if_used(alpha, f"mixup (alpha {typed_value(alpha)})")


def _label_smoothing(config: Config) -> str:
    weight = _value(config, "train.label_smoothing")
    return _if_used(weight, f"label smoothing {typed_value(weight)}")


def _label_noise(config: Config) -> str:
    share = _value(config, "data.label_noise")
    return _if_used(share, f"{_percent(share)} of the training labels replaced by random other classes")


def _fraction(config: Config) -> str:
    share = _value(config, "data.fraction")
    return "" if share in (None, 1) else f"{_percent(share)} of the training images"


def _averaging(config: Config) -> str:
    decay = _value(config, "train.ema_momentum")
    words = f"evaluation of the exponential moving average of the weights (decay {typed_value(decay)})"
    return _if_used(decay, words)


def _precision(config: Config) -> str:
    precision = _value(config, "train.precision")
    return "" if precision in (None, "float32") else f"{precision} precision"


PARTS = (
    RecipePart("optimizer", ("train.optimizer", "train.beta_1", "train.beta_2"), _optimizer),
    RecipePart("momentum", ("train.optimizer", "train.momentum", "train.nesterov", "train.momentum_form"), _momentum),
    RecipePart("learning rate", ("train.learning_rate",), _learning_rate),
    RecipePart("schedule", ("train.schedule", "train.lr_milestones", "train.lr_gamma"), _schedule),
    RecipePart("warm-up", ("train.warmup",), _warmup),
    RecipePart("weight decay", ("train.optimizer", "train.weight_decay", "train.weight_decay_exclude"), _weight_decay),
    RecipePart("gradient clipping", ("train.clipnorm", "train.global_clipnorm"), _clipping),
    RecipePart("batch size", ("train.batch_size",), _batch_size),
    RecipePart("augmentation", ("data.augment", "data.pad"), _augmentation),
    RecipePart("cutout", ("data.cutout_size",), _cutout),
    RecipePart("mixup", ("data.mixup_alpha",), _mixup),
    RecipePart("label smoothing", ("train.label_smoothing",), _label_smoothing),
    RecipePart("label noise", ("data.label_noise",), _label_noise),
    RecipePart("number of training images", ("data.fraction", "data.limit"), _fraction),
    RecipePart("moving average of the weights", ("train.ema_momentum",), _averaging),
    RecipePart("precision", ("train.precision",), _precision),
)
