"""Numbered notes below a table."""

from support.comparisons import compare, diverged, row, study

from ablation.comparison.analysis.comparison import Comparability, Difference
from ablation.report.wording.footnotes import Footnotes


def test_notes_are_numbered_in_reading_order_and_equal_ones_share_a_number():
    variants = {variant.label: variant for variant in study().variants}
    footnotes = Footnotes(list(variants.values()))
    assert footnotes.lines() == [
        "¹ note: hardware.cpu is EPYC 7B13 in baseline, Xeon 8481C here",
        "² diverged, excluded from the mean: seeds 3 and 4",
        "³ not comparable: data.digest is 0a1b2c3d in baseline, 99ee88ff here; and steps is 640 in baseline, 320 here",
    ]
    marks = {label: footnotes.verdict_marks(variant) for label, variant in variants.items()}
    assert (marks["-shortcut"], marks["-width.half"], marks["-data"], marks["baseline"]) == ("¹", "¹", "³", "")
    assert footnotes.count_marks(variants["-norm"]) == "²" and footnotes.count_marks(variants["-data"]) == ""


def test_a_note_lists_so_many_differences():
    differences = tuple(Difference(f"k{i}", "1", "2") for i in range(20))
    (line,) = Footnotes(
        compare([row("a", [0.9]), row("b", [0.8], comparability=Comparability(differences))]).variants
    ).lines()
    assert line.count(" is 1 in a, 2 here") == 12 and line.endswith("; and 8 more")


def test_one_diverged_run():
    (line,) = Footnotes([row("b", [0.8], diverged=(diverged("b", 3),))]).lines()
    assert line == "¹ diverged, excluded from the mean: seed 3"


def test_of_many_notes_of_one_kind_there_is_one():
    rows = []
    for i in range(7):
        rows.append(row(f"arm{i}", [0.8], comparability=Comparability((Difference("steps", "1", f"{i}"),))))
    footnotes = Footnotes(compare([row("a", [0.9]), *rows]).variants)
    assert footnotes.lines() == ["¹ not comparable, with values that differ by row: steps"]


def test_seeds_are_listed_in_order_and_not_all():
    lost = tuple(diverged("b", seed) for seed in (10, 9, 100, *range(20, 40)))
    (line,) = Footnotes((row("b", [0.8], diverged=lost),)).lines()
    listed = ", ".join(map(str, (9, 10, *range(20, 30))))
    assert line == f"¹ diverged, excluded from the mean: seeds {listed} and 11 more"
