"""Load the data set of `cfg.data`: decoded once, and split identically for every seed and model."""

import hashlib
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ablation.config import schema
from ablation.config.plugins import registry
from ablation.config.plugins.own_schema import OwnChoice
from ablation.data import decoded_cache, splits
from ablation.data.duplicates import Duplicates, HashedSplit, count_duplicates
from ablation.data.reporter import SILENT, Reporter
from ablation.data.sources.arrays.npz import Npz
from ablation.data.sources.arrays.own import Own
from ablation.data.sources.base import Exclusion, Form, Source
from ablation.data.sources.digits import Digits
from ablation.data.sources.folder import Folder
from ablation.data.sources.tfds import Tfds
from ablation.data.splits import SplitRows
from ablation.errors import AblateError
from ablation.text import typed_value

SOURCES = {"tfds": Tfds, "digits": Digits, "folder": Folder, "npz": Npz}
OF_IMAGES = {
    "augment": "none",
    "cutout_size": 0,
    "image_size": None,
    "channels": None,
}  # keys, and their neutral values
HOLDOUT = 0.2  # an example of the share for validation
ROUNDING = 1e-10  # the variance of a constant, as a share of its mean square, is at most this in float64


@dataclass(frozen=True)
class Images:
    """One split of a data set.

    pixels: uint8 (n, h, w, c), or the values of arrays, uint8 or float32 (n, *shape). labels: int32 (n,). Both cover a
    whole part of the source. rows: those of the split.
    """

    pixels: np.ndarray
    labels: np.ndarray
    rows: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pixels and labels at these positions in the split."""
        rows = self.rows[positions]
        return self.pixels[rows], self.labels[rows]


@dataclass(frozen=True)
class Dataset:
    """The splits of one data set.

    test: None without a test split. selected_on: the split used for validation: `validation`, or `test` with
    data.validation=test. mean, std: per channel (the last axis) over all training examples, float32 (c,), from 0 to 255
    for images. digest: of all pixels, labels and splits, 64 hexadecimal digits. mean, std, digest and duplicates do not
    depend on data.fraction. is_image: whether the examples are images. notes: how values were converted.
    excluded: what the source contains but does not use. duplicates: identical images in these splits.
    """

    name: str
    classes: tuple[str, ...]
    train: Images
    validation: Images
    test: Images | None
    selected_on: str
    mean: np.ndarray
    std: np.ndarray
    digest: str
    excluded: tuple[Exclusion, ...] = ()
    duplicates: Duplicates = Duplicates()
    is_image: bool = True
    notes: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """`image`, or `array`."""
        return "image" if self.is_image else "array"

    @property
    def shape(self) -> tuple[int, ...]:
        """Of an example: (h, w, c) of an image."""
        return self.train.pixels.shape[1:]


def source_of(cfg: schema.Data, reporter: Reporter = SILENT) -> Source:
    """The source of the data, shipped or from a plugin. Raises AblateError."""
    return Own(cfg, reporter) if isinstance(cfg, OwnChoice) else SOURCES[cfg.source](cfg, reporter)


def describe(cfg: schema.Data) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Input shape, (height, width, channels) of images, and class names, without decoding any image."""
    source = source_of(cfg)
    return source.form.shape, source.classes


def needs_download(cfg: schema.Data) -> bool:
    """Return whether `prepare` would download the data."""
    return source_of(cfg).needs_download


def prepare(cfg: schema.Data, reporter: Reporter = SILENT) -> dict[str, Any]:
    """Download the data if it is missing and the source can. Returns its fingerprint as strict JSON.

    Raises AblateError if the data is missing and cannot be downloaded, or cannot be used.
    """
    source = source_of(cfg, reporter)
    source.prepare()
    _check_form(cfg, source.form)
    return source.identity()


def _check_form(cfg: schema.Data, form: Form) -> None:
    """Raise AblateError for keys that only images have, if the data consists of other arrays."""
    if form.is_image:
        return
    for name, neutral in OF_IMAGES.items():
        value = getattr(cfg, name)
        if value != neutral and value not in registry.parts("AUGMENTS"):
            raise AblateError(
                f"data.{name} is for images, and {cfg.name} has arrays of shape {form.shape}. Received "
                f"data.{name}={typed_value(value)}. Allowed: data.{name}={typed_value(neutral)}. Leave data.{name} out"
            )


def caching_problem() -> str | None:
    """The reason why decoded images cannot be cached, in a few words; None if they can be."""
    return decoded_cache.problem()


