"""What the command line shows while a user types: help on one group, and completion."""
