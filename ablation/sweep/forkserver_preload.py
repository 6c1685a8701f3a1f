"""Imported once by the server that runs are forked from: libraries only, no device is touched."""

from ablation.runtime import console, provenance

with console.muted():
    import keras  # noqa: F401

    import ablation.run.trial  # noqa: F401

provenance.code()  # kept for all that are forked
provenance.versions()
