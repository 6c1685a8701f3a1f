"""Comparison of runs: `reading` parses their files, `analysis` tests the differences. Never imports TensorFlow."""
