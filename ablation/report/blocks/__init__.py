"""How comparisons within blocks are shown: a column for each block, and sentences on how they are pooled."""
