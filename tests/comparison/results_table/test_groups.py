"""Rows by variant, seed and block; seeds that lack a block."""

import pytest
from support.results_tables import rows, write

from ablation.comparison.results_table import groups
from ablation.comparison.results_table.columns import Columns
from ablation.comparison.results_table.formats.files import read_file
from ablation.errors import AblateError

COLUMNS = Columns("variant", "seed", "test_acc", "dataset")


def test_rows_are_grouped_in_the_order_of_their_first(tmp_path):
    sheet = read_file(write(tmp_path / "a.csv", [*rows(dataset="a"), *rows(dataset="b")[:1], *rows(dataset="a")[:1]]))
    found = groups.grouped(sheet, COLUMNS)
    assert len(found) == 10 and found[0].positions == (0, 10)
    assert found[9].names == "variant full, seed 0 and dataset b"
    assert groups.varying_columns(sheet, COLUMNS, found) == []
    assert groups.numbers_rows(sheet, "seed", found[1:]) and not groups.numbers_rows(sheet, "seed", found)


def test_only_seeds_in_all_blocks_are_kept(tmp_path):
    table = [*rows(dataset="a"), *[row for row in rows(dataset="b") if row["seed"] < 2 or row["variant"] != "-mix"]]
    sheet = groups.in_all_blocks(read_file(write(tmp_path / "a.csv", table)), COLUMNS)
    assert len(sheet.frame) == 16 and "seed 2 of -mix" in sheet.notes[0]
    without = Columns("variant", "seed", "test_acc")
    assert groups.in_all_blocks(sheet, without) is sheet


def test_a_variant_whose_runs_failed_in_a_block_has_no_seed_and_refuses_no_other(tmp_path):
    table = [row | {"dataset": name} for name in "ab" for row in rows()]
    table = [row for row in table if row["variant"] != "-mix" or (row["seed"] == 0) == (row["dataset"] == "a")]
    sheet = read_file(write(tmp_path / "a.csv", table))
    with pytest.raises(AblateError, match="-mix without a seed that has a run in every block"):
        groups.in_all_blocks(sheet, COLUMNS)
    kept = groups.in_all_blocks(sheet, COLUMNS, ["-mix"])
    assert set(kept.frame["variant"]) == {"full", "-norm"} and "seed 0 of -mix" in kept.notes[0]
    whole = [row for row in table if row["variant"] != "-mix" or row["dataset"] == "a"]
    sheet = read_file(write(tmp_path / "b.csv", whole))
    assert groups.in_all_blocks(sheet, COLUMNS) is sheet  # who lacks a whole block is refused by its name later
