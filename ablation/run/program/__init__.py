"""Runs of a user's own program: its command line, process and metric, and the run directory around it."""
