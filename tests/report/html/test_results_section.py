"""The page's table of results."""

from dataclasses import replace

from support import comparisons, curves
from support.page import COMMAND, report, shown

from ablation.report.html.results_section import results_section
from ablation.report.tables.build import build_table
from ablation.report.wording import findings


def section_of(comparison):
    return results_section(comparison, build_table(comparison))


def test_what_a_label_says_is_no_column_of_its_own(study):
    removed = [row for row in study.variants if row.removed]
    assert [row.label for row in removed] == ["-half", "-quarter"] and "Removed" not in shown(report(study, [], []))
    base, half, *others = study.variants
    assert "Removed" in shown(report(replace(study, variants=(base, replace(half, removed=("it",)), *others)), [], []))


def test_the_assumption_is_a_sentence_and_no_mark():
    rows = [
        comparisons.row(name, values) for name, values in (("baseline", [0.9, 0.91, 0.92]), ("-a", [0.9, 0.92, 0.94]))
    ]
    comparison = comparisons.compare(rows, margin=0.5)
    assert comparison.variants[1].result.verdict == "equivalent"
    bare = replace(comparison, variants=tuple(replace(row, runs=()) for row in comparison.variants))
    text = shown(report(bare, findings.sentences(comparison), COMMAND))
    assumption = "With 3 seeds this assumes normally distributed noise; a permutation test cannot reach p = 0.05."
    assert text.count("normally distributed") == text.count(assumption) == 3 and "†" not in text  # also of the forest


def test_the_caption_is_the_tables():
    comparison = comparisons.study()
    assert section_of(comparison).caption == build_table(comparison).variants.caption


def test_without_a_comparison_the_caption_mentions_no_difference():
    section = section_of(curves.several(2, baseline=False))
    assert "Difference" not in section.caption and "difference" not in section.columns and len(section.rows) == 2
    assert "±" not in section_of(curves.several(2, seeds=1)).caption
