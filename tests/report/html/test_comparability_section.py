from dataclasses import replace

from support import comparisons
from support.comparisons import by_variant
from support.fake_runs import config, history, write
from support.page import COMMAND, report, shown

from ablation.comparison.analysis.comparison import Comparability, ComparedVariant, Difference
from ablation.report.html.comparability_section import DifferenceRow, comparability_rows
from ablation.report.wording import findings


def test_nothing_else_differs_only_where_something_was_compared(tmp_path):
    write(tmp_path, config(), history(1))
    text = shown(report(by_variant(tmp_path), [], COMMAND))
    assert "None: variants" not in text and "no pair of variants has completed runs on both sides" in text
    write(tmp_path, config(**{"model.width": 8}), history(1), status="diverged")
    lost = replace(by_variant(tmp_path), baseline=None)
    lost = replace(lost, variants=tuple(replace(row, reference=None, result=None) for row in lost.variants))
    text = shown(report(lost, findings.sentences(lost), COMMAND))
    assert "diverged" in text and "None: variants" not in text and "because no baseline is named" in text
    write(tmp_path, config(**{"model.width": 4}), history(1))
    assert "None: variants differ only in what was declared." in shown(report(by_variant(tmp_path), [], COMMAND))


def variant(label: str, blocking: tuple = (), noted: tuple = ()) -> ComparedVariant:
    return comparisons.row(label, [0.9], comparability=Comparability(blocking, noted))


def test_equal_differences_are_one_row_and_blocking_ones_stand_first():
    steps, threads = Difference("steps", "1", "2"), Difference("threads", "1", "4")
    rows = comparability_rows(
        [variant("a", noted=(threads,)), variant("b", (steps,), (threads,)), variant("c", (steps,))]
    )
    assert rows == [
        DifferenceRow(True, "steps", "1", "2", 0, "b and c"),
        DifferenceRow(False, "threads", "1", "4", 0, "a and b"),
    ]


def test_of_many_values_of_a_key_those_of_most_variants_are_shown():
    variants = [variant(f"v{i}", (Difference("steps", "1", str(min(i, 9))),)) for i in range(20)]
    first, *_, last = comparability_rows(variants)
    assert (first.variant, first.variants) == ("9", "11 variants") and first.more == 0
    assert (last.more, last.variants) == (7, "7 variants")
