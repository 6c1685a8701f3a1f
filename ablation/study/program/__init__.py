"""Studies of a user's own program: its declaration in the study file, its cells, and its preflight check."""