def load(cfg: schema.Data, reporter: Reporter = SILENT) -> Dataset:
    """Decode the images, or open those that an earlier run has decoded, and split them. Raises AblateError."""
    source = source_of(cfg, reporter)
    decoded = decoded_cache.decoded(source, reporter)
    for part in decoded.parts.values():
        _refuse_unknown_labels(part.labels, source.classes, cfg)
    rows = splits.split(cfg, {name: part.labels for name, part in decoded.parts.items()})
    images, hashed = {}, []
    for name, split in rows.items():
        if not len(split.rows):
            raise _empty_split(name, cfg, decoded.parts[split.part].labels)
        part = decoded.parts[split.part]
        images[name] = Images(part.pixels, part.labels, split.rows)
        hashed.append(HashedSplit(part.hashes[split.rows], part.labels[split.rows]))
    train = rows["train"]
    mean, std = _mean_and_std(decoded.parts[train.part].sums[train.rows], math.prod(source.form.shape[:-1]))
    return Dataset(
        name=cfg.name,
        classes=source.classes,
        train=_fraction(images["train"], cfg.fraction),
        validation=images["validation"],
        test=images.get("test"),
        selected_on="test" if cfg.validation == "test" else "validation",
        mean=mean,
        std=std,
        digest=_digest(decoded.digest, rows),
        excluded=source.excluded,
        duplicates=count_duplicates(hashed),
        is_image=source.form.is_image,
        notes=source.notes,
    )


def _refuse_unknown_labels(labels: np.ndarray, classes: tuple[str, ...], cfg: schema.Data) -> None:
    """Raise AblateError if a label is not the index of a class: a set without class names does not state how many."""
    if not len(labels) or 0 <= labels.min() and labels.max() < len(classes):
        return
    if labels.min() >= 0:
        remedy = f"Type data.classes={labels.max() + 1}"
    else:
        remedy = "Use a data set whose labels start at 0"
    raise AblateError(
        f"The labels of {cfg.name} are from {labels.min()} to {labels.max()}, but there are {len(classes)} classes. "
        f"Received data.classes={cfg.classes}. Allowed: labels from 0 to one less than the number of classes. {remedy}"
    )


def _fraction(images: Images, share: float) -> Images:
    return replace(images, rows=splits.fraction(images.labels, images.rows, share))


def _empty_split(name: str, cfg: schema.Data, labels: np.ndarray) -> AblateError:
    """The error for a split without examples. labels: of the part that is divided."""
    counts = np.unique(labels, return_counts=True)[1]
    largest = int(counts.max(initial=0))
    reason, allowed = "", "shares that leave at least one example in each split, or more examples"
    share = max(
        HOLDOUT, math.ceil(50 / max(1, largest)) / 100
    )  # (largest - 0.5) / largest is the last place of a class
    remedy = f"Type for example data.holdout={share:g} data.holdout_test=0"
    if largest == 1:
        reason = f": each of the {len(counts):,} classes has a single example, which cannot be in two splits"
        allowed = "at least two examples of a class"
        remedy = "Add examples, or join classes; or add a validation split of their own to the data"
    return AblateError(
        f"The {name} split is empty{reason}. Received data={cfg.name} data.holdout={cfg.holdout} "
        f"data.holdout_test={cfg.holdout_test} data.limit={cfg.limit}. Allowed: {allowed}. {remedy}"
    )


def _mean_and_std(sums: np.ndarray, pixels: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation per channel, float32 (c,).

    sums: int64 (n, 2, c) of pixels, float64 of floats. Sums over the first axis give the same bits on every machine.
    The std of a constant channel is set to 1, because values are divided by it; that of pixels is at least 1.
    """
    total, squares = sums.sum(axis=0)
    count = len(sums) * pixels
    mean = total / count
    variance = squares / count - mean**2
    if sums.dtype.kind == "f":
        is_constant = variance <= ROUNDING * (squares / count)
        return mean.astype("float32"), np.where(is_constant, 1.0, np.sqrt(np.abs(variance))).astype("float32")
    std = np.sqrt(np.maximum(variance, 1e-12))
    return mean.astype("float32"), np.maximum(std, 1.0).astype("float32")


def _digest(decoded: str, rows: dict[str, SplitRows]) -> str:
    digest = hashlib.sha256(decoded.encode())
    for name, split in sorted(rows.items()):
        digest.update(f"{name}={split.part}".encode() + split.rows.astype("<i8").tobytes())
    return digest.hexdigest()
