"""What can be ablated. Blocks receive their parts as arguments and look nothing up; `ablation.network` does."""
