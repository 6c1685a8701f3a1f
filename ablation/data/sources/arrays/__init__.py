"""Sources of arrays: npz files, and the data of plugins."""
