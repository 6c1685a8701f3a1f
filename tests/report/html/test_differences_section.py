from dataclasses import replace

from support.page import COMMAND, SENTENCES, report, shown

from ablation.report.html import forest_bars
from ablation.report.html.differences_section import differences_section
from ablation.report.html.results_section import results_section
from ablation.report.plots.build import plot_data
from ablation.report.tables.build import build_table


def test_a_column_without_a_number_is_not_there(study):
    text = shown(report(study, SENTENCES, COMMAND))
    assert "Paired by seed" in text and "Paired test over images" not in text
    base, half, *others = study.variants
    alone = replace(half, result=replace(half.result, paired=None))
    assert "Paired by seed" not in shown(report(replace(study, variants=(base, alone)), SENTENCES, COMMAND))


def test_a_long_forest_has_its_axis_above_it_too(study):
    base, half, *_ = study.variants
    many = replace(study, variants=(base, *(replace(half, label=f"arm{i}") for i in range(forest_bars.LONG + 1))))
    pages = [report(one, [], COMMAND).decode() for one in (many, replace(many, variants=many.variants[:-1]))]
    assert [page.count("effect axis") for page in pages] == [2, 1]
    assert pages[0].index("effect axis top") < pages[0].index('class="span"') < pages[0].index("effect axis bottom")


def test_the_note_is_the_figures_caption(study):
    table = build_table(study)
    results = results_section(study, table)
    plot = plot_data(study).forest
    section = differences_section(study, table, plot, results.rows)
    assert plot is not None and section is not None
    assert section.note == " ".join(["Test accuracy of the variant minus that of baseline.", *plot.notes])
    assert [row.label for row in section.rows] == ["-half", "-eighth"]
    assert differences_section(study, table, None, results.rows) is None


def test_supplementary_numbers_never_change_the_verdict(study):
    text = shown(report(study))
    assert "The numbers behind each verdict Verdict: Welch’s t-test over seeds, two-sided" in text
    assert "The other columns are supplementary and never change the verdict." in text
