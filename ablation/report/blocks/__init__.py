"""How blocks are shown: a column with the difference in each, and sentences on the mean over them."""
