"""Sentences on comparisons within blocks, such as data sets."""

from ablation.comparison.analysis.comparison import Comparison
from ablation.redaction import printable
from ablation.text import list_with_more, plural

LISTED = 6  # blocks in one sentence


def blocks_words(comparison: Comparison) -> str:
    """`2 blocks (dataset: cifar10 and svhn)`."""
    names = list_with_more(map(printable, comparison.blocks), LISTED)
    return f"{plural(len(comparison.blocks), 'block')} ({comparison.block}: {names})"


def caption_sentence(comparison: Comparison) -> str:
    """What means, differences and their intervals are, with blocks; the direction is said elsewhere."""
    return (
        f"Means and differences: over {blocks_words(comparison)} with equal weights, ± half the width of the 95 % CI "
        "from the variances within blocks (Welch-Satterthwaite)."
    )


def method_sentences(comparison: Comparison) -> list[str]:
    """How blocks are pooled, for the methods; empty without blocks."""
    if not comparison.blocks:
        return []
    return [
        f"Variants were compared within {blocks_words(comparison)}, as a fixed effect. The difference of a variant is "
        "the mean of its differences in the blocks, with equal weights; its variance is the sum of theirs over the "
        "square of the number of blocks, with degrees of freedom after Welch and Satterthwaite. The result is about "
        "these blocks alone."
    ]
