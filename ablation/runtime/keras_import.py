"""Import Keras and its backend in half the time: only what a run needs, and without looking for garbage."""

import contextlib
import gc
import sys
from collections.abc import Iterator, Sequence

from ablation.runtime import garbage

# Libraries that Keras and the backend import if they are installed, for functions that no run calls: plots, wrappers
# for scikit-learn, data frames as training data. They take longer to import than Keras and TensorFlow themselves.
UNUSED = {
    "tensorflow": ("IPython", "cv2", "jax", "matplotlib", "pandas", "scipy", "sklearn"),
    "jax": ("IPython", "cv2", "matplotlib", "pandas", "requests", "sklearn"),
}


@contextlib.contextmanager
def lean(backend: str) -> Iterator[None]:
    """Import Keras and the backend within the context; does nothing if Keras is already imported.

    Keras finds the libraries in UNUSED not installed. Whoever imports them later, such as a plugin, gets them.
    """
    if "keras" in sys.modules:
        yield
        return
    with _hidden(UNUSED[backend]), garbage.postponed():
        yield
    gc.freeze()  # the objects of imported modules stay, so that looking through them is in vain


@contextlib.contextmanager
def _hidden(modules: Sequence[str]) -> Iterator[None]:
    """Make importing these modules fail within the context, except for those that are already imported."""
    absent = [name for name in modules if name not in sys.modules]
    for name in absent:
        sys.modules[name] = None  # pyright: ignore[reportArgumentType]  # as documented, import then fails
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
