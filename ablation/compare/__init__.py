"""Many runs side by side: overlay, table, summary.csv. Reads what `rundir` wrote and never imports TensorFlow."""
