"""The tf.data pipeline for training and evaluation; used only by `training/tensorflow_engine.py`."""

import numpy as np
import tensorflow as tf

from ablation.data.batches import Feed
from ablation.data.dataset import Images

READERS = 2


def training(feed: Feed, first: int, last: int) -> tf.data.Dataset:
    """The batches of steps first to last - 1, each (pixels uint8 (b, h, w, c), labels int32 (b,)).

    With mixup, each batch also has the two values of `Feed.mixing`.
    """
    shape = (None, *feed.images.pixels.shape[1:])

    def batch(step):
        pixels, labels = tf.numpy_function(feed.batch, [step], [tf.uint8, tf.int32], stateful=False)
        return tf.ensure_shape(pixels, shape), tf.ensure_shape(labels, (None,))

    def mixed_batch(step):
        partners, share = tf.numpy_function(feed.mixing, [step], [tf.int32, tf.float32], stateful=False)
        return *batch(step), tf.ensure_shape(partners, (None,)), tf.ensure_shape(share, ())

    return _prefetched(tf.data.Dataset.range(first, last), mixed_batch if feed.mixup_alpha else batch)


def evaluation(images: Images, batch_size: int) -> tf.data.Dataset:
    """All images in order, in batches (pixels, labels); the last batch may be smaller."""
    shape = (None, *images.pixels.shape[1:])

    def take(start):
        return images.take(np.arange(start, min(start + batch_size, len(images))))

    def batch(start):
        pixels, labels = tf.numpy_function(take, [start], [tf.uint8, tf.int32], stateful=False)
        return tf.ensure_shape(pixels, shape), tf.ensure_shape(labels, (None,))

    return _prefetched(tf.data.Dataset.range(0, len(images), batch_size), batch)


def _prefetched(keys: tf.data.Dataset, batch) -> tf.data.Dataset:
    """`batch(key)` for each key in order, prefetched."""
    return keys.map(batch, num_parallel_calls=READERS, deterministic=True).prefetch(tf.data.AUTOTUNE)
