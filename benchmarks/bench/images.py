"""The images that all arms train on: those that `ablate` selects, written to one file for the arms without it.

    python -m benchmarks.bench.images FILE OVERRIDE…

CIFAR-10 is read from TFDS_DATA_DIR. Without it, random images of the same shape stand in: they are as fast to train on.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.bench import processes

CLASSES = 10
SPLITS = {"train": 2560, "validation": 128, "test": 128}  # of the images that stand in


@dataclass(frozen=True)
class Source:
    """Where the images come from. overrides: of `ablate`."""

    overrides: tuple[str, ...]
    is_cifar: bool
    words: str


def find(place: Path) -> Source:
    """CIFAR-10 if it is prepared, else images written below `place`."""
    folder = Path(os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets").expanduser()
    if (folder / "cifar10").is_dir():
        return Source(("data=cifar10", "data.holdout=0.005"), True, "CIFAR-10")
    root = write_random(place / "random_images")
    words = "random images: set TFDS_DATA_DIR to a folder with CIFAR-10 to train on that"
    return Source(("data=folder", f"data.root={root}", "data.image_size=32"), False, words)


def write_random(root: Path) -> Path:
    """Write images of random pixels, 32x32, in ten classes and three splits."""
    from PIL import Image

    draw = np.random.default_rng(0)
    for split, count in SPLITS.items():
        for number in range(count):
            folder = root / split / f"class{number % CLASSES}"
            folder.mkdir(parents=True, exist_ok=True)
            pixels = draw.integers(0, 256, (32, 32, 3), "uint8")
            Image.fromarray(pixels).save(folder / f"{number}.png")
    return root


@dataclass(frozen=True)
class Loaded:
    """The training images. pixels: uint8 (n, 32, 32, 3). labels: int32 (n,). mean, std: per channel, float32 (3,)."""

    pixels: np.ndarray
    labels: np.ndarray
    mean: np.ndarray
    std: np.ndarray

    @property
    def fill(self) -> np.ndarray:
        """The colour around a crop, as in `data.pad=mean`."""
        return np.rint(self.mean).astype("uint8")


def extract(source: Source, count: int, place: Path) -> Path:
    """Write the training images of `data.limit=count` to a file, in a process of its own. Returns the file."""
    file = place / f"images{count}.npz"
    module = [sys.executable, "-m", "benchmarks.bench.images"]
    processes.run([*module, file, *source.overrides, f"data.limit={count}"])
    return file


def read(file: Path | str) -> Loaded:
    with np.load(file) as arrays:
        return Loaded(**{name: arrays[name] for name in ("pixels", "labels", "mean", "std")})


def main() -> None:
    from ablation import data
    from ablation.cli import composition

    cfg = composition.compose(sys.argv[2:]).config
    data.prepare(cfg.data)
    loaded = data.load(cfg.data)
    pixels, labels = loaded.train.take(np.arange(len(loaded.train)))
    np.savez(sys.argv[1], pixels=pixels, labels=labels, mean=loaded.mean, std=loaded.std)


if __name__ == "__main__":
    main()
