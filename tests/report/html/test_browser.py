"""The page in a real Chromium, where there is one."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from support import curves
from support.page import COMMAND, PAYLOADS, SENTENCES, TOO_WIDE, experiment, hostile, report

from ablation.report.html.page import pages

pytestmark = pytest.mark.integration

DIFFERENCES = 'section[aria-labelledby="differences"]'


def labels(page) -> list[str]:
    return page.locator(".results tbody th").all_inner_texts()


def test_columns_are_sorted_by_click_and_by_key(study, visit):
    page = visit(report(study, SENTENCES, COMMAND))
    before = labels(page)
    heading = page.locator(".results th", has=page.get_by_role("button", name="Test accuracy"))
    means = {row.label: row.arm.mean for row in study.variants}
    heading.locator("button").click()
    assert labels(page) == sorted(before, key=means.get) and heading.get_attribute("aria-sort") == "ascending"
    heading.locator("button").press("Enter")
    assert labels(page) == sorted(before, key=means.get, reverse=True)
    page.locator(".results").get_by_role("button", name="Difference").click()
    assert page.locator(".results th[aria-sort]").count() == 1
    assert labels(page)[:2] == sorted(["-half", "-eighth"], key=lambda name: study.variant(name).result.difference)


def test_the_legend_takes_curves_away_and_brings_them_back(study, visit):
    page = visit(report(study, SENTENCES, COMMAND))
    curves = page.locator('.panels path.line[data-variant="1"]:visible')
    everywhere = page.locator('.panel path.line[data-variant="1"]')
    button = page.get_by_role("button", name="-half", exact=True)
    assert curves.count() == 2 and everywhere.count() == 4  # two charts are folded at first
    button.click()
    assert curves.count() == 0
    assert button.get_attribute("aria-pressed") == "false"
    assert page.locator('.panel path.line[data-variant="0"]').first.is_visible()
    button.press("Space")
    assert curves.count() == 2 and button.get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="none", exact=True).click()
    assert not any(line.is_visible() for line in page.locator(".panel path.line").all())
    page.get_by_role("button", name="all", exact=True).click()
    page.locator("summary", has_text="Training accuracy").click()
    assert all(line.is_visible() for line in page.locator(".panel path.line").all())


def test_pointing_shows_the_values_of_that_epoch(study, visit):
    page = visit(report(study, SENTENCES, COMMAND))
    plot = page.locator(".plot").nth(1)
    box = plot.bounding_box()
    plot.hover(position={"x": box["width"] * 3 / 7, "y": 20})
    tip = plot.locator(".tip")
    text = tip.inner_text()
    values = [run.history["val_accuracy"][3] for run in study.variants[1].runs]
    low, high = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
    assert "Epoch 4" in text and f"{np.mean(values):.3f} [{low:.3f}, {high:.3f}]" in text
    page.get_by_role("button", name="-half", exact=True).click()
    plot.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    assert "Epoch 7" in tip.inner_text() and "-half" not in tip.inner_text() and "baseline" in tip.inner_text()
    page.keyboard.press("Escape")
    assert not tip.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 360, 390, 768, 1440])
def test_nothing_runs_off_the_page(study, visit, width, scheme):
    long = replace(study.variants[1], label="x" * 300, differs={"y" * 300: ("1" * 300, "2" * 300)})
    page = visit(
        report(
            replace(study, variants=(*study.variants, long), question="q" * 200, study="s" * 200), ["w" * 300], COMMAND
        ),
        width,
        scheme,
    )
    for details in page.locator("details").all():
        details.evaluate("one => { one.open = true }")
    assert page.evaluate("document.documentElement.scrollWidth") <= width and page.evaluate(TOO_WIDE) == []
    scrolls = "getComputedStyle(document.querySelector('.scroll:has(.results)')).overflowX"
    assert width > 640 or page.evaluate(scrolls) == "visible"  # its rows are cards there
    dark = page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != "rgb(255, 255, 255)"
    assert dark == (scheme == "dark")


def test_what_is_drawn_can_be_seen_on_its_page(study, visit):
    """Lines have a contrast of at least 2 to the page, light or dark; the palette's orange has 2.2 on white."""
    for scheme in ("light", "dark"):
        page = visit(report(study, SENTENCES, COMMAND), scheme=scheme)
        background = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        for line in page.locator(".panel path.line").all():
            assert contrast(line.evaluate("one => getComputedStyle(one).stroke"), background) > 2


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        shares = [int(n) / 255 for n in re.findall(r"\d+", colour)[:3]]
        linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
        return float(np.dot(linear, (0.2126, 0.7152, 0.0722))) + 0.05

    low, high = sorted((light(one), light(other)))
    return high / low


