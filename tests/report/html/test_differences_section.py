from dataclasses import replace

from support import curves
from support.fake_runs import history
from support.page import COMMAND, SENTENCES, report, shown

from ablation.report.html.charts import interval_bars
from ablation.report.html.differences_section import differences_section
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
    many = replace(study, variants=(base, *(replace(half, label=f"arm{i}") for i in range(interval_bars.LONG + 1))))
    pages = [report(one, [], COMMAND).decode() for one in (many, replace(many, variants=many.variants[:-1]))]
    sections = [page[page.index('<h2 id="differences"') : page.index('<h2 id="metrics"')] for page in pages]
    assert [section.count("effect axis") for section in sections] == [2, 1]
    assert pages[0].index("effect axis top") < pages[0].index('class="thin"') < pages[0].index("effect axis bottom")


def test_the_note_is_the_figures_caption(study):
    table = build_table(study)
    plot = plot_data(study).forest
    section = differences_section(study, table, plot)
    assert plot is not None and section is not None
    assert section.note == " ".join(["Test accuracy of the variant minus that of baseline.", *plot.notes])
    assert [bar.name for bar in section.bars.bars] == ["-half", "-eighth"]
    assert differences_section(study, table, None) is None


def test_the_note_begins_with_why_the_comparison_is_exploratory(study):
    made = replace(study, exploratory=("no study planned this comparison",), disclosures=("The plan was changed.",))
    table = build_table(made)
    section = differences_section(made, table, plot_data(made).forest)
    start = "Exploratory: no study planned this comparison. The plan was changed. Test accuracy of the variant minus"
    assert section is not None and section.note.startswith(start)


def test_supplementary_numbers_never_change_the_verdict(study):
    text = shown(report(study))
    assert "The numbers behind each verdict Verdict: Welch's t-test over seeds, two-sided, with Holm's" in text
    assert "Supplementary, never changing the verdict: Permutation p, Probability of improvement and Hedges’ g." in text


def test_the_test_of_the_note_is_the_one_that_was_used(study):
    variants = []
    for one in study.variants:
        result = one.result and replace(one.result, pair=replace(one.result.pair, paired=True))
        variants.append(replace(one, result=result))
    assert "Verdict: paired t-test over seeds, two-sided" in shown(report(replace(study, variants=tuple(variants))))


def test_the_forest_says_which_interval_it_lists_and_what_the_verdict_is(study):
    text = shown(report(study))
    assert "Difference [95 % CI, Bonferroni] Verdict" in text
    result = study.variant("-half").result
    low, high = (f"{end:+.3f}".replace("-", "−") for end in result.simultaneous)
    assert f"[{low}, {high}] worse" in text


def test_a_row_without_a_verdict_says_why():
    lost = tuple(curves.diverged("b", seed, history(3)) for seed in (7, 8))
    made = curves.comparison(
        curves.variant("a", 4, planned_seeds=4),
        curves.variant("b", 3, 0.95, diverged=lost, planned_seeds=5),
        curves.variant("c", 3, 0.3, planned_seeds=4),
    )
    page = report(made).decode()
    for verdict, detail, name in (
        ("higher where it trained", "(2 of 5 diverged)", "where-trained"),
        ("incomplete", "(1 of 4 runs missing)", "incomplete"),
    ):
        assert f'<span class="outcome">{verdict} <small>{detail}</small></span>' in page
        assert f'<div class="effect {name}" role="listitem">' in page
    assert "only where trained" not in page


def test_a_single_comparison_has_no_correction(study):
    made = replace(study, variants=study.variants[:2], comparisons=1)
    text = shown(report(made))
    assert "two-sided. " in text and "Holm" not in text
