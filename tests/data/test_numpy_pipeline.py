"""Batches are made ahead in a thread; what they hold is in `test_batches.py`."""

import threading

import numpy as np
import pytest
from support.images import split

from ablation.data import numpy_pipeline
from ablation.data.batches import Feed


def test_some_batches_are_made_before_they_are_asked_for_and_no_more():
    feed, made, enough = Feed(split(23), 0, 5, "none"), [], threading.Event()
    batch = feed.batch

    def counting(step: int):
        made.append(step)
        if len(made) == numpy_pipeline.AHEAD:
            enough.set()
        return batch(step)

    feed.batch = counting
    batches = numpy_pipeline.training(feed, 0, 100)
    next(batches)
    assert enough.wait(10)
    assert made[: numpy_pipeline.AHEAD] == list(range(numpy_pipeline.AHEAD))
    assert len(made) <= numpy_pipeline.AHEAD + 1


@pytest.mark.parametrize(("first", "last"), [(0, 0), (3, 4), (2, 6), (0, 9)])
def test_fewer_steps_than_are_made_ahead(first, last):
    feed = Feed(split(23), 0, 5, "none")
    batches = list(numpy_pipeline.training(feed, first, last))
    assert len(batches) == last - first
    for step, (pixels, labels) in enumerate(batches, start=first):
        np.testing.assert_array_equal(pixels, feed.batch(step)[0])
        np.testing.assert_array_equal(labels, feed.batch(step)[1])


def test_an_error_in_the_thread_is_raised_where_the_batch_is_asked_for():
    feed = Feed(split(23), 0, 5, "none")

    def broken(step: int):
        raise OSError("a disk is gone")

    feed.batch = broken
    with pytest.raises(OSError, match="a disk is gone"):
        next(numpy_pipeline.training(feed, 0, 10))
