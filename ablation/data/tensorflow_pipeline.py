"""The tf.data pipeline over a feed and a split. With `training/tensorflow_engine.py` the only place that knows tf."""

import numpy as np
import tensorflow as tf

from ablation.data import Images
from ablation.data.batches import Feed

READERS = 2


def training(feed: Feed, rates: np.ndarray, first: int) -> tf.data.Dataset:
    """Steps `first` … len(rates)-1 as (pixels uint8 (b, h, w, c), labels int32 (b,), learning rate float32 ()).

    With mixup, `Feed.mixing` behind them.
    """
    shape = (None, *feed.images.pixels.shape[1:])

    def batch(step):
        pixels, labels = tf.numpy_function(feed.batch, [step], [tf.uint8, tf.int32], stateful=False)
        parts = tf.ensure_shape(pixels, shape), tf.ensure_shape(labels, (None,)), tf.gather(rates, step)
        return (*parts, *mixing(step)) if feed.mixup_alpha else parts

    def mixing(step):
        partners, share = tf.numpy_function(feed.mixing, [step], [tf.int32, tf.float32], stateful=False)
        return tf.ensure_shape(partners, (None,)), tf.ensure_shape(share, ())

    steps = tf.data.Dataset.range(first, len(rates))
    return steps.map(batch, num_parallel_calls=READERS, deterministic=True).prefetch(tf.data.AUTOTUNE)


def evaluation(images: Images, batch_size: int) -> tf.data.Dataset:
    """Every image once, in order, as (pixels, labels); the last batch may be short."""
    shape = (None, *images.pixels.shape[1:])

    def batch(start):
        def take(start):
            return images.take(np.arange(start, min(start + batch_size, len(images))))

        pixels, labels = tf.numpy_function(take, [start], [tf.uint8, tf.int32], stateful=False)
        return tf.ensure_shape(pixels, shape), tf.ensure_shape(labels, (None,))

    starts = tf.data.Dataset.range(0, len(images), batch_size)
    return starts.map(batch, num_parallel_calls=READERS, deterministic=True).prefetch(tf.data.AUTOTUNE)
