"""Sweeps: many runs, validated together, executed in separate processes, and summarised in one table."""
