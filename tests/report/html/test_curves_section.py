from dataclasses import replace

from support import curves
from support.comparisons import by_variant
from support.fake_runs import config, history, write
from support.page import COMMAND, report, shown

from ablation.comparison.analysis import time_to_threshold
from ablation.report.html import variant_selection
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
    assert all(item.shown for item in section.legend) and not section.hidden and not section.in_columns
    page = report(study).decode()
    dashes = section.styles[1].dashes
    assert page.count('class="line k0"') == 2 and page.count(f'stroke-dasharray="{dashes}" d=') == 2


def test_without_an_epoch_there_are_no_curves():
    lost = curves.of_runs("a", diverged=(curves.diverged("a", 0, []),))
    made = curves.comparison(lost, baseline=False)
    assert curves_section(made, plot_data(made).overlay) is None
    assert curves_section(made, None) is None
