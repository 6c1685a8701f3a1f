"""Sentences on blocks, such as data sets."""

from ablation.comparison.analysis.comparison import Comparison
from ablation.redaction import printable
from ablation.text import list_with_more, plural

LISTED = 6  # blocks in one sentence


def blocks_words(comparison: Comparison) -> str:
    """`2 blocks (dataset: cifar10 and svhn)`."""
    names = list_with_more(map(printable, comparison.blocks), LISTED)
    return f"{plural(len(comparison.blocks), 'block')} ({comparison.block}: {names})"


def caption_sentence(comparison: Comparison) -> str:
    """What the value of a seed is, with blocks."""
    return f"Each value is the mean of one seed over {blocks_words(comparison)}, with equal weights."


def method_sentences(comparison: Comparison) -> list[str]:
    """How blocks are pooled, for the methods; empty without blocks."""
    if not comparison.blocks:
        return []
    return [
        f"The value of a seed is its mean over {blocks_words(comparison)}, with equal weights, and the test compares "
        "these values: blocks of one seed may depend on each other, so only seeds count as replicates. The result is "
        "about these blocks alone."
    ]
