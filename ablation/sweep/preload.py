"""Imported once by the server that runs are forked from: libraries only, no device is touched."""

from ablation import environment, progress

with progress.muted():
    import keras  # noqa: F401

    import ablation.trial  # noqa: F401

environment.code()  # kept for all that are forked
environment.versions()