OF_TEXT = """
() => [...document.querySelectorAll('body *')].filter((one) => {
  const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  return own && one.checkVisibility() && !one.closest('script');
}).map((one) => {
  const style = getComputedStyle(one);
  let behind = one;
  while (behind && getComputedStyle(behind).backgroundColor === 'rgba(0, 0, 0, 0)') behind = behind.parentElement;
  const paper = getComputedStyle(behind ?? document.documentElement).backgroundColor;
  return [one.textContent, one.closest('svg') ? style.fill : style.color, paper];
})
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_can_be_read(study, visit, scheme):
    """WCAG's 4.5, names that are switched off and numbers of refused rows too."""
    several = replace(experiment(study, SENTENCES, COMMAND), folder="one")
    (content,) = pages([several]).values()
    page = visit(content, scheme=scheme)
    assert page.get_by_text("All experiments").is_visible()
    page.locator(".series").nth(1).click()
    page.locator("summary").first.click()
    told = page.evaluate(OF_TEXT)
    assert len(told) > 100
    assert [text for text, colour, paper in told if contrast(colour, paper) < 4.5] == []


WRAPPED = """
() => [...document.querySelectorAll('.took, span.unbroken, .mark, tbody th:not(.long)')].filter((one) => {
  const range = document.createRange();
  range.selectNodeContents(one);
  return range.getBoundingClientRect().height > 1.9 * parseFloat(getComputedStyle(one).fontSize);
}).map((one) => one.textContent)
"""


@pytest.mark.parametrize(("width", "media"), [(1280, "screen"), (390, "screen"), (640, "print")])
def test_short_names_and_numbers_with_a_unit_break_nowhere(study, visit, width, media):
    page = visit(report(study, ["Worse: -quarter, " * 9, "-quarter 95 % " * 9], COMMAND), width)
    page.emulate_media(media=media)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = one.matches('.more') })")
    assert page.evaluate(WRAPPED) == []
    tops = "(one) => ['.seed-number', '.took'].map((part) => one.querySelector(part).getBoundingClientRect().top)"
    assert all(
        abs(first - last) < 9 for first, last in (one.evaluate(tops) for one in page.locator("details.run").all())
    )


def test_the_bars_of_the_forest_stand_over_their_axis(study, visit):
    """Each row has its own drawing: they must have one left and one right edge, the axis's."""
    for width in (1280, 375):
        page = visit(report(study, SENTENCES, COMMAND), width)
        boxes = [svg.bounding_box() for svg in page.locator(f"{DIFFERENCES} :is(.bar, .scale) > svg").all()]
        assert len(boxes) == 3
        assert len({(round(box["x"]), round(box["width"])) for box in boxes}) == 1


def test_print_opens_what_is_folded(study, visit):
    page = visit(report(study, SENTENCES, COMMAND))
    page.emulate_media(media="print")
    assert not page.locator(".all").is_visible()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 0


def test_hostile_texts_run_nothing_and_ask_for_nothing(study, visit):
    """All payloads in every place; 20 at a time on one page, one after another."""
    pages = [hostile(study, "".join(PAYLOADS[i : i + 20])) for i in range(0, 100, 20)]
    elements = set()
    for content in pages:
        page = visit(content)
        assert page.evaluate("window.hit") is None and "hit" != page.title()
        page.locator(".plot").first.hover()  # puts names into the tip
        page.locator(".series").first.click()
        elements.add(json.dumps(page.evaluate("[...document.querySelectorAll('main *')].map(e => e.tagName).sort()")))
    assert len(elements) == 1


