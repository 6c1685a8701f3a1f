"""Named randomness: a draw outside the network is a function of (seed, stream, key), never of what was drawn before.

Philox is counter based (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): equal keys give equal
numbers on every backend, engine, launcher and platform.
"""

import hashlib

import numpy as np


def _digest(seed: int, stream: str, key: object) -> bytes:
    return hashlib.sha256(f"{seed}/{stream}/{key}".encode()).digest()


def generator(seed: int, stream: str, key: object = "") -> np.random.Generator:
    """The generator of one stream (`init`, `order`, `augment`, `split`) at one key (an epoch, a layer's name)."""
    return np.random.Generator(np.random.Philox(key=int.from_bytes(_digest(seed, stream, key)[:16], "little")))


def derived_seed(seed: int, stream: str, key: object = "") -> int:
    """A seed of 31 bits for what the backend's own generator draws inside the network, such as dropout."""
    return int.from_bytes(_digest(seed, stream, key)[16:20], "little") >> 1
