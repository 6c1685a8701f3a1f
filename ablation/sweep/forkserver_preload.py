"""Imported once by the fork server: imports libraries, but initialises no device."""

import gc

from ablation.runtime import console, provenance

with console.muted():
    import keras  # noqa: F401

    import ablation.run.trial  # noqa: F401

provenance.code()  # cached for all forked processes
provenance.versions()
gc.freeze()  # a worker collects garbage after each job, and need not look through the libraries
