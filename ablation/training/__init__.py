"""A network, a recipe and batches -> a trained state and its history. Does not know where images come from."""
