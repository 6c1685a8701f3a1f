"""The shipped recipe of each run, where it says in fewer words how recipes differ."""

import pytest
from support.sweeps import grid, variants

from ablation.comparison.labels import recipe_files as module
from ablation.comparison.labels.recipe_files import recipe_files

BOTH = grid({"train": ["sgd", "sgd_cosine"]})


def files_of(settings, varying=("train.a", "train.b", "train.c", "train.d")):
    return recipe_files([run.config for run in variants(settings)], varying)


def test_runs_have_the_recipe_whose_values_they_have():
    found = files_of(grid({"train": ["quickstart", "sgd", "sgd_he2015"]}))
    assert (found.names, found.changed) == (("quickstart", "sgd", "sgd_he2015"), frozenset())


def test_what_was_changed_in_all_runs_counts_as_a_word():
    changed = {"train.epochs": 3, "train.batch_size": 5}
    settings = [{**each, **changed} for each in BOTH]
    assert files_of(settings, ["a", "b", "c", "d"]).changed == changed.keys()
    assert files_of(settings, ["a", "b", "c"]) is None


@pytest.mark.parametrize("varying", [[], ["train.a"]])
def test_one_key_says_more_than_a_file(varying):
    assert files_of(BOTH, varying) is None


def test_a_key_without_effect_is_no_change():
    settings = [{"train": "sgd", "train.momentum_form": "torch"}, {"train": "sgd_cosine", "train.xla": True}]
    assert files_of([{**each, "backend": "jax"} for each in settings]).changed == frozenset()


def test_without_shipped_files_there_is_no_recipe(monkeypatch):
    monkeypatch.setattr(module, "group_files", lambda group: {})
    assert files_of(BOTH) is None
