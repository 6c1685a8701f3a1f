"""A declared study -> its cells, composed and checked by their configs alone."""
