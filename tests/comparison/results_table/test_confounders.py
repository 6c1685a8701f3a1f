"""Every other column that differs is listed as a possible confounder."""

from support.results_tables import experiment, judged, rows, write

from ablation.comparison.results_table import confounders


def notes(tmp_path, table, **options):
    return experiment(write(tmp_path / "a.csv", table), **options).notes


def test_a_column_that_differs_with_the_variant(tmp_path):
    table = [{**row, "lr": 0.1 if row["variant"] != "-norm" else 0.01, "epochs": 90} for row in rows()]
    expected = "Possible confounder: lr differs with the variant (0.1 in full and -mix; 0.01 in -norm)."
    assert notes(tmp_path, table) == (expected,)
    assert expected in judged(tmp_path / "a.csv").warnings


def test_a_column_that_differs_within_variants(tmp_path):
    table = [{**row, "gpu": "V100" if row["seed"] == 2 else "A100"} for row in rows()]
    assert notes(tmp_path, table) == (
        "Possible confounder: gpu differs within variants (A100 and V100 in full, -mix and -norm).",
    )


def test_columns_with_a_value_for_each_run_are_only_counted(tmp_path):
    table = [{**row, "id": f"r{i}", "val_acc": 0.9 + i / 100, "created": i * 7} for i, row in enumerate(rows())]
    assert notes(tmp_path, table, metric="test_acc") == (
        "Note: 3 columns with a value for each run cannot be checked: id, val_acc and created.",
    )


def test_long_values_and_further_columns_are_shortened(tmp_path):
    table = [{**row, **{f"k{i}": row["variant"] * (20 if i else 1) for i in range(9)}} for row in rows()]
    found = notes(tmp_path, table, metric="test_acc")
    assert len(found) == confounders.NAMED + 1
    assert found[1].count("…") == 3 and len(found[1]) < 220
    assert found[-1] == "Possible confounders: 3 more columns differ with the variant."


def test_an_empty_cell_is_a_value(tmp_path):
    table = [{**row, "aug": "" if row["variant"] == "full" else "mixup"} for row in rows()]
    assert notes(tmp_path, table) == (
        "Possible confounder: aug differs with the variant (empty in full; mixup in -mix and -norm).",
    )


def test_unequal_numbers_of_seeds_are_noted(tmp_path):
    assert notes(tmp_path, rows()[:-1]) == (
        "Note: the variants have different numbers of seeds: full has 3, -mix has 3 and -norm has 2.",
    )


def test_few_values_are_listed_whatever_the_name_of_their_column(tmp_path):
    table = rows()
    for number, row in enumerate(table):
        is_norm = row["variant"] == "-norm"
        row |= {"batch_size": 512 if is_norm and row["seed"] else 64, "epochs": 100 if is_norm else 10}
        row |= {"loss": "focal" if row["seed"] else "ce", "val_loss": 0.1 + number / 100}
    found = notes(tmp_path, table, metric="test_acc")
    for column in ("batch_size", "epochs", "loss"):
        assert any(f"Possible confounder: {column} differs" in each for each in found), found
    assert found[-1] == "Note: 1 column with a value for each run cannot be checked: val_loss."


def test_variants_with_equal_values_are_named(tmp_path):
    table = rows({"full": (0.9, 0.91, 0.93), "-mix": (0.9, 0.91, 0.93), "-norm": (0.9, 0.91, 0.92)})
    (note,) = [note for note in experiment(write(tmp_path / "a.csv", table)).notes if "same value for every" in note]
    assert note.startswith("Note: full and -mix have the same value for every seed.")
