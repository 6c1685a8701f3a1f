"""Compile a declared study into its cells, and check their configs, without training anything."""
