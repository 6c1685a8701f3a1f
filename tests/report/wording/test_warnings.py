"""What stops a comparison, and what to know of one."""

from dataclasses import replace

from support.comparisons import compare, diverged, row, study

from ablation.comparison.analysis.comparison import Comparability, Comparison, Difference
from ablation.report.wording import warnings


def not_comparable(*differences: Difference) -> Comparability:
    return Comparability(differences)


def test_a_variant_that_is_not_comparable_says_why():
    assert list(warnings.not_comparable_sentences(study().variants)) == [
        "Not comparable: -data also differs from baseline in data.digest (99ee88ff, not 0a1b2c3d) and steps (320, not "
        "640)."
    ]


def test_equal_reasons_are_one_sentence_and_many_values_are_left_to_the_table():
    def variants(values):
        rows = [
            row(f"bad{i}", [0.5], comparability=not_comparable(Difference("steps", "1", value)))
            for i, value in enumerate(values)
        ]
        return compare([row("baseline", [0.9]), *rows]).variants

    assert list(warnings.not_comparable_sentences(variants("22"))) == [
        "Not comparable: bad0 and bad1 also differ from baseline in steps (2, not 1)."
    ]
    assert list(warnings.not_comparable_sentences(variants("2345678"))) == [
        "Not comparable: bad0, bad1, bad2, bad3, bad4, bad5 and 1 more also differ from baseline in steps."
    ]


def test_of_very_many_reasons_the_rest_is_counted():
    rows = [row(f"bad{i}", [0.5], comparability=not_comparable(Difference(f"k{i}", "1", "2"))) for i in range(9)]
    found = list(warnings.not_comparable_sentences(compare([row("baseline", [0.9]), *rows]).variants))
    assert len(found) == 7 and found[-1] == "Not comparable: 3 more variants; the table gives the reasons."


def with_diagnostics(texts: dict[str, str]) -> Comparison:
    comparison = compare([row("baseline", [0.9, 0.91, 0.92]), *(row(label, [0.8, 0.82, 0.81]) for label in texts)])
    variants = []
    for variant in comparison.variants:
        result = variant.result and replace(variant.result, diagnostics=(texts[variant.label],))
        variants.append(replace(variant, result=result))
    return replace(comparison, variants=tuple(variants))


def test_few_warnings_are_written_in_full():
    comparison = with_diagnostics({"a": "seed 1 of a lies far", "b": "seed 2 of b lies far"})
    assert warnings.warning_sentences(comparison) == [
        "Warning: seed 1 of a lies far.",
        "Warning: seed 2 of b lies far.",
    ]


def test_many_warnings_of_one_kind_are_merged():
    comparison = with_diagnostics({label: f"seed {i} of {label} lies far" for i, label in enumerate("abcd")})
    assert warnings.warning_sentences(comparison) == ["Warning: seed 0 of a lies far; similarly for b, c and d."]


def test_the_kind_of_a_warning_has_no_label_and_no_number():
    result = compare([row("a", [0.9] * 3), row("a b", [0.8, 0.9, 0.7])]).variants[1].result
    assert warnings.warning_kind("seed 17 of a b is 3.5e-2 times that of a", result) == (
        "seed 0 of variant is 0 times that of reference"
    )


def test_diverged_runs_and_warnings_of_the_whole_are_said():
    lost = row("b", [0.8, 0.7], diverged=(diverged("b", 3), diverged("b", 4)))
    comparison = compare([row("a", [0.9, 0.8]), lost], warnings=("Other studies are here too.",))
    assert warnings.warning_sentences(comparison) == [
        "Warning: diverged runs are excluded from all means: 2 of b.",
        "Other studies are here too.",
    ]


def test_other_differences_are_a_note_without_consequence():
    assert list(warnings.informational_sentences(study())) == [
        "Note: runs also differ in hardware.cpu, which does not affect the comparison."
    ]
    assert list(warnings.informational_sentences(compare([row("a", [0.9]), row("b", [0.8])]))) == []
