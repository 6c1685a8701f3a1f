"""Comparisons within blocks, such as data sets, and one answer over all of them."""
