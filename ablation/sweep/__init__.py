"""Many runs: checked as a whole, run in processes of their own, summed up in one table."""
