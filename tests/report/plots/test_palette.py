from ablation.report.plots import palette
from ablation.report.plots.forest_data import BASELINE
from ablation.report.plots.plot_data import CostPoint, Series
from ablation.statistics.verdict import BETTER, EQUIVALENT, INCOMPLETE, INCONCLUSIVE, TOO_FEW, WHERE_TRAINED, WORSE

TOGETHER = 12  # variants that share a panel


def test_variants_that_share_a_panel_look_different():
    series = [Series(i, f"{i}", baseline=i == 0) for i in range(TOGETHER)]
    styles = palette.line_styles(series, marked=True)
    assert len({(style.colour, style.dashes) for style in styles}) == TOGETHER
    assert len({(style.marker, style.dashes) for style in styles}) == TOGETHER  # in greyscale too
    assert styles[0].colour == palette.BLACK and palette.BLACK not in {style.colour for style in styles[1:]}


def test_variants_keep_their_colours_whether_or_not_there_is_a_baseline():
    with_baseline = palette.line_styles([Series(0, "base", baseline=True), Series(1, "a"), Series(2, "b")])
    assert with_baseline[1:] == palette.line_styles([Series(1, "a"), Series(2, "b")])


def test_colour_shape_and_fill_tell_verdicts_apart():
    styles = [palette.verdict_style(verdict) for verdict in (BETTER, WORSE, EQUIVALENT, INCONCLUSIVE)]
    assert len({style.colour for style in styles}) == len({(style.shape, style.filled) for style in styles}) == 4
    for verdict in (TOO_FEW, INCOMPLETE, WHERE_TRAINED):
        style = palette.verdict_style(verdict)
        assert not style.filled and style.colour in (palette.GREY, palette.LIGHT_GREY), verdict
    names = [style.name for style in palette.VERDICT_STYLES.values()]
    assert len(set(names)) == len(names)
    assert palette.verdict_style("") == palette.verdict_style(INCONCLUSIVE)


def test_points_of_costs_have_the_style_of_their_verdict():
    base, worse, plain = (
        CostPoint(0, "a", 1, 1, outcome=BASELINE),
        CostPoint(1, "b", 1, 1, outcome=WORSE),
        CostPoint(2, "c", 1, 1),
    )
    assert palette.verdict_style(base.outcome).colour == palette.BLACK
    assert palette.verdict_style(worse.outcome).shape == "down"
    assert palette.verdict_style(plain.outcome).filled
    lost = CostPoint(3, "d", 1, 1, outcome=WHERE_TRAINED)
    assert list(palette.verdict_names([worse, plain, lost, base])) == [
        "baseline",
        WORSE,
        "not compared",
        "runs diverged",
    ]
