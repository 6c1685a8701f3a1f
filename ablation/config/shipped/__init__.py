"""The shipped configuration files, and the values that they set."""
