"""How fast batches are made, without any training.

    TFDS_DATA_DIR=… .venv/bin/python -m benchmarks.pipeline > benchmarks/results/pipeline.md

The pipeline of `ablate` through tf.data, against that of the notebook that this project grew from, on CIFAR-10, and
against a pipeline that decodes the photographs of cats_vs_dogs in every epoch, on all cores. The notebook neither crops
nor flips; TFDS keeps its decoded images in memory after the first epoch, which it does not for larger sets. Arms
alternate; the first epoch of each is not counted. First, the batches of tf.data are compared with those that NumPy
makes of the same steps.
"""

import argparse
import itertools
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from ablation import data
from ablation.cli import composition
from ablation.data import numpy_pipeline, tensorflow_pipeline
from ablation.data.augmentations import fill_colours
from ablation.data.batches import Feed
from benchmarks.bench import table
from benchmarks.bench.arms import notebook
from benchmarks.bench.figures import Goal, Row, ratio_row
from benchmarks.bench.settings import BATCH

RATE = 40_000.0  # images per second
GATED = 3  # batches that are compared
LARGEST = 31 * 2**20  # bytes


@dataclass(frozen=True)
class Arm:
    """A pipeline. epoch: returns the batches of an epoch. count: of its images."""

    epoch: Callable[[], Iterable]
    count: int

    def rate(self) -> float:
        """Images per second of one epoch."""
        batches = self.epoch()
        began = time.perf_counter()
        for _ in batches:
            pass
        return self.count / (time.perf_counter() - began)


def ours(name: str, augment: str) -> Arm:
    """The training pipeline of `ablate`, with all images of a data set."""
    cfg = composition.compose([f"data={name}"]).config.data
    images = data.load(cfg)
    feed = Feed(images.train, 0, BATCH, augment, fill=fill_colours(cfg.pad, images.mean))
    require_equal(tensorflow_pipeline.training(feed, 0, GATED), numpy_pipeline.training(feed, 0, GATED))
    epochs = itertools.count()

    def epoch() -> tf.data.Dataset:
        first = next(epochs) * feed.steps_per_epoch
        return tensorflow_pipeline.training(feed, first, first + feed.steps_per_epoch)

    return Arm(epoch, len(images.train))


def require_equal(found: Iterable, expected: Iterable) -> None:
    """Raise SystemExit unless the batches are equal to the bit."""
    for batch, other in zip(found, expected, strict=True):
        if not all(np.array_equal(array, expected) for array, expected in zip(batch, other, strict=True)):
            raise SystemExit("a batch of tf.data differs from that of NumPy")


def photographs(name: str, count: int, keeps: bool = False) -> tf.data.Dataset:
    """The first images of a data set from TFDS. keeps: whether TFDS keeps those of a small set in memory."""
    config = tfds.ReadConfig(try_autocache=keeps)
    return tfds.load(name, split=f"train[:{count}]", as_supervised=True, download=False, read_config=config)


def of_notebook(count: int, keeps: bool) -> Arm:
    """The notebook's pipeline after a first epoch. It repeats forever, so that an epoch is as many batches.

    keeps: as in `photographs`.
    """
    batches, steps = notebook.prepare(photographs("cifar10", count, keeps), count, BATCH), count // BATCH

    def epoch() -> Iterable:
        iterator = iter(batches)  # a new one, because an idle one would prepare batches while another arm is timed
        for _ in itertools.islice(iterator, steps):
            pass
        return itertools.islice(iterator, steps)

    return Arm(epoch, steps * BATCH)


def decoding(count: int, image_size: int) -> Arm:
    """A pipeline that decodes and resizes photographs in every epoch, on all cores."""

    def resized(image: tf.Tensor, label: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return tf.cast(tf.image.resize(image, (image_size, image_size)), tf.uint8), label

    loaded = photographs("cats_vs_dogs", count)
    batches = loaded.map(resized, num_parallel_calls=tf.data.AUTOTUNE).batch(BATCH).prefetch(tf.data.AUTOTUNE)
    return Arm(lambda: batches, count)


def free_a_large_array() -> None:
    """Free a large array, as every training step does: the C library keeps freed memory up to the largest so far."""
    np.empty(LARGEST, "uint8")


def measure(arms: dict[str, Arm], rounds: int) -> dict[str, list[float]]:
    """Images per second of each arm in each round, after one that is not counted."""
    rates: dict[str, list[float]] = {name: [] for name in arms}
    for number in range(1 + rounds):
        for name, arm in arms.items():
            rate = arm.rate()
            if number:
                rates[name].append(rate)
    return rates


def rows(options: argparse.Namespace) -> list[Row]:
    size = composition.compose(["data=cats_vs_dogs"]).config.data.image_size
    small = {
        "notebook": of_notebook(options.cifar10, keeps=True),
        "decoding": of_notebook(options.cifar10, keeps=False),
        "plain": ours("cifar10", "none"),
        "crop_flip": ours("cifar10", "crop_flip"),
    }
    large = {
        "decoding": decoding(options.cats_vs_dogs, size),
        "plain": ours("cats_vs_dogs", "none"),
        "crop_flip": ours("cats_vs_dogs", "crop_flip"),
    }
    unit = "images/s"
    rates = measure(small, options.rounds)
    notebooks, decoded, plain, cropped = ((name, rates[name]) for name in small)
    rates = measure(large, options.rounds)
    every, large_plain, large_cropped = ((name, rates[name]) for name in large)
    return [
        ratio_row("CIFAR-10, cropped and flipped, against 40,000 images/s", cropped, ("goal", [RATE]), Goal(1.0), unit),
        ratio_row("CIFAR-10, against the notebook", plain, notebooks, Goal(20.0), unit),
        ratio_row("CIFAR-10, against the notebook when it decodes in each epoch", plain, decoded, None, unit),
        ratio_row("cats_vs_dogs, against decoding in each epoch", large_plain, every, Goal(15.0), unit),
        ratio_row("cats_vs_dogs, cropped and flipped, against decoding alone", large_cropped, every, None, unit),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cifar10", type=int, default=25_600, help="images of an epoch of the notebook")
    parser.add_argument("--cats-vs-dogs", type=int, default=5_120, help="images of an epoch that is decoded")
    options = parser.parse_args()
    free_a_large_array()
    print(f"# Pipeline\n\n    python -m benchmarks.pipeline\n\n{table.machine()}; batches of {BATCH} images.\n")
    print(table.markdown(rows(options)))


if __name__ == "__main__":
    main()
