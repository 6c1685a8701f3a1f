"""Changes of runs by their owner after they have ended: tags and deletion."""
