"""The index page of several experiments."""

import re
from pathlib import Path

import pytest
from support.comparisons import compare, factorial, row, study
from support.page import TOO_WIDE
from support.payloads import PAYLOADS

from ablation.comparison.experiments.experiment import Experiment, Experiments
from ablation.comparison.reading.load import Loaded
from ablation.report.html import template_engine
from ablation.report.html.index_page import index_page
from ablation.report.overview.experiments import Compared, NotCompared, Overview
from ablation.report.tables.build import build_table


def experiment(name: str) -> Experiment:
    empty = Loaded([], [], [], [])
    return Experiment(name, empty, empty)


def overview(*comparisons, names=("one", "two", "three", "four"), unplaced=(), waiting=()) -> Overview:
    items = []
    for name, comparison in zip(names, comparisons, strict=False):
        items.append(Compared(experiment(name), comparison, build_table(comparison), ("A finding.",), name))
    items += [NotCompared(experiment(name), "No run has completed so far.") for name in waiting]
    return Overview(tuple(items), Experiments(tuple(item.experiment for item in items), tuple(unplaced)))


def text(page: bytes) -> str:
    return re.sub(r"<[^>]+>", " ", page.decode().split("<main>")[1])


def test_each_experiment_has_a_section_with_a_link_to_its_page():
    page = index_page(overview(study(), factorial()), ["ablate-compare", "outputs"]).decode()
    assert page.count('<section class="experiment"') == 2
    assert page.count('href="one/report.html"') == 2 == page.count('href="two/report.html"')
    assert "Which part of a residual network carries it?" in page and "ablate-compare outputs" in page


def test_what_has_no_result_and_what_cannot_be_read_is_listed():
    page = index_page(overview(study(), waiting=["begun"], unplaced=[(Path("x/y"), "run.json is not JSON")]), [])
    assert "No run has completed so far." in text(page) and "x/y" in text(page) and "run.json is not JSON" in text(page)


def test_what_must_stand_beside_a_verdict_stands_there():
    rows = [row("baseline", [0.9, 0.91, 0.92]), row("-a", [0.5, 0.51, 0.52])]
    made = compare(rows, exploratory=("no plan",), disclosures=("2 runs were deleted.",))
    page = text(index_page(overview(made), []))
    assert "Exploratory: no plan." in page and "2 runs were deleted." in page


def test_its_style_is_allowed_by_its_hash_and_equal_input_gives_equal_bytes():
    page = index_page(overview(study()), [])
    style = page.decode().split("<style>")[1].split("</style>")[0]
    assert template_engine.csp_hash(style) in page.decode() and page == index_page(overview(study()), [])


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_name_is_escaped(payload):
    page = index_page(overview(study(), names=(payload,)), []).decode().split("<main>")[1]
    if "<" in payload and payload.isprintable():
        assert page.count(payload) == index_page(overview(study()), []).decode().count(payload)


@pytest.mark.integration
@pytest.mark.parametrize("width", [360, 390, 768, 1440])
def test_nothing_runs_off_the_page(visit, width):
    """Tables are cards on a phone, with the name of each value."""
    named = compare([row("baseline", [0.9, 0.91, 0.92]), row("-a_component_" * 3, [0.5, 0.51, 0.52])])
    page = visit(index_page(overview(study(), factorial(), named), ["ablate-compare", "outputs"]), width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width and page.evaluate(TOO_WIDE) == []
    name = "getComputedStyle(document.querySelector('.compact td.number'), '::before').content"
    assert (page.evaluate(name) == '"n"') == (width < 640)


@pytest.mark.parametrize(("rows", "said"), [(13, "and 1 more row on its page"), (14, "and 2 more rows on its page")])
def test_what_stands_on_the_page_alone_is_counted(rows, said):
    made = compare([row(f"v{number}", [0.9, 0.91, 0.92]) for number in range(rows)])
    assert said in text(index_page(overview(made), []))
