"""Runs in, comparisons out. `reading` parses what lies on disk, `analysis` judges it. Never imports TensorFlow."""
