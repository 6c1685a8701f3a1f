"""Help on one group, completion, and the paragraphs for errors of Hydra."""
