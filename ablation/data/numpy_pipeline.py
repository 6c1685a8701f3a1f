"""Batches from decoded arrays without TensorFlow, prefetched in a thread."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ablation.data.batches import Feed
from ablation.data.dataset import Images

AHEAD = 4  # batches that are prefetched


def training(feed: Feed, first: int, last: int) -> Iterator[tuple]:
    """The batches of steps first to last - 1, each (pixels uint8 (b, h, w, c), labels int32 (b,)).

    With mixup, each batch also has the two values of `Feed.mixing`.
    """

    def batch(step: int) -> tuple:
        if feed.mixup_alpha:
            return (*feed.batch(step), *feed.mixing(step))
        return feed.batch(step)

    return _prefetched(batch, range(first, last))


def evaluation(images: Images, batch_size: int) -> Iterator[tuple]:
    """All images in order, in batches (pixels, labels); the last batch may be smaller."""

    def batch(start: int) -> tuple:
        return images.take(np.arange(start, min(start + batch_size, len(images))))

    return _prefetched(batch, range(0, len(images), batch_size))


def _prefetched(make: Callable[[int], tuple], keys: Sequence[int]) -> Iterator[tuple]:
    """`make(key)` for each key in order, with up to AHEAD results computed in advance."""
    with ThreadPoolExecutor(1) as pool:
        waiting = deque(pool.submit(make, key) for key in keys[:AHEAD])
        for key in keys[AHEAD:]:
            yield waiting.popleft().result()
            waiting.append(pool.submit(make, key))
        while waiting:
            yield waiting.popleft().result()
