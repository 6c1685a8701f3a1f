"""Keyed random streams: a draw outside the network depends only on (seed, stream, key), never on earlier draws.

Philox is a counter-based generator (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): equal keys give
equal numbers on every backend, engine, launcher and platform.
"""

import hashlib

import numpy as np


def _digest(seed: int, stream: str, key: object) -> bytes:
    return hashlib.sha256(f"{seed}/{stream}/{key}".encode()).digest()


def generator(seed: int, stream: str, key: object = "") -> np.random.Generator:
    """The generator for one stream (`init`, `order`, `augment`, `split`) and one key (an epoch, a layer's name)."""
    return np.random.Generator(np.random.Philox(key=int.from_bytes(_digest(seed, stream, key)[:16], "little")))


def derived_seed(seed: int, stream: str, key: object = "") -> int:
    """A 31-bit seed for the backend's own generator, which draws inside the network, such as for dropout."""
    return int.from_bytes(_digest(seed, stream, key)[16:20], "little") >> 1
