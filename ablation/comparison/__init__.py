"""Comparison of runs: `reading` parses files, `labels` names variants, `analysis` tests differences. No TensorFlow."""
