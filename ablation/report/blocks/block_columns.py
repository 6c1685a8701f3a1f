"""The columns with the difference in each block."""

from collections.abc import Sequence

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.redaction import printable
from ablation.report.tables.table import Cell, Column
from ablation.report.wording.metric_format import MetricFormat, metric_format

SHOWN = 4  # blocks whose columns every table shows; with more, only the page does


def block_columns(comparison: Comparison) -> list[Column]:
    """Build a column for each block, in their order; none without blocks, and where nothing is compared."""
    if not any(variant.blocks for variant in comparison.variants):
        return []
    written = metric_format(comparison)
    columns = []
    for number, block in enumerate(comparison.blocks, 1):
        title = written.difference_heading(f"In {printable(block)}")
        cells = tuple(_cell(variant, block, written) for variant in comparison.variants)
        columns.append(Column(f"block_{number}", title, cells, supplementary=len(comparison.blocks) > SHOWN))
    return columns


def _cell(variant: ComparedVariant, block: str, written: MetricFormat) -> Cell:
    for result in variant.blocks:
        if result.block == block:
            text = written.cell(result.difference, sign=True)
            return Cell(text, written.plus_minus(result.difference_ci), value=result.difference)
    return Cell("")


def opposite_blocks(variants: Sequence[ComparedVariant]) -> list[str]:
    """A sentence for each variant that is above its reference in one block and below it in another, beyond chance.

    Beyond chance: the 95 % CIs of the differences in the two blocks exclude 0 on both sides.
    """
    sentences = []
    for variant in variants:
        above = [result.block for result in variant.blocks if result.difference_ci.low > 0]
        below = [result.block for result in variant.blocks if result.difference_ci.high < 0]
        if above and below:
            sentences.append(
                f"Note: {variant.label} is above {variant.reference} in {printable(above[0])} and below it in "
                f"{printable(below[0])}, so that the mean over blocks describes neither."
            )
    return sentences
