"""Imported once by the fork server: imports all that runs import, but initialises no device."""

import gc
import os

from PIL import Image

from ablation.runtime import console, keras_import, provenance

BACKEND = os.environ.get("KERAS_BACKEND", "tensorflow")

with console.muted(), keras_import.lean(BACKEND):
    import keras  # noqa: F401

    from ablation.run import execution, trial  # noqa: F401

    trial.engine_and_batches(BACKEND, xla=False)  # imports the engine of this backend
    Image.preinit()  # imports the file formats

provenance.code()  # cached for all forked processes
provenance.versions()
gc.freeze()  # a worker collects garbage after each job, and need not look through the libraries
