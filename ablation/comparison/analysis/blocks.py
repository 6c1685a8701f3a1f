"""Variants within blocks, such as data sets: the values of each block, and the comparison in it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ablation.comparison.analysis import metrics
from ablation.comparison.analysis.comparison import BlockResult, Metric
from ablation.comparison.analysis.variants import Variant
from ablation.errors import AblateError
from ablation.redaction import printable
from ablation.statistics.arm import Arm, BlockedArm, mean_over_blocks
from ablation.statistics.estimate import Estimate
from ablation.statistics.pair import Pair
from ablation.statistics.verdict import PairResult
from ablation.text import list_with_more, natural_sort_key

LISTED = 6  # blocks in an error


def block_names(variants: Sequence[Variant]) -> tuple[str, ...]:
    """The blocks of all runs, in natural order; empty without blocks."""
    names = {run.block for variant in variants for run in variant.runs if run.block}
    return tuple(sorted(names, key=natural_sort_key))


def arms(variants: Mapping[str, Variant], metric: Metric, select: str) -> dict[str, Arm]:
    """The metric's values of each variant by label, within blocks if there are blocks.

    Raises AblateError if a variant with runs has none in a block of another one.
    """
    names = block_names(list(variants.values()))
    if not names:
        return {label: metrics.arm(variant, metric, select) for label, variant in variants.items()}
    _require_all_blocks(variants, names)
    return {label: _blocked_arm(variant, metric, select, names) for label, variant in variants.items()}


def _require_all_blocks(variants: Mapping[str, Variant], names: Sequence[str]) -> None:
    for label, variant in variants.items():
        own = {run.block for run in variant.runs}
        missing = [name for name in names if name not in own]
        if own and missing:
            raise AblateError(
                f"Every variant needs runs in every block, or their mean would be of different blocks. Received "
                f"{printable(label)} without a run in {list_with_more(map(printable, missing), LISTED)}. Allowed: "
                "variants with runs in all blocks, or fewer blocks. Leave out the variant or the blocks, for example "
                f"with --where COLUMN!={printable(missing[0])} and the column of --block"
            )


def _blocked_arm(variant: Variant, metric: Metric, select: str, names: Sequence[str]) -> Arm:
    in_blocks: dict[str, Arm] = {}
    for name in names:
        own = tuple(run for run in variant.runs if run.block == name)
        if own:
            in_blocks[name] = metrics.arm(replace(variant, runs=own), metric, select)
    return mean_over_blocks(variant.label, in_blocks) if in_blocks else Arm(variant.label, {})


def results(result: PairResult | None) -> tuple[BlockResult, ...]:
    """The comparison in each block; empty without blocks, and without a result."""
    if result is None:
        return ()
    arm, reference = result.pair.arm, result.pair.reference
    if not isinstance(arm, BlockedArm) or not isinstance(reference, BlockedArm):
        return ()
    found = []
    for name in arm.blocks:
        block = Pair(arm.blocks[name], reference.blocks[name])
        estimate: Estimate = block.estimate
        found.append(
            BlockResult(
                block=name,
                n=block.arm.n,
                reference_n=block.reference.n,
                mean=block.arm.mean,
                difference=estimate.value,
                difference_ci=estimate.interval(),
                p=estimate.p_value(),
            )
        )
    return tuple(found)
