"""Tables of results as experiments: the numbers of the verdicts, and what is refused because it says too little."""

import math

import pytest
from scipy import stats
from support.results_tables import VALUES, experiment, judged, rows, write

from ablation.comparison.reading.run import TABLE
from ablation.comparison.results_table import load, rows_as_runs
from ablation.comparison.results_table.options import TableOptions
from ablation.errors import AblateError


@pytest.fixture
def table(tmp_path):
    return write(tmp_path / "results.csv", rows())


def test_numbers_are_those_of_an_independent_computation(table):
    comparison = judged(table)
    full = VALUES["full"]
    ps = {name: stats.ttest_ind(VALUES[name], full, equal_var=False).pvalue for name in ("-mix", "-norm")}
    for variant in comparison.variants[1:]:
        result = variant.result
        welch = stats.ttest_ind(VALUES[variant.label], full, equal_var=False)
        assert math.isclose(result.p, welch.pvalue)
        low, high = welch.confidence_interval()
        assert (math.isclose(result.interval.low, low), math.isclose(result.interval.high, high)) == (True, True)
    holm = {"-norm": min(1, 2 * ps["-norm"]), "-mix": max(2 * ps["-norm"], ps["-mix"])}
    verdicts = {variant.label: variant.result.verdict for variant in comparison.variants[1:]}
    assert verdicts == {"-norm": "worse", "-mix": "inconclusive"}
    for variant in comparison.variants[1:]:
        # Among several variants the degrees of freedom are at most Welch's.
        assert variant.result.p_holm >= holm[variant.label] * 0.999


def test_runs_of_a_table_know_nothing_but_their_result(table):
    (first, *_) = experiment(table).runs.runs
    assert (first.kind, first.is_own, first.network, first.parameters, first.macs) == (TABLE, False, "", None, None)
    assert (first.val_accuracy, first.loss, first.seconds, len(first.history["epoch"])) == (None, None, None, 0)
    assert first.path == table / "row 2"


def test_a_comparison_is_exploratory_and_corrected_over_all_variants(table):
    comparison = judged(table)
    assert comparison.exploratory == (load.UNPLANNED,)
    assert comparison.comparisons == 2
    assert experiment(table).least_comparisons == 2


def test_rows_without_a_result_are_excluded_and_count_as_missing(tmp_path):
    table = [{**row, "State": "finished"} for row in rows()]
    table[0]["State"], table[0]["test_acc"] = "crashed", ""
    table[3]["State"], table[3]["test_acc"] = "diverged", ""
    loaded = experiment(write(tmp_path / "a.csv", table)).runs
    assert [(path.name, reason) for path, reason in loaded.excluded] == [("row 5", "diverged"), ("row 2", "failed")]
    assert [(run.variant, run.seed) for run in loaded.unfinished] == [("full", 0)]
    assert [(run.variant, run.seed) for run in loaded.diverged] == [("-mix", 0)]
    comparison = judged(tmp_path / "a.csv")
    assert {variant.result.verdict for variant in comparison.variants[1:]} == {"incomplete"}


def test_a_crashed_run_whose_seed_has_finished_is_not_missing(tmp_path):
    table = [{**row, "State": "finished"} for row in rows()]
    table.insert(0, {"variant": "full", "seed": 0, "test_acc": "", "State": "crashed"})
    loaded = experiment(write(tmp_path / "a.csv", table)).runs
    assert len(loaded.excluded) == 1 and not loaded.unfinished


def test_a_variant_of_which_no_run_finished_counts_in_the_correction(tmp_path):
    table = [{**row, "state": "finished"} for row in rows()]
    table.append({"variant": "-skip", "seed": 0, "test_acc": "", "state": "failed"})
    assert judged(write(tmp_path / "a.csv", table)).comparisons == 3


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (rows({"full": (0.9, 0.8, 0.85)}), "only one variant. Received full in every row of column variant"),
        (rows({"full": (0.9,), "-norm": (0.8,)}), "only one seed, so that nothing can be said about chance"),
        ([{**row, "state": "running"} for row in rows()], "No run has a result. Received results.csv, in whose column"),
    ],
)
def test_what_says_too_little_is_refused(tmp_path, table, words):
    with pytest.raises(AblateError, match=words):
        experiment(write(tmp_path / "results.csv", table))


def test_rows_become_runs_in_every_state(table):
    options = TableOptions()
    assert options.source == "auto"
    assert rows_as_runs.NO_HISTORY.epochs == 0


def test_rows_of_crashed_runs_may_lack_their_configuration(tmp_path):
    table = [{**row, "State": "finished"} for row in rows()]
    table.append({"variant": "", "seed": "", "test_acc": "", "State": "crashed"})
    made = experiment(write(tmp_path / "a.csv", table))
    assert len(made.runs.runs) == 9
    assert "Note: 1 row without a result and without variant or seed left out: row 11." in made.notes
    table[-1]["State"] = "finished"
    with pytest.raises(AblateError, match="Every row needs a seed"):
        experiment(write(tmp_path / "a.csv", table))
