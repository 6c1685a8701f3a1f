"""Several experiments at a glance."""
