"""Many cells: checked as a whole, run one after the other in processes of their own, told in one table."""
