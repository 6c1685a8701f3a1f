"""The runs of many configs, with one look at each data set."""

from dataclasses import replace

import pytest
from support.fake_runs import config

from ablation import data
from ablation.errors import AblateError
from ablation.run import place
from ablation.run.locator import RunLocator, say_caching_problem


@pytest.fixture
def looks(monkeypatch):
    """The names of the data sets that were looked at; one called `gone` is missing."""
    names = []

    def prepare(cfg, reporter):
        names.append(cfg.name)
        if cfg.name == "gone":
            raise AblateError("it is not there")
        return {"digest": cfg.name}

    monkeypatch.setattr(data, "prepare", prepare)
    return names


def test_each_data_set_is_looked_at_once(looks):
    locate, cfg = RunLocator(), config()
    other = replace(cfg, data=replace(cfg.data, limit=10))
    located = [locate(each) for each in (cfg, replace(cfg, seed=1), other, cfg)]
    assert looks == ["digits", "digits"] and located[0] == located[3] and located[0] != located[1]
    assert located[0].where == place.locate(cfg, {"digest": "digits"}) and located[0].problem is None


def test_a_run_whose_data_is_missing_has_a_place_and_the_reason(looks):
    locate, cfg = RunLocator(), config()
    gone = replace(cfg, data=replace(cfg.data, name="gone"))
    located = [locate(each) for each in (gone, replace(gone, seed=1))]
    assert looks == ["gone"] and [each.problem for each in located] == ["it is not there"] * 2
    assert located[0].where != located[1].where


@pytest.mark.parametrize(("problem", "lines"), [("the disk is full", 1), (None, 0)])
def test_that_images_cannot_be_cached_is_said_once(monkeypatch, capsys, problem, lines):
    monkeypatch.setattr(data, "caching_problem", lambda: problem)
    say_caching_problem.cache_clear()
    for _ in range(3):
        say_caching_problem()
    say_caching_problem.cache_clear()
    printed = capsys.readouterr().out
    assert printed.count("\n") == printed.count("because the disk is full") == printed.count("XDG_CACHE_HOME") == lines
