"""Imported once by the fork server: imports libraries, but initialises no device."""

import os

from ablation.runtime import console, keras_import, provenance

with console.muted(), keras_import.lean(os.environ.get("KERAS_BACKEND", "tensorflow")):
    import keras  # noqa: F401

    import ablation.run.trial  # noqa: F401

provenance.code()  # cached for all forked processes
provenance.versions()
