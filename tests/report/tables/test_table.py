"""The parts of a table."""

from ablation.report.tables.table import Cell, Column, Grid


def test_a_cell_joins_its_value_detail_and_marks():
    assert Cell("0.960", "± 0.004").full_text == "0.960 ± 0.004"
    assert Cell("3", "of 5", "¹ ²").full_text == "3 of 5 ¹ ²"
    assert Cell("worse", marks="¹").full_text == "worse ¹" and Cell("").full_text == ""


def test_supplementary_columns_are_not_main_ones():
    main, extra = Column("n", "n", (Cell("3"),)), Column("p", "p", (Cell("0.1"),), supplementary=True)
    assert Grid("", (main, extra)).main_columns == (main,)


def test_a_caption_keeps_the_explanations_of_the_columns_that_are_shown():
    n, r = Column("n", "n", (Cell("3"),)), Column("r", "r", (Cell("0.9"),))
    grid = Grid("Means. n: seeds. r: correlation.", (n, r), explanations={"n": "n: seeds.", "r": "r: correlation."})
    assert grid.caption_of(grid.columns) == grid.caption
    assert grid.caption_of([n]) == "Means. n: seeds." and grid.caption_of([]) == "Means."
