"""Imported once by the server that runs are forked from: libraries only, no device is touched."""

from ablation import progress

with progress.muted():
    import ablation.trial  # noqa: F401
    import keras  # noqa: F401
