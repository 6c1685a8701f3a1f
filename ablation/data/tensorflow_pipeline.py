"""The tf.data pipeline for training and evaluation; used only by `training/tensorflow_engine.py`."""

import itertools
from collections.abc import Callable
from weakref import WeakValueDictionary

import numpy as np
import tensorflow as tf

from ablation.data.batches import Feed
from ablation.data.dataset import Images

READERS = 2
IMAGES, MIXING = (tf.uint8, tf.int32), (tf.int32, tf.float32)  # types of (pixels, labels) and of `Feed.mixing`


class _Source:
    """A function from a key to the arrays of a batch.

    TensorFlow keeps each Python function that a pipeline calls until the process ends, with all that it refers to. So
    pipelines call `_read` with the number of a source, and a source lives as long as its pipeline.
    """

    living: WeakValueDictionary[int, "_Source"] = WeakValueDictionary()
    numbers = itertools.count()

    def __init__(self, make: Callable[[int], tuple]):
        self.make, self.number = make, next(self.numbers)
        self.living[self.number] = self


def _read(number: int, key: int) -> tuple:
    return _Source.living[int(number)].make(key)


def training(feed: Feed, first: int, last: int) -> tf.data.Dataset:
    """The batches of steps first to last - 1, each (pixels uint8 (b, h, w, c), labels int32 (b,)).

    With mixup, each batch also has the two values of `Feed.mixing`.
    """

    def mixed_batch(step: int) -> tuple:
        return *feed.batch(step), *feed.mixing(step)

    mixed = feed.mixup_alpha > 0
    return _pipeline(range(first, last), mixed_batch if mixed else feed.batch, feed.images, mixed)


def evaluation(images: Images, batch_size: int) -> tf.data.Dataset:
    """All images in order, in batches (pixels, labels); the last batch may be smaller."""

    def batch(start: int) -> tuple:
        return images.take(np.arange(start, min(start + batch_size, len(images))))

    return _pipeline(range(0, len(images), batch_size), batch, images)


def _pipeline(keys: range, make: Callable[[int], tuple], images: Images, mixed: bool = False) -> tf.data.Dataset:
    """`make(key)` for each key in order, prefetched."""
    source = _Source(make)
    types = IMAGES + MIXING if mixed else IMAGES
    shapes = [(None, *images.pixels.shape[1:]), (None,), (None,), ()]

    def batch(key: tf.Tensor) -> tuple:
        arrays = tf.numpy_function(_read, [source.number, key], types, stateful=False)
        return tuple(tf.ensure_shape(array, shape) for array, shape in zip(arrays, shapes, strict=False))

    numbers = tf.data.Dataset.range(keys.start, keys.stop, keys.step)
    return numbers.map(batch, num_parallel_calls=READERS, deterministic=True).prefetch(tf.data.AUTOTUNE)
