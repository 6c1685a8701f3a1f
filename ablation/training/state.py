"""A run's whole state: one flat dict {path: array} of weights, statistics, optimizer, layers' seeds and metrics."""

import numpy as np

State = dict[str, np.ndarray]


def finite(state: State) -> bool:
    """Is every number one?"""
    return all(np.isfinite(value).all() for value in state.values() if value.dtype.kind == "f")
