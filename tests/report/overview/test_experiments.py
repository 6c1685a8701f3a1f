"""Several experiments at a glance."""

from support.comparisons import compare, factorial, row
from support.fake_runs import config, history, sweep, write
from support.tables import overview_of

from ablation.report.overview.experiments import MAX_ROWS, Compared, compact, disclosures, facts, lone_result
from ablation.report.tables.build import build_table


def test_a_compact_table_has_what_tells_most():
    grid, more = compact(build_table(compare([row("baseline", [0.9, 0.91, 0.92]), row("-a", [0.5, 0.51, 0.52])])))
    assert [column.key for column in grid.columns] == ["variant", "n", "metric", "difference", "verdict"]
    assert more == 0 and not grid.caption and not grid.notes


def test_of_a_factorial_design_it_has_the_effects():
    grid, _ = compact(build_table(factorial()))
    assert [column.key for column in grid.columns] == ["effect", "components", "difference", "verdict"]


def test_rows_beyond_the_first_are_counted():
    rows = [row(f"v{number}", [0.9, 0.91, 0.92]) for number in range(MAX_ROWS + 3)]
    grid, more = compact(build_table(compare(rows)))
    assert (len(grid.columns[0].cells), more) == (MAX_ROWS, 3)


def test_a_single_variant_is_one_line(tmp_path):
    sweep(tmp_path, {"resnet34": 0.9})
    (item,) = overview_of(tmp_path).items
    assert lone_result(item) == "resnet34: test accuracy 0.890 ± 0.025, n = 3"
    sweep(tmp_path, {"plain34": 0.9})
    (item,) = overview_of(tmp_path).items
    assert lone_result(item) == ""


def test_its_facts_count_every_run(tmp_path):
    sweep(tmp_path, {"resnet34": 0.9})
    write(tmp_path, config(seed=7), history(1), status="diverged")
    write(
        tmp_path, config(seed=0), history(accuracy=0.5), attempt=2, **{"timings.started": "2026-11-20T10:30:00+00:00"}
    )
    (item,) = overview_of(tmp_path).items
    assert facts(item) == ["resnet34 on digits, 6 epochs", "3 runs, 1 superseded, 1 diverged", "2026-11-20 10:30"]


def test_runs_that_count_elsewhere_are_named(tmp_path):
    sweep(tmp_path, {"resnet34": 0.9})
    overview = overview_of(tmp_path)
    (item,) = overview.items
    assert overview.shared(item.experiment) == ""
    overview.experiments.homes.update(dict.fromkeys(overview.experiments.homes, "parts"))
    assert overview.shared(item.experiment) == "Shares 3 runs with parts, where they are counted."


def test_what_must_stand_beside_a_verdict_is_among_the_disclosures():
    made = compare(
        [row("baseline", [0.9, 0.91, 0.92]), row("-a", [0.5, 0.51, 0.52])],
        exploratory=("no study planned this comparison",), disclosures=("2 runs were deleted.",),
    )  # fmt: skip
    found = disclosures(Compared(None, made, build_table(made), ()))
    assert found == ["Exploratory: no study planned this comparison.", "2 runs were deleted."]
