"""The tf.data pipeline for training and evaluation; used only by `training/tensorflow_engine.py`."""

import functools
import itertools
import weakref
from typing import Any

import numpy as np
import tensorflow as tf

from ablation.data import numpy_pipeline
from ablation.data.batches import Feed
from ablation.data.numpy_pipeline import AHEAD

READERS = 2
FEEDS: dict[int, Feed] = {}  # of the pipelines in use, by number
NUMBERS = itertools.count()

evaluation = numpy_pipeline.evaluation  # the engine reads these batches outside any graph


def training(feed: Feed, first: int, last: int) -> tf.data.Dataset:
    """The batches of steps first to last - 1, each (pixels uint8 (b, h, w, c), labels int32 (b,)).

    With mixup, each batch also has the two values of `Feed.mixing`.
    """
    number = next(NUMBERS)
    pixels = feed.images.pixels
    make = _traced(pixels.shape[1:], str(pixels.dtype), feed.mixup_alpha > 0)
    pipeline = make(tf.constant(number), tf.constant(first, tf.int64), tf.constant(last, tf.int64))
    FEEDS[number] = feed
    weakref.finalize(pipeline, FEEDS.pop, number)  # an iterator keeps its pipeline alive
    return pipeline


@functools.cache
def _traced(shape: tuple[int, ...], dtype: str, mixed: bool) -> Any:
    """A function of (number, first, last) that makes the pipeline of a feed, traced once per shape and type of pixels.

    TensorFlow keeps each Python function that a traced pipeline calls until the process ends, with all that it refers
    to. So this one calls functions of the module, with the number of a feed.
    """

    @tf.function
    def pipeline(number: tf.Tensor, first: tf.Tensor, last: tf.Tensor) -> Any:
        def batch(step: tf.Tensor) -> tuple:
            pixels, labels = tf.numpy_function(_batch, [number, step], [dtype, tf.int32], stateful=False)
            return tf.ensure_shape(pixels, (None, *shape)), tf.ensure_shape(labels, (None,))

        def mixed_batch(step: tf.Tensor) -> tuple:
            partners, share = tf.numpy_function(_mixing, [number, step], [tf.int32, tf.float32], stateful=False)
            return *batch(step), tf.ensure_shape(partners, (None,)), tf.ensure_shape(share, ())

        steps = tf.data.Dataset.range(first, last)
        batches = steps.map(mixed_batch if mixed else batch, num_parallel_calls=READERS, deterministic=True)
        return batches.prefetch(AHEAD)

    return pipeline


def _batch(number: int, step: int) -> tuple[np.ndarray, np.ndarray]:
    return _feed(number).batch(int(step))


def _mixing(number: int, step: int) -> tuple[np.ndarray, np.float32]:
    return _feed(number).mixing(int(step))


def _feed(number: int) -> Feed:
    """The feed of a pipeline.

    A deleted iterator may still read ahead. Then this raises StopIteration, which TensorFlow does not print.
    """
    feed = FEEDS.get(int(number))
    if feed is None:
        raise StopIteration
    return feed
