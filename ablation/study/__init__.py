"""A baseline and its components -> the cells of a design, checked to be ablations before anything is trained."""
