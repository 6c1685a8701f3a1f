"""A comparison within another page: its style reaches nothing else."""

import re

import pytest
from support.fake_runs import sweep

from ablation.cli.compare.arguments import CompareArguments
from ablation.cli.compare.compared import compare_one
from ablation.comparison.experiments.grouping import find
from ablation.comparison.reading.load import load
from ablation.report.html import notebook
from ablation.report.plots.palette import DARK_SHADES, LIGHT_SHADES


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    folder = tmp_path_factory.mktemp("outputs")
    sweep(folder, {"plain34": 0.5, "resnet34": 0.9})
    item = compare_one(find(load([folder])).found[0], CompareArguments([], baseline="resnet34"))
    return notebook.comparison_html(item, item.sentences)


def test_every_rule_is_for_this_fragment_alone(html):
    (style,) = re.findall("<style>(.*?)</style>", html, re.DOTALL)
    rules = re.findall(r"([^{}]+)\{[^{}]*\}", style)
    assert len(rules) > 10 and all(".ablate-comparison" in rule for rule in rules)
    assert all(shade.text in style for shades in (LIGHT_SHADES, DARK_SHADES) for shade in shades.values())
    assert "/*" not in style and "http" not in html and "<script" not in html


def test_rows_have_the_marks_of_their_verdicts(html):
    assert '<span class="mark worse"><span aria-hidden="true">▼</span> worse</span>' in html
    assert '<span class="mark baseline">baseline</span>' in html
    assert html.count('<th scope="row">') == 2


def test_no_sentence_stands_twice(html):
    for sentence in ("Exploratory: no study planned", "this assumes normally distributed noise"):
        assert html.count(sentence) == 1


def test_long_tables_are_cut(html, monkeypatch, tmp_path):
    sweep(tmp_path, {"plain34": 0.5, "resnet34": 0.9})
    monkeypatch.setattr(notebook, "MAX_ROWS", 1)
    item = compare_one(find(load([tmp_path])).found[0], CompareArguments([]))
    assert "and 1 more rows in frame()" in notebook.comparison_html(item, item.sentences)
