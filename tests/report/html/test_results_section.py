from dataclasses import replace

from support import comparisons, curves
from support.page import COMMAND, report, shown

from ablation.report.html.results_section import results_section
from ablation.report.tables import markdown
from ablation.report.wording import findings


def test_what_a_label_says_is_no_column_of_its_own(study):
    removed = [row for row in study.variants if row.removed]
    assert [row.label for row in removed] == ["-half", "-quarter"] and "Removed" not in shown(report(study, [], []))
    base, half, *others = study.variants
    assert "Removed" in shown(report(replace(study, variants=(base, replace(half, removed=("it",)), *others)), [], []))


def test_every_verdict_that_rests_on_normal_noise_says_so():
    """As in the other tables: also that a difference cannot be told, or does not matter."""
    rows = [
        comparisons.row(name, values) for name, values in (("baseline", [0.9, 0.91, 0.92]), ("-a", [0.9, 0.92, 0.94]))
    ]
    for margin, verdict in ((None, "inconclusive"), (0.5, "equivalent")):
        made = comparisons.compare(rows, margin)
        assert made.variants[1].result.verdict == verdict and f"{verdict}†" in markdown.markdown(made)
        assert "under normal noise, for so few runs" in " ".join(findings.sentences(made))
        bare = replace(made, variants=tuple(replace(row, runs=()) for row in made.variants))
        assert "Verdicts assume normally distributed seed noise." in shown(report(bare, [], COMMAND))


def test_the_caption_explains_the_columns_that_there_are():
    text = results_section(comparisons.study()).caption
    assert "Test accuracy: mean ± half-width of the 95 % CI over seeds; higher is better." in text
    assert "Difference: from baseline, with Welch’s 95 % CI." in text


def test_without_a_comparison_the_caption_mentions_no_difference():
    section = results_section(curves.several(2, baseline=False))
    assert "Difference" not in section.caption and section.metric == "Test accuracy" and len(section.rows) == 2
    one = results_section(curves.several(2, seeds=1))
    assert "±" not in one.caption
