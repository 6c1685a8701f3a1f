"""Variants within blocks: a table with a column of data sets."""

import pytest
from support.results_tables import VALUES, experiment, judged, write

from ablation.comparison.analysis import blocks
from ablation.comparison.analysis.variants import grouped
from ablation.errors import AblateError

HARDER = {variant: tuple(value - 0.3 - 0.01 * (value < 0.91) for value in values) for variant, values in VALUES.items()}


def table(**by_block):
    rows = []
    for block, values in by_block.items():
        for variant, of_variant in values.items():
            for seed, value in enumerate(of_variant):
                row = {"variant": variant, "seed": seed, "dataset": block, "acc": round(value, 4)}
                rows.append({**row, "size": len(block)})
    return rows


@pytest.fixture
def path(tmp_path):
    return write(tmp_path / "results.csv", table(easy=VALUES, hard=HARDER))


def test_differences_per_block_and_one_answer(path):
    comparison = judged(path, block="dataset")
    assert (comparison.block, comparison.blocks, comparison.comparisons) == ("dataset", ("easy", "hard"), 2)
    norm = comparison.variant("-norm")
    assert [(result.block, result.n, result.reference_n) for result in norm.blocks] == [("easy", 3, 3), ("hard", 3, 3)]
    alone = judged(write(path.parent / "easy.csv", table(easy=VALUES)))
    assert norm.blocks[0].difference == pytest.approx(alone.variant("-norm").result.difference)
    assert norm.blocks[0].difference_ci == pytest.approx(alone.variant("-norm").result.interval)
    assert norm.result.difference == pytest.approx(sum(result.difference for result in norm.blocks) / 2)
    assert norm.result.verdict == "worse" and norm.arm.n == 6
    assert comparison.warnings == ()  # the size differs with the data set alone


def test_a_variant_that_lacks_a_block_is_refused(path):
    rows = [row for row in table(easy=VALUES, hard=HARDER) if (row["variant"], row["dataset"]) != ("-mix", "hard")]
    write(path, rows)
    with pytest.raises(AblateError, match="needs runs in every block.* Received -mix without a run in hard"):
        judged(path, block="dataset")


def test_names_of_blocks_are_in_their_natural_order(path):
    write(path, table(d10=VALUES, d9=VALUES))
    assert blocks.block_names(grouped(experiment(path, block="dataset"))) == ("d9", "d10")
    assert blocks.results(None) == ()


def test_without_a_baseline_there_are_means_alone(path):
    comparison = judged(path, baseline=None, block="dataset")
    assert not any(variant.blocks for variant in comparison.variants)
    assert comparison.variant("full").arm.mean == pytest.approx(sum(VALUES["full"]) / 3 - 0.15)
