"""Tests, intervals, power and verdicts from metric values: numbers in, numbers out. Imports no other room."""
