"""Building blocks of the networks. They receive their parts as arguments; `ablation.model.network` looks names up."""
