"""Results that ablate did not produce: tables and logs of other programs, read as runs that a comparison can judge."""
