"""The numbers behind each verdict, as the page lists them."""

from dataclasses import replace

from support import comparisons, curves
from support.page import report, shown

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.html.verdict_numbers import verdict_numbers
from ablation.report.tables.build import build_table
from ablation.statistics import sequential
from ablation.statistics.pair import Pair


def facts(comparison: Comparison, label: str) -> dict[str, str]:
    numbers = {each.label: each.facts for each in verdict_numbers(comparison, build_table(comparison))}
    return {fact.name: fact.text for fact in numbers[label]}


def interval(ends: tuple[float, float]) -> str:
    low, high = (f"{end:+.3f}".replace("-", "−") for end in ends)
    return f"[{low}, {high}]"


def test_every_interval_and_p_of_a_comparison_is_listed():
    study = comparisons.study()
    result = study.variant("-shortcut").result
    found = facts(study, "-shortcut")
    assert result is not None and result.paired is not None
    assert found["Test"] == "Welch's t-test over seeds, 5 against 5 runs"
    assert found["Difference"] == "−0.405"
    assert found["95 % CI, this difference alone"] == interval(result.interval) == "[−0.418, −0.392]"
    assert found["95 % CI, 7 comparisons (Bonferroni)"] == interval(result.simultaneous)
    assert found["90 % CI (TOST)"] == interval(result.equivalence_interval)
    for name, p in (("p", result.p), ("p after Holm", result.p_holm)):
        assert found[name] == f"{p:.1g}".replace("-", "−")
    assert found["p of TOST after Holm"] == "1.000"
    assert found["Paired by seed, 95 % CI"] == f"−0.405 {interval(result.paired.interval)}"
    assert found["Correlation over seeds, r"] == f"{result.paired.correlation:.2f}".replace("-", "−")
    assert "Permutation p" in found and "Look" not in found and "Diverged" not in found


def test_without_a_margin_or_other_comparisons_less_is_listed():
    rows = [comparisons.row("a", [0.9, 0.91, 0.92]), comparisons.row("b", [0.8, 0.82, 0.81])]
    names = set(facts(comparisons.compare(rows), "b"))
    assert "p" in names and "p after Holm" not in names
    assert "90 % CI" in names and not any("TOST" in name or "Bonferroni" in name for name in names)


def test_diverged_runs_have_rates_and_a_p():
    assert facts(comparisons.study(), "-norm")["Diverged"] == "2 of 5 and 0 of 5 of baseline (Fisher's p = 0.444)"


def test_missing_runs_are_listed_on_either_side():
    study = comparisons.study()
    assert facts(study, "-augment")["Missing"] == "3 of 5 runs missing"
    assert facts(study, "-dropout") == {"Missing": "5 of 5 runs missing"}
    base, *others = study.variants
    found = facts(replace(study, variants=(replace(base, missing=1), *others)), "-shortcut")
    assert found["Missing of baseline"] == "1 of 5 runs missing"


def test_an_inconclusive_variant_has_the_seeds_that_it_needs():
    values = [[0.9, 0.91, 0.92, 0.9], [0.9, 0.93, 0.9, 0.89]]
    made = comparisons.compare([comparisons.row(name, row) for name, row in zip("ab", values, strict=True)], 0.01)
    assert made.variants[1].result is not None and made.variants[1].result.verdict == "inconclusive"
    assert " to detect 0.010 with 80 % power" in facts(made, "b")["Seeds needed"]
    assert "Seeds needed" not in facts(comparisons.study(), "-shortcut")


def test_a_sequential_study_has_its_look_and_repeated_intervals():
    values = {"a": [0.9, 0.91, 0.92, 0.905], "b": [0.5, 0.52, 0.51, 0.515]}
    rows = [comparisons.row(label, row) for label, row in values.items()]
    made = comparisons.compare(rows)
    base, other = made.variants
    (result,) = sequential.judge([Pair(other.arm, base.arm, paired=True)], sequential.Design(6, 1))
    made = replace(made, variants=(base, replace(other, result=result)), max_seeds=6)
    found = facts(made, "b")
    assert result.look is not None
    assert found["Look"] == f"3 seeds, nominal level {result.look.level:.3f}, p = {result.look.p:.1g}"
    assert found["Test"] == "paired t-test over seeds, 3 pairs" and "p after Holm" not in found
    assert found["Repeated 95 % CI, this difference alone"] == interval(result.interval)


def test_the_page_shows_them():
    made = curves.comparison(curves.variant("a", 4), curves.variant("b", 4, 0.7), curves.variant("c", 4))
    text = shown(report(made))
    result = made.variants[1].result
    assert result is not None
    assert f"95 % CI, 2 comparisons (Bonferroni) {interval(result.simultaneous)} 90 % CI" in text
