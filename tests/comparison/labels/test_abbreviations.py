"""Abbreviations of keys: short, and unlike any other key."""

from pathlib import Path

from ablation.comparison.labels.abbreviations import ABBREVIATIONS
from ablation.config.fingerprint import WITHIN_VARIANT
from ablation.config.schema import DEFAULTS

LONGEST = 5  # characters, so that four settings fit into a label


def test_each_key_that_labels_may_show_has_a_short_name():
    short = {key: ABBREVIATIONS.get(key, key.rpartition(".")[2]) for key in DEFAULTS.keys() - WITHIN_VARIANT}
    assert not [name for name in short.values() if len(name) > LONGEST]
    assert len(set(short.values())) == len(short)


def test_an_abbreviation_is_of_a_key_and_is_no_other_key():
    assert ABBREVIATIONS.keys() <= DEFAULTS.keys()
    names = {key.rpartition(".")[2] for key in DEFAULTS} | {"network", "digest", "data", "train"}
    assert not names & set(ABBREVIATIONS.values())
    assert all(len(short) < len(key.rpartition(".")[2]) for key, short in ABBREVIATIONS.items())


def test_the_documentation_lists_all_abbreviations():
    text = " ".join((Path(__file__).parents[3] / "docs" / "comparison.md").read_text().split())
    assert ", ".join(f"`{short}` {key.rpartition('.')[2]}" for key, short in ABBREVIATIONS.items()) in text
