"""The LaTeX table: the columns that a paper needs, and notes for the others."""

from dataclasses import replace

from support.comparisons import TEST, compare, diverged, factorial, row, run, sequential, study
from support.finished_studies import CALM, lower

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.tables.build import build_table
from ablation.report.tables.paper import BOLD, effects_layout, variants_layout
from ablation.report.tables.table import PaperLayout


def layout(comparison: Comparison) -> PaperLayout:
    made = variants_layout(comparison, build_table(comparison).variants.columns)
    assert made == build_table(comparison).variants.paper
    return made


def sized(label: str, parameters: int, macs: int):
    variant = row(label, CALM)
    return replace(variant, runs=tuple(replace(each, parameters=parameters, macs=macs) for each in variant.runs))


def test_equal_numbers_of_seeds_and_amounts_are_no_columns():
    made = layout(compare([row("a", CALM), row("b", lower(0.1))]))
    assert made.columns == ("variant", "metric", "difference", "p_adjusted", "verdict")
    assert made.notes == ("All variants: 335k trainable parameters, 1.21M MACs (multiply-accumulates) per image.",)


def test_amounts_that_differ_by_more_than_a_twentieth_are_columns():
    made = layout(compare([sized("a", 1_000_000, 1_000), sized("b", 1_040_000, 2_000)]))
    assert made.columns[-1] == "macs" and made.notes == ("All variants: 1.00M to 1.04M trainable parameters.",)


def test_numbers_of_seeds_that_differ_or_are_incomplete_are_a_column():
    assert "n" in layout(study()).columns and "diverged" in layout(study()).columns
    assert "n" in layout(compare([row("a", CALM, planned_seeds=6), row("b", CALM, planned_seeds=6)])).columns
    marked = compare([row("a", CALM, diverged=(diverged("a", 5),)), row("b", CALM, diverged=(diverged("b", 5),))])
    assert "n" in layout(marked).columns


def test_of_several_comparisons_only_the_corrected_p_is_shown():
    columns = layout(study()).columns
    assert "p_adjusted" in columns and not {"p", "time", "paired", "correlation", "co_changes"} & set(columns)
    assert "Also changed: -norm with train.learning_rate=0.01." in layout(study()).notes


def test_what_a_sequential_study_needs_stays():
    assert "look" in layout(sequential([row("a", CALM), row("b", lower(0.1))])).columns


def test_only_differences_with_a_verdict_are_bold():
    made = layout(compare([row("a", CALM), row("b", lower(0.1)), row("c", CALM)]))
    assert made.bold == {(1, "difference")} and made.caption == BOLD
    none = layout(compare([row("a", CALM), row("c", CALM)]))
    assert none.bold == frozenset() and none.caption == ""
    assert layout(Comparison(TEST, (row("a", CALM), row("b", lower(0.1))))).bold == frozenset()


def test_the_baseline_stands_apart():
    assert layout(study()).groups == (1,) and layout(Comparison(TEST, (row("a", CALM), row("b", CALM)))).groups == ()
    assert layout(compare([row("a", CALM)])).groups == ()


def test_of_a_factorial_kinds_are_groups_and_variants_have_no_verdict():
    table = build_table(factorial())
    assert table.effects is not None
    made = effects_layout(table.effects.columns)
    kinds = [cell.text for cell in table.effects.columns[0].cells]
    assert made == table.effects.paper and [kinds[row] for row in made.groups] == list(dict.fromkeys(kinds))[1:]
    assert made.bold == {(0, "difference")} and "verdict" not in layout(factorial()).columns


def test_a_variant_without_runs_has_no_amount():
    made = layout(compare([row("a", CALM), replace(row("b", []), runs=())]))
    assert made.notes[0].startswith("All variants: 335k") and run().parameters == 335_114
