"""cfg.data -> images and labels: decoded once, kept as uint8, split the same way for every seed and model."""

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ablation.config import schema
from ablation.data import decoded_cache, splits
from ablation.data.sources.digits import Digits
from ablation.data.sources.folder import Folder
from ablation.data.sources.tfds import Tfds
from ablation.errors import AblateError

SOURCES = {"tfds": Tfds, "digits": Digits, "folder": Folder}


@dataclass(frozen=True)
class Images:
    """One split: pixels uint8 (n, h, w, c), labels int32 (n,), and which of the pixels' rows belong to it."""

    pixels: np.ndarray
    labels: np.ndarray
    rows: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pixels and labels at these positions of the split."""
        rows = self.rows[positions]
        return self.pixels[rows], self.labels[rows]


@dataclass(frozen=True)
class Data:
    """The splits of one data set; test is None where there is none.

    mean, deviation, digest: of the whole training split, whatever fraction of it is trained on.
    """

    name: str
    classes: tuple[str, ...]
    train: Images
    validation: Images
    test: Images | None
    selected_on: str  # "validation", or "test" when the test split is what is validated on
    mean: np.ndarray  # per channel over the training images, float32 (c,), in 0..255
    deviation: np.ndarray
    digest: str  # of all pixels, labels and splits: 64 hexadecimal digits


def describe(cfg: schema.Data) -> tuple[tuple[int, int, int], tuple[str, ...]]:
    """Input shape (height, width, channels) and class names, without decoding anything."""
    return (cfg.image_size, cfg.image_size, cfg.channels), SOURCES[cfg.source](cfg).classes


def prepare(cfg: schema.Data) -> dict[str, Any]:
    """See that the data is there, downloading it where a source can, and return its identity, strict JSON.

    Raises AblateError when it is not there and cannot be had.
    """
    source = SOURCES[cfg.source](cfg)
    source.prepare()
    return source.identity()


def load(cfg: schema.Data) -> Data:
    """Decode, or open what was decoded before, and split. Raises AblateError for images that cannot be used."""
    source = SOURCES[cfg.source](cfg)
    decoded = decoded_cache.decoded(source, cfg.image_size, cfg.channels)
    parts = splits.split(cfg, {name: part.labels for name, part in decoded.parts.items()})
    images = {
        name: Images(decoded.parts[part].pixels, decoded.parts[part].labels, rows)
        for name, (part, rows) in parts.items()
    }
    for name, split in images.items():
        if not len(split):
            raise _nothing_left(name, cfg)
    return Data(
        name=cfg.name,
        classes=source.classes,
        train=_fraction(images["train"], cfg.fraction),
        validation=images["validation"],
        test=images.get("test"),
        selected_on="test" if cfg.validation == "test" else "validation",
        **_statistics(decoded.parts[parts["train"][0]].sums[parts["train"][1]], cfg.image_size**2),
        digest=_digest(decoded.digest, parts),
    )


def _fraction(images: Images, share: float) -> Images:
    return replace(images, rows=splits.fraction(images.labels, images.rows, share))


def _nothing_left(split: str, cfg: schema.Data) -> AblateError:
    return AblateError(
        f"No image is left for {split}. Received data={cfg.name} data.holdout={cfg.holdout} "
        f"data.holdout_test={cfg.holdout_test} data.limit={cfg.limit}. Allowed: shares of which each class gives each "
        "split an image, so more images, or other shares. Type for example data.holdout=0.2 data.holdout_test=0"
    )


def _statistics(sums: np.ndarray, pixels: int) -> dict[str, np.ndarray]:
    """Mean and deviation per channel from exact integer sums, int64 (n, 2, c): the same bits on every machine."""
    total, squares = sums.sum(axis=0)
    mean = total / (len(sums) * pixels)
    deviation = np.sqrt(np.maximum(squares / (len(sums) * pixels) - mean**2, 1e-12))
    return {"mean": mean.astype("float32"), "deviation": np.maximum(deviation, 1.0).astype("float32")}


def _digest(decoded: str, parts: dict[str, tuple[str, np.ndarray]]) -> str:
    digest = hashlib.sha256(decoded.encode())
    for name, (part, rows) in sorted(parts.items()):
        digest.update(f"{name}={part}".encode() + rows.astype("<i8").tobytes())
    return digest.hexdigest()