def test_runs_of_one_epoch_are_points_that_can_be_seen(visit):
    made = curves.comparison(curves.variant("a", 3, epochs=1), curves.variant("b", 3, 0.6, epochs=1))
    page = visit(report(made))
    for panel in page.locator(".panel:visible").all():
        assert all(point.is_visible() for point in panel.locator(".epoch circle").all())
        assert panel.locator(".epoch circle").count() == 2
    plot = page.locator(".plot").nth(1)
    plot.hover()
    assert "Epoch 1" in plot.locator(".tip").inner_text()


def test_a_marker_stands_at_its_difference(study, visit):
    page = visit(report(study))
    for effect in page.locator(f"{DIFFERENCES} .effect:not(.axis)").all():
        bar, point = effect.locator(".bar").bounding_box(), effect.locator(".point").bounding_box()
        middle = point["x"] + point["width"] / 2
        thick, thin = (effect.locator(f".{name}").bounding_box() for name in ("thick", "thin"))
        for span in (thick, thin):
            assert abs(middle - (span["x"] + span["width"] / 2)) < 2 and bar["x"] < middle < bar["x"] + bar["width"]
        assert thick["x"] < thin["x"] and thick["width"] > thin["width"]


@pytest.mark.parametrize("width", [390, 1280])
def test_what_is_disclosed_and_lost_fits_the_page(study, visit, width):
    """Every main column, an exploratory label and a box of disclosures."""
    base, half, *others = study.variants
    half = replace(half, removed=(), co_changes=())
    pair = replace(half.result.pair, diverged=1)
    withdrawn = replace(half.result, pair=pair, verdict="only where trained", outcome="worse")
    lost = replace(half, diverged=others[-1].diverged, planned_seeds=5, result=withdrawn)
    made = replace(
        study,
        variants=(base, replace(lost, label="-lost"), half, *(replace(one, removed=()) for one in others)),
        exploratory=("--metric val_loss is not that of the plan",),
        disclosures=("The plan was changed on 2026-11-02, after 14 runs under it had ended.",),
    )
    page = visit(report(made, SENTENCES, COMMAND), width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for part in (".exploratory .badge", ".disclosures", ".effect.where-trained .outcome"):
        assert page.locator(part).is_visible()
    verdict = page.locator(".results tr.where-trained .verdict-cell").bounding_box()
    metric = page.locator(".results tr.where-trained .metric").bounding_box()
    difference = page.locator(".results tr.worse .difference").first
    assert width > 640 or difference.evaluate("(one) => getComputedStyle(one).paddingRight") == "0px"
    beside = abs(verdict["y"] - metric["y"]) < 9
    assert beside == (width > 640)
    if width > 640:
        table = page.locator(".results").bounding_box()
        assert table["width"] <= page.locator(".scroll:has(.results)").bounding_box()["width"] + 1


def test_another_metric_takes_the_place_of_the_planned_one_and_the_verdict_stays(study, visit):
    page = visit(report(study, SENTENCES, COMMAND))
    results, judged = page.locator(".results"), study.variants[1].arm.mean
    verdicts = results.locator(".verdict-cell").all_inner_texts()
    metric = results.locator('tr[data-row="1"] .metric')
    before = metric.inner_text()
    assert before.startswith(f"{judged:.3f}") and page.locator(".score:visible").count() == 1
    chooser = page.locator(".chooser select").first
    chooser.select_option(label="Validation loss of the last epoch")
    losses = [run.metrics.value("final", "val_loss") for run in study.variants[1].runs]
    assert metric.inner_text().startswith(f"{np.mean(losses):.2f}"[:3]) and metric.inner_text() != before
    assert results.locator(".metric-heading").inner_text() == "Validation loss of the last epoch"
    assert "Validation loss of the last epoch" in page.locator(".score:visible .axis-label").inner_text()
    told = page.locator(".chosen").first.inner_text()
    assert told == "Differences and verdicts remain those of: Test accuracy of the last weights"
    assert results.locator(".verdict-cell").all_inner_texts() == verdicts
    results.locator(".metric-heading button").click()
    assert labels(page)[0] == "baseline"  # the lowest loss
    page.locator(".chooser select").last.select_option("0")
    assert metric.inner_text() == before and chooser.input_value() == "0"
    assert results.locator(".metric-heading").inner_text() == "Test accuracy"


def test_without_a_script_all_metrics_are_a_table(study, visit):
    page = visit(report(study, SENTENCES, COMMAND), script=False)
    assert not page.locator(".chooser").first.is_visible() and page.locator(".score:visible").count() == 1
    page.locator("summary", has_text="All metrics").click()
    assert page.locator("table.scores").is_visible()
    assert "Validation loss of the best epoch" in page.locator("table.scores thead").inner_text()


NAMELESS = """
() => [...document.querySelectorAll('.results tbody td')].filter((one) => {
  const name = getComputedStyle(one, '::before').content;
  return one.checkVisibility() && one.textContent.trim() && (name === 'none' || name === '""' || name === 'normal');
}).map((one) => one.outerHTML)
"""


def test_on_a_phone_each_value_has_its_name_and_no_heading_stands_alone(study, visit):
    page = visit(report(study, SENTENCES, COMMAND), 390)
    assert page.evaluate(NAMELESS) == []
    assert not any(button.is_visible() for button in page.locator(".results .sort").all())
    select = page.locator(".sort-by select")
    assert select.is_visible()
    select.select_option(label="Test accuracy")
    means = {row.label: row.arm.mean for row in study.variants}
    assert labels(page) == sorted(means, key=means.get)
    desktop = visit(report(study, SENTENCES, COMMAND), 1280)
    assert not desktop.locator(".sort-by").is_visible() and desktop.locator(".results .sort").first.is_visible()


def test_more_variants_than_fit_into_a_panel_have_small_panels(visit):
    made = curves.several(14, seeds=3)
    page = visit(report(made))
    assert page.locator(".facet").count() == 28 and page.locator(".series").count() == 0
    second = page.locator(".facet").nth(15)
    assert second.locator(".name").first.inner_text() == "arm1"
    assert second.locator("path.line.behind").is_visible() and second.locator("path.line.k1").is_visible()
    second.locator(".plot").focus()
    page.keyboard.press("End")
    tip = second.locator(".tip").inner_text()
    assert "Epoch 6" in tip and "arm0" in tip and "arm1" in tip and "arm2" not in tip
    baseline = page.locator(".facet").first
    assert baseline.locator(".behind").count() == 0 and baseline.locator("path.line.k0").is_visible()
    boxes = [one.bounding_box() for one in page.locator(".facets").first.locator(".facet").all()]
    assert len({round(box["width"]) for box in boxes}) == 1 and boxes[1]["y"] == boxes[0]["y"]


@pytest.mark.parametrize("width", [1440, 1920])
def test_tables_and_charts_use_the_screen_and_prose_is_readable(study, visit, width):
    page = visit(report(study, [SENTENCES[0] * 9] * 4, COMMAND), width)
    for part in (".results", f"{DIFFERENCES} .forest", ".panels >> nth=0"):
        assert page.locator(part).bounding_box()["width"] > 0.88 * min(width, 1760)
    for line in page.locator(".findings p, .note").all():
        box = line.bounding_box()
        assert box is None or box["width"] < 900  # some 90 characters


def test_dots_are_where_the_seeds_are(study, visit):
    page = visit(report(study))
    row = page.locator(f"{DIFFERENCES} .effect:not(.axis)").first
    bar, path = row.locator(".bar").bounding_box(), row.locator(".dots").get_attribute("d")
    shares = [int(place) / 2000 for place in re.findall(r"M(\d+) ", path)]
    point, result = row.locator(".point").bounding_box(), study.variants[1].result
    middle = (point["x"] + point["width"] / 2 - bar["x"]) / bar["width"]
    assert len(shares) == len(result.arm.array) and np.mean(shares) == pytest.approx(middle, abs=0.005)
    assert row.locator(".dots").evaluate("one => getComputedStyle(one).strokeLinecap") == "round"


def test_a_run_shows_its_configuration(study, visit):
    page = visit(report(study))
    runs = page.locator(".variant").nth(1)
    assert runs.locator(".configuration summary").inner_text().endswith("settings")
    runs.locator("details.run summary").first.click()
    assert "model.width=8, seed=0" in runs.locator("details.run dl").first.inner_text()
    runs.locator(".configuration summary").click()
    settings = runs.locator(".settings li").all_inner_texts()
    assert settings[0] == "model.width = 8" and "train.epochs = 12" in settings
