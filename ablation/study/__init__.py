"""Studies: compile a baseline and its components into cells, check that each is an ablation, plan and run them."""
