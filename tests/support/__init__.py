"""Builders that tests, proofs and benchmarks share."""
