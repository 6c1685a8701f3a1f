"""Labels of variants: what the user varied, in at most 40 characters."""
