"""The columns that a user chose."""

import pytest
from support.comparisons import compare, factorial, row, study
from support.finished_studies import CALM, lower
from support.tables import markdown_cells

from ablation.errors import AblateError
from ablation.report.tables import latex, markdown
from ablation.report.tables.build import build_table
from ablation.report.tables.column_choice import chosen_columns, column_key
from ablation.report.tables.style import COLUMN_KEYS, TableStyle
from ablation.report.tables.table import Column


def titles(comparison, *keys: str) -> list[str]:
    return markdown_cells(markdown.markdown(build_table(comparison, TableStyle(columns=keys))))[0]


def test_the_chosen_columns_stand_behind_the_variant_in_their_order():
    assert titles(study(), "verdict", "metric") == ["Variant", "Verdict", "Test accuracy"]
    assert titles(study(), "metric", "variant") == ["Variant", "Test accuracy"]
    assert titles(study(), "hedges_g") == ["Variant", "Hedges’ g"]  # which only the page shows otherwise


def test_latex_has_the_chosen_columns_too():
    text = latex.latex(build_table(study(), TableStyle(columns=("metric", "time", "correlation"))))
    assert r"Variant & Test accuracy & Time & $r$ \\" in text and "All variants:" not in text


def test_of_a_single_comparison_its_only_p_is_meant():
    single = compare([row("a", CALM), row("b", lower(0.1))])
    assert titles(single, "p") == titles(single, "p_adjusted") == ["Variant", "p"]
    assert column_key("p", ["p", "p_adjusted"]) == "p"


def test_a_column_that_would_be_empty_is_refused():
    with pytest.raises(AblateError) as refused:
        build_table(study(), TableStyle(columns=("metric", "look", "threshold")))
    said = str(refused.value)
    assert "Received --columns metric,look,threshold, and nothing to show for look and threshold." in said
    assert "Allowed here: variant, co_changes, n, diverged, metric" in said and "Type for example --columns" in said


def test_the_table_of_effects_has_those_that_it_has_too():
    rows = markdown_cells(markdown.markdown(build_table(factorial(), TableStyle(columns=("verdict", "difference")))))
    assert ["Effect", "Of", "Verdict", "Difference"] in rows
    rows = markdown_cells(markdown.markdown(build_table(factorial(), TableStyle(columns=("metric",)))))
    assert ["Effect", "Of", "Difference", "p", "p, Holm", "Verdict"] in rows  # none was chosen of these


def test_the_page_has_the_chosen_columns():
    grid = build_table(study(), TableStyle(columns=("metric",))).variants
    assert [column.key for column in grid.main_columns] == ["variant", "metric"]
    assert {"difference", "verdict"} <= {column.key for column in grid.columns}  # for other sections of the page


def test_every_column_that_a_table_can_have_may_be_chosen():
    for comparison in (study(), factorial(), compare([row("a", CALM)])):
        assert {column.key for column in build_table(comparison).variants.columns} <= set(COLUMN_KEYS)


def test_nothing_chosen_is_the_usual_choice():
    assert chosen_columns([Column("variant", "Variant", ())], ()) == ()
