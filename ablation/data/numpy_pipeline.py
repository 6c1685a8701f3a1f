"""Batches from decoded arrays without TensorFlow, made in a thread while the device works."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ablation.data import Images
from ablation.data.batches import Feed

AHEAD = 4  # batches


def training(feed: Feed, rates: np.ndarray, first: int) -> Iterator[tuple]:
    """Steps `first` … len(rates)-1 as (pixels uint8 (b, h, w, c), labels int32 (b,), learning rate float32 ()).

    With mixup, `Feed.mixing` behind them.
    """

    def batch(step: int) -> tuple:
        return (*feed.batch(step), rates[step], *(feed.mixing(step) if feed.mixup_alpha else ()))

    return _ahead(batch, range(first, len(rates)))


def evaluation(images: Images, batch_size: int) -> Iterator[tuple]:
    """Every image once, in order, as (pixels, labels); the last batch may be short."""
    starts = range(0, len(images), batch_size)
    return _ahead(lambda start: images.take(np.arange(start, min(start + batch_size, len(images)))), starts)


def _ahead(make: Callable[[int], tuple], keys: range) -> Iterator[tuple]:
    with ThreadPoolExecutor(1) as pool:
        waiting = deque(pool.submit(make, key) for key in keys[:AHEAD])
        for key in [*keys[AHEAD:], *[None] * AHEAD]:
            if waiting:
                yield waiting.popleft().result()
            if key is not None:
                waiting.append(pool.submit(make, key))
