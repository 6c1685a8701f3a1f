from dataclasses import replace

from support import curves
from support.comparisons import by_variant
from support.fake_runs import config, history, write
from support.page import COMMAND, report, shown

from ablation.comparison.analysis import time_to_threshold
from ablation.report.html.charts import variant_selection
from ablation.report.html.curves_section import curves_section
from ablation.report.plots.build import plot_data


def test_the_page_says_which_of_many_curves_are_drawn(tmp_path, monkeypatch):
    for width in (4, 8, 16):
        write(tmp_path, config(**{"model.width": width}), history(2))
    made = by_variant(tmp_path)
    monkeypatch.setattr(variant_selection, "MAX_DRAWN", 2)
    said = "The curves show the baseline and the variants that differ most, 2 in all; 1 more are in the table."
    assert said in shown(report(made, [], COMMAND))
    alone = replace(
        made, baseline=None, variants=tuple(replace(row, result=None, reference=None) for row in made.variants)
    )
    assert "The curves show the first 2 variants; 1 more are in the table." in shown(report(alone, [], COMMAND))


def test_of_one_seed_each_no_mean_interval_or_band_is_said_to_be_there(tmp_path):
    for seeds, wanted in ((1, (False, False, True)), (2, (True, False, False)), (3, (True, True, False))):
        for width in (4, 8):
            write(tmp_path, config(seed=seeds, **{"model.width": width}), history(2, 0.8 + seeds / 100))
        text = shown(report(by_variant(tmp_path), [], COMMAND))
        assert ("Mean ± half the width of its 95 % CI" in text, "Band:" in text, "One seed each." in text) == wanted


def test_the_caption_is_the_figures(study):
    plot = plot_data(time_to_threshold.reach(study, "0.95", "epoch")).overlay
    section = curves_section(study, plot)
    assert plot is not None and section is not None and section.note == " ".join(plot.notes)
    page = report(time_to_threshold.reach(study, "0.95", "epoch"))
    assert page.count(b'class="threshold"') == 1 and "Dashed: the threshold of 0.95." in shown(page)
    assert "Dashed" not in shown(report(study))


def test_curves_have_the_x_axis_that_was_asked_for(study):
    text = shown(report(study, x_axis="step"))
    assert " Step " in text and " Epoch " not in text


def test_each_curve_has_a_button_and_its_style(study):
    section = curves_section(study, plot_data(study).overlay)
    assert section is not None
    assert [item.label for item in section.legend] == [variant.label for variant in study.variants]
    assert section.together and section.names[1] == "-half" and section.baseline == 0
    page = report(study).decode()
    dashes = section.styles[1].dashes
    assert page.count('class="line k0"') == 4 and page.count(f'stroke-dasharray="{dashes}" d=') == 4


def test_without_an_epoch_there_are_no_curves():
    lost = curves.of_runs("a", diverged=(curves.diverged("a", 0, []),))
    made = curves.comparison(lost, baseline=False)
    assert curves_section(made, plot_data(made).overlay) is None
    assert curves_section(made, None) is None


def test_more_variants_than_share_a_panel_have_small_panels():
    together, apart = curves.several(12), curves.several(13)
    section = curves_section(together, plot_data(together).overlay, plot_data(together).further_curves)
    assert section is not None and section.together and section.charts[0].label_room > 0
    page = report(apart).decode()
    section = curves_section(apart, plot_data(apart).overlay, plot_data(apart).further_curves)
    assert section is not None and not section.together and section.further == () and not section.faint
    assert "Grey: the baseline." in section.note and section.charts[0].label_room == 0
    assert page.count('class="facet k1"') == 24 and page.count('class="facet k0"') == 2
    assert page.count('class="line behind"') == 24 and 'class="series"' not in page
    alone = curves.several(13, baseline=False)
    assert 'class="line behind"' not in report(alone).decode()


def test_single_epochs_stand_in_the_middle_of_small_panels():
    made = curves.comparison(*(curves.variant(f"arm{i}", 3, epochs=1) for i in range(13)))
    section = curves_section(made, plot_data(made).overlay)
    assert section is not None
    assert {curve.point.x for curve in section.charts[0].curves if curve.point} == {50.0}


def test_the_other_losses_and_accuracies_are_folded(study):
    plots = plot_data(study)
    section = curves_section(study, plots.overlay, plots.further_curves)
    assert section is not None and section.further_title == "Training accuracy and validation loss"
    assert [chart.title for chart in section.further] == ["Training accuracy", "Validation loss"]
    assert len(section.readings) == 4 and curves_section(study, plots.overlay).further == ()
    page = report(study).decode()
    assert [f'data-reading="{i}"' in page for i in range(5)] == [True] * 4 + [False]


def test_a_log_axis_is_said_to_be_one():
    steep = curves.of_runs("a", curves.run(rows=history(6, 0.9, 0.001)))
    section = curves_section(
        curves.comparison(steep, baseline=False), curves.overlay(curves.comparison(steep, baseline=False))
    )
    assert section is not None
    assert [chart.title for chart in section.charts] == ["Training loss (log scale)", "Validation accuracy"]
