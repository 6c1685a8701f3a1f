"""Rows of the page's table of results: the table's own cells, and how a verdict looks."""

import pytest
from support import comparisons

from ablation.report.html import rows
from ablation.report.tables.build import build_table


@pytest.fixture(scope="module")
def result_rows():
    comparison = comparisons.study()
    return {row.label: row for row in rows.result_rows(comparison, build_table(comparison))}


def test_a_row_has_the_cells_of_the_table(result_rows):
    cells = {key: cell.full_text for key, cell in result_rows["-shortcut"].cells.items()}
    assert (cells["metric"], cells["difference"], cells["verdict"]) == ("0.555 ± 0.013", "-0.405 ± 0.013", "worse ¹")
    assert result_rows["-shortcut"].difference_ci == "[-0.418, -0.392]" and result_rows["-data"].difference_ci == ""


def test_a_variant_that_is_not_comparable_has_its_reasons(result_rows):
    row = result_rows["-data"]
    assert (row.verdict, row.mark.name, row.more_reasons) == ("not comparable", "blocking", 0)
    assert row.reasons == ("data.digest: 0a1b2c3d → 99ee88ff", "steps: 640 → 320")
    assert result_rows["-norm"].diverged == 2 and result_rows["-norm"].reasons == ()


@pytest.mark.parametrize(
    ("verdict", "name"),
    [
        ("better", "better"),
        ("inconclusive", "inconclusive"),
        ("too few seeds", "few-seeds"),
        ("baseline", "baseline"),
        ("no completed run", "none"),
        ("not yet decided", "none"),
        ("", "none"),
    ],
)
def test_every_verdict_has_a_look(verdict, name):
    assert rows.verdict_mark(verdict).name == name


def test_verdicts_sort_from_better_to_worse_behind_the_baseline():
    order = ["baseline", "better", "equivalent", "inconclusive", "too few seeds", "worse", "not comparable"]
    ranks = [rows.verdict_mark(verdict).rank for verdict in order]
    assert ranks == sorted(ranks) and len(set(ranks)) == len(ranks)
