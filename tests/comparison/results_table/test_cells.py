"""Cells as numbers, seeds, names and states."""

import json

import pytest
from support.results_tables import experiment, rows, write

from ablation.comparison.results_table import cells, states
from ablation.comparison.results_table.columns import Columns
from ablation.comparison.results_table.formats.files import read_file
from ablation.errors import AblateError

COLUMNS = Columns("variant", "seed", "test_acc")


def with_cell(value, column="test_acc", row=1):
    table = rows()
    table[row][column] = value
    return table


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", "Received an empty cell in column test_acc, row 3. .* add a column state with diverged"),
        ("nan", "Received 'nan' .* A run that diverged has no value"),
        ("inf", "Received 'inf' .* add a column state"),
        ("high", "Received 'high' in column test_acc, row 3. .* Type another column after --metric"),
        ("93.5%", "without the percent sign"),
        ('"0,935"', "decimal points instead of decimal commas"),
        ("0.93 ± 0.01", "A mean with its interval is not a run"),
        ("1e300", "a number in every row. Received '1e300'"),
        ("1_0", "Received '1_0'"),
        ("true", "Received 'true'"),
    ],
)
def test_what_is_no_number_is_refused_by_its_column_and_row(tmp_path, value, words):
    path = write(tmp_path / "a.csv", with_cell(value.strip('"')))
    with pytest.raises(AblateError, match=words):
        experiment(path)


def test_booleans_are_no_numbers(tmp_path):
    path = write(
        tmp_path / "a.jsonl", '{"variant": "a", "seed": 0, "acc": true}\n{"variant": "b", "seed": 0, "acc": 1}'
    )
    with pytest.raises(AblateError, match="Received 'true' in column acc, row 1"):
        experiment(path, metric="acc")


def test_texts_count_as_seeds_in_their_natural_order(tmp_path):
    table = [{**row, "seed": f"run-{row['seed'] + 9}"} for row in rows()]
    sheet = read_file(write(tmp_path / "a.csv", table))
    seeds, notes = cells.seeds_of(sheet, "seed")
    assert seeds == [0, 1, 2] * 3
    assert notes == ("Note: the texts of column seed count as seeds 0 to 2 in their order, from run-9 to run-11.",)
    assert notes[0] in experiment(tmp_path / "a.csv").notes


def test_whole_numbers_are_seeds_however_they_are_written(tmp_path):
    table = [{**row, "seed": f"{row['seed'] - 1}.0"} for row in rows()]
    assert cells.seeds_of(read_file(write(tmp_path / "a.csv", table)), "seed") == ([-1, 0, 1] * 3, ())


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("0.5", "A seed must be a whole number or a text. Received '0.5' in column seed, row 3"),
        ("", "Every row needs a seed"),
    ],
)
def test_fractions_and_empty_cells_are_no_seeds(tmp_path, value, words):
    with pytest.raises(AblateError, match=words):
        experiment(write(tmp_path / "a.csv", with_cell(value, "seed")))


def test_every_row_needs_a_variant(tmp_path):
    with pytest.raises(AblateError, match="Every row needs a name. Received 1 empty cell in column variant, row 3"):
        experiment(write(tmp_path / "a.csv", with_cell("", "variant")))


@pytest.mark.parametrize(
    ("column", "written", "meaning"),
    [
        ("State", "crashed", "failed"),
        ("status", "FAILED", "failed"),
        ("status", "KILLED", "interrupted"),
        ("state", "running", "running"),
        ("tags.status", "SCHEDULED", "running"),
        ("state", "diverged", "diverged"),
    ],
)
def test_states_of_other_programs_have_a_meaning(tmp_path, column, written, meaning):
    table = [{**row, column: "FINISHED"} for row in rows()]
    table[0][column] = written
    sheet = read_file(write(tmp_path / "a.csv", table))
    assert states.state_column(sheet, COLUMNS) == column
    assert states.states(sheet, column) == [meaning, *["completed"] * 8]


def test_an_unknown_state_is_refused_and_another_column_of_that_name_is_not_one(tmp_path):
    table = [{**row, "state": "finished"} for row in rows()]
    table[2]["state"] = "zombie"
    with pytest.raises(AblateError, match="Received zombie in column state, row 4. Allowed: finished, crashed, killed"):
        experiment(write(tmp_path / "a.csv", table))
    table = [{**row, "state": "Ohio"} for row in rows()]
    assert len(experiment(write(tmp_path / "b.csv", table)).runs.runs) == 9


def test_seeds_have_all_their_digits(tmp_path):
    first = 2603456789012345678
    table = [{**row, "seed": first + row["seed"]} for row in rows()]
    assert {run.seed for run in experiment(write(tmp_path / "a.csv", table)).runs.runs} == {first, first + 1, first + 2}
    beyond = [{**row, "seed": 2**63 + row["seed"]} for row in rows()]
    assert {run.seed for run in experiment(write(tmp_path / "b.csv", beyond)).runs.runs} == {0, 1, 2}  # as texts


@pytest.mark.parametrize("cell", [10**400, "1" + "0" * 400])
def test_an_integer_beyond_all_floats_is_refused(tmp_path, cell):
    table = rows()
    table[1]["test_acc"] = cell
    with pytest.raises(AblateError, match="must be a number in every row"):
        experiment(write(tmp_path / "a.csv", table))
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in table))
    with pytest.raises(AblateError, match="must be a number in every row"):
        experiment(path)
