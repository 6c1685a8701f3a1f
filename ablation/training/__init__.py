"""Train a network: the recipe, an engine for each backend, and the loop over epochs. Independent of data sources."""
