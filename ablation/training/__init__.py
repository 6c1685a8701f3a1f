"""Train a network: the recipe, the engine of each backend, and the loop over epochs. Knows nothing of data sources."""
