"""Tiny images for tests: arrays, folders of files, and sets in TFDS's own prepared form. No two pictures are equal."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image

from ablation.data import Images


def pictures(count: int, size: int = 8, channels: int = 3, seed: int = 0) -> np.ndarray:
    """Noise, uint8 (n, size, size, channels)."""
    return np.random.default_rng(seed).integers(0, 256, (count, size, size, channels), "uint8")


def split(count: int, size: int = 6, channels: int = 3, seed: int = 0) -> Images:
    """A split that takes every other row of its pixels, so that a row is no position. A label tells its picture."""
    pixels = pictures(2 * count, size, channels, seed)
    return Images(pixels, np.arange(2 * count, dtype="int32") % 7, np.arange(1, 2 * count, 2))


def folder(root: Path, classes: Mapping[str, int], size: int = 8, seed: int = 0) -> Path:
    """`root/class/0.png` …; classes: folder -> how many pictures, where a folder may be `train/cat`."""
    every = pictures(sum(classes.values()), size, seed=seed)
    for name, count in classes.items():
        (root / name).mkdir(parents=True, exist_ok=True)
        for i in range(count):
            Image.fromarray(every[i]).save(root / name / f"{i}.png")
        every = every[count:]
    return root


def prepared(
    place: Path,
    parts: Mapping[str, tuple[np.ndarray, np.ndarray]],
    names: list[str],
    name: str = "tiny",
    version: str = "1.0.0",
    shards: int = 1,
    supervised: tuple[str, str] | None = ("image", "label"),
    label: str = "class",
    shape: tuple[int | None, ...] | None = None,
) -> Path:
    """Write `place/name/version` as TFDS does after a download, in the given order, and return it.

    parts: split -> pixels (n, h, w, c) and labels (n,). Lossless (PNG). label: its feature: class, count (a class
    without names), integer or text. shape: of an image, as declared; that of the pixels by default.
    """
    import tensorflow_datasets as tfds

    first = next(iter(parts.values()))[0]
    kinds = {"class": tfds.features.ClassLabel(names=names), "integer": np.int64, "text": tfds.features.Text()}
    kinds["count"] = tfds.features.ClassLabel(num_classes=len(names))

    def info(builder):
        image = tfds.features.Image(shape=shape or first.shape[1:], dtype=first.dtype, encoding_format="png")
        features = {"image": image, "label": kinds[label], "more": tfds.features.Text()}
        return tfds.core.DatasetInfo(
            builder=builder,
            features=tfds.features.FeaturesDict(features),
            supervised_keys=supervised,
            disable_shuffling=True,
        )

    def generators(builder, manager):
        return {part: examples(*arrays) for part, arrays in parts.items()}

    def examples(pixels, labels):
        for i, (image, number) in enumerate(zip(pixels, labels, strict=True)):
            yield i, {"image": image, "label": str(number) if label == "text" else int(number), "more": "a text"}

    members = {"_info": info, "_split_generators": generators, "_generate_examples": examples, "name": name}
    members["VERSION"] = tfds.core.Version(version)
    builder = type("Tiny", (tfds.core.GeneratorBasedBuilder,), members, skip_registration=True)
    builder(data_dir=place).download_and_prepare(download_config=tfds.download.DownloadConfig(num_shards=shards))
    return place / name / version
