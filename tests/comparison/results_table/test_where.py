"""Conditions on the columns of a table."""

import pytest
from support.results_tables import experiment, judged, rows, write

from ablation.comparison.results_table import where
from ablation.errors import AblateError


@pytest.fixture
def path(tmp_path):
    """Two learning rates for each variant and seed."""
    table = [{**row, "config/lr": lr, "Data Set": "a"} for row in rows() for lr in (0.1, 0.5)]
    return write(tmp_path / "a.csv", table)


def test_rows_are_left_out_before_seeds_are_counted(path):
    with pytest.raises(AblateError, match="several rows"):
        experiment(path)
    made = judged(path, where=("lr=0.1", "Data Set=a"))
    assert made.variant("full").arm.n == 3 and not any("config/lr" in note for note in made.warnings)
    assert "Left out by --where lr=0.1 and --where Data Set=a: 9 runs." in made.disclosures


@pytest.mark.parametrize(
    ("typed", "runs"),
    [
        ("variant=full,-norm", 6),
        ("variant!=-mix", 6),
        ("seed<2", 6),
        ("seed=0,2", 6),
        ("config/lr<=0.5", 9),
    ],
)
def test_roles_can_be_named_and_numbers_compared(path, typed, runs):
    assert len(experiment(path, where=("lr>0.2", typed)).runs.runs) == runs


def test_a_removed_variant_still_counts_in_the_correction(path):
    assert judged(path, where=("lr=0.1", "variant!=-mix")).comparisons == 2


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("lr", "A condition has a column, an operator and a value. Received --where lr"),
        ("test_acc>0.9", "does not choose runs by their results. Received --where 'test_acc>0.9'"),
        ("lrr=0.1", "has no column lrr. Received --where lrr"),
        ("lr=7", "No row is left. Received --where lr=7. .* Column config/lr has 0.1 and 0.5"),
        ("lr=", "a value is missing"),
        ("lr<x", "x is not a number"),
    ],
)
def test_what_cannot_be_a_condition_is_refused(path, typed, words):
    with pytest.raises(AblateError, match=words):
        experiment(path, where=(typed,))


def test_values_are_those_that_were_typed(tmp_path):
    odd = [
        {"ver": "01", "k>=2": "yes", "ok": "True", "loss": "focal"},
        {"ver": "1", "k>=2": "no", "ok": "False", "loss": "ce"},
    ]
    path = write(tmp_path / "a.csv", [{**row, **each} for row in rows() for each in odd])
    for typed in ("ver=01", "ver=1", "k>=2=yes", "ok=True", "ok=true", "loss=focal"):
        assert len(experiment(path, metric="test_acc", where=(typed,)).runs.runs) == 9, typed


def test_without_conditions_nothing_changes(path):
    from ablation.comparison.results_table.columns import Columns
    from ablation.comparison.results_table.formats.files import read_file

    sheet = read_file(path)
    narrowed = where.narrowed(sheet, Columns("variant", "seed", "test_acc"), ())
    assert narrowed.sheet is sheet and (narrowed.left_out, narrowed.variants) == (0, 3)
