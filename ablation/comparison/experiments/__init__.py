"""Experiments: which runs belong together in one table, what each experiment is called, and what narrows it."""
