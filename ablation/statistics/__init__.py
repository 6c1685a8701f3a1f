"""Tests, intervals, power and verdicts over the values of runs: numbers in, numbers out. Imports no other room."""
