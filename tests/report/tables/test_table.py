"""The parts of a table."""

from ablation.report.tables.table import Cell, Column, Grid


def test_a_cell_joins_its_value_detail_and_marks():
    assert Cell("0.960", "± 0.004").full_text == "0.960 ± 0.004"
    assert Cell("3", "of 5", "¹ ²").full_text == "3 of 5 ¹ ²"
    assert Cell("worse", marks="¹").full_text == "worse ¹" and Cell("").full_text == ""


def test_supplementary_columns_are_not_main_ones():
    main, extra = Column("n", "n", (Cell("3"),)), Column("p", "p", (Cell("0.1"),), supplementary=True)
    assert Grid("", (main, extra)).main_columns == (main,)
