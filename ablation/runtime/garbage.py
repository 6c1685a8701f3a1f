"""Garbage collection, which looks through all objects again and again while imports and commands only add to them."""

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def postponed() -> Iterator[None]:
    """Collect no garbage within the context, where little of it arises. What no cycle holds is freed at once anyway."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
