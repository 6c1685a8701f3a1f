"""The records of a study that was run: what `ablate-compare --demo` shows before anything is trained."""
