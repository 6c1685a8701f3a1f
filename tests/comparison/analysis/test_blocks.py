"""Variants within blocks: a table with a column of data sets."""

import numpy as np
import pytest
from scipy import stats
from support.results_tables import VALUES, experiment, judged, write

from ablation.comparison.analysis import blocks
from ablation.comparison.analysis.variants import grouped
from ablation.errors import AblateError
from ablation.report.tables import records
from ablation.report.wording import verdict_text
from ablation.statistics.arm import Arm, mean_over_blocks
from ablation.statistics.pair import Pair
from ablation.statistics.verdict import judge

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
    means = {name: [(a + b) / 2 for a, b in zip(VALUES[name], HARDER[name], strict=True)] for name in ("full", "-norm")}
    assert norm.result.p == pytest.approx(stats.ttest_ind(means["-norm"], means["full"], equal_var=False).pvalue)
    assert norm.result.verdict == "worse" and norm.arm.n == 3
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


def test_copies_of_a_block_make_nothing_more_certain(path):
    once = judged(write(path.parent / "once.csv", table(a=VALUES))).variant("-mix").result
    copies = judged(write(path, table(a=VALUES, b=VALUES, c=VALUES)), block="dataset").variant("-mix").result
    assert (copies.difference, copies.p, copies.verdict) == (
        pytest.approx(once.difference),
        pytest.approx(once.p),
        once.verdict,
    )


def test_a_seed_that_lacks_a_block_is_left_out_and_named(path):
    rows = [
        row
        for row in table(easy=VALUES, hard=HARDER)
        if (row["variant"], row["seed"], row["dataset"]) != ("-mix", 1, "hard")
    ]
    comparison = judged(write(path, rows), block="dataset")
    assert comparison.variant("-mix").arm.n == 2 and comparison.variant("full").arm.n == 3
    (note,) = [note for note in comparison.warnings if "every block" in note]
    assert note == "Note: 1 run is left out, because its seed has no run in every block: seed 1 of -mix."


def test_the_level_holds_for_one_model_on_several_data_sets(path):
    """Without an effect, about 5 % of comparisons are significant although the values of a seed move together."""
    generator = np.random.default_rng(0)
    significant = 0
    for _ in range(400):
        of_runs = generator.normal(0.7, 0.02, (2, 5))
        sets = {
            name: of_runs + level + generator.normal(0, 0.005, (2, 5))
            for name, level in zip("abcd", (0, 0.1, 0.05, -0.2), strict=True)
        }
        arms = [
            mean_over_blocks("x", {name: Arm("x", dict(enumerate(values[side]))) for name, values in sets.items()})
            for side in range(2)
        ]
        significant += judge([Pair(*arms)])[0].p < 0.05
    assert 0.025 < significant / 400 < 0.08


def test_seeds_that_no_two_blocks_share_are_refused(path):
    rows = table(easy=VALUES, hard=HARDER)
    for row in rows:
        row["seed"] += 10 * (row["dataset"] == "hard")
    with pytest.raises(AblateError, match=r"full without a seed .*easy: 0, 1 and 2 and hard: 10, 11 and 12"):
        judged(write(path, rows), block="dataset")


def test_a_seed_that_diverges_in_several_blocks_counts_once(path):
    rows = table(easy=VALUES, hard=HARDER)
    for row in rows:
        lost = row["variant"] == "-mix" and (row["seed"] == 0 or (row["seed"] == 1 and row["dataset"] == "hard"))
        row |= {"state": "diverged" if lost else "finished", "acc": "" if lost else row["acc"]}
    comparison = judged(write(path, rows), block="dataset")
    mix = comparison.variant("-mix")
    assert [run.seed for run in mix.diverged] == [0, 1] and mix.arm.n == 1
    assert verdict_text.diverged_share(mix) == "2 of 3"
    assert not any("Diverged at first" in sentence for sentence in comparison.disclosures)
    assert records.variant_record(comparison, comparison.variant("full")).summary.n == 3
