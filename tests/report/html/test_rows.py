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


def test_a_variant_that_is_not_comparable_has_its_reasons(result_rows):
    row = result_rows["-data"]
    assert (row.verdict, row.mark.name, row.more_reasons) == ("not comparable", "blocking", 0)
    assert row.reasons == ("data.digest: 0a1b2c3d → 99ee88ff", "steps: 640 → 320")
    assert result_rows["-norm"].reasons == ()


@pytest.mark.parametrize(
    ("verdict", "name"),
    [
        ("better", "better"),
        ("inconclusive", "inconclusive"),
        ("incomplete", "incomplete"),
        ("only where trained", "where-trained"),
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
    order = ["baseline", "better", "equivalent", "inconclusive", "only where trained", "incomplete", "too few seeds"]
    order += ["worse", "not comparable", "no completed run", ""]
    ranks = [rows.verdict_mark(verdict).rank for verdict in order]
    assert ranks == sorted(ranks) and len(set(ranks)) == len(ranks)


def test_a_withdrawn_verdict_has_its_text_and_never_the_raw_word():
    lost = (comparisons.diverged("b", 7), comparisons.diverged("b", 8))
    comparison = comparisons.compare(
        [
            comparisons.row("a", [0.8, 0.81, 0.82, 0.79], planned_seeds=4),
            comparisons.row("b", [0.95, 0.96, 0.94], diverged=lost, planned_seeds=5),
            comparisons.row("c", [0.3, 0.31, 0.32], planned_seeds=4),
        ]
    )
    _, withdrawn, incomplete = rows.result_rows(comparison, build_table(comparison))
    assert (withdrawn.verdict, withdrawn.detail) == ("higher where it trained", "(2 of 5 diverged)")
    assert (withdrawn.mark.name, withdrawn.mark.sign) == ("where-trained", "○")
    assert (incomplete.verdict, incomplete.detail) == ("incomplete", "(1 of 4 runs missing)")
    assert incomplete.mark.name == "incomplete"
