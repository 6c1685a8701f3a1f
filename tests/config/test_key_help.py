"""Help and hints: examples that are usual and allowed, and paragraphs for keys that are unknown or not to delete."""

import pytest

from ablation.config import key_help, schema
from ablation.config.keys import keys_of
from ablation.config.validation import _within

PATHS = [key.name for key in keys_of(schema.Config)]
PATHS += [f"{group}.{key.name}" for group, keys in schema.GROUPS.items() for key in keys_of(keys)]


@pytest.mark.parametrize("path", PATHS)
def test_every_key_has_an_example_that_it_allows(path):
    key = key_help.key_at(path)
    example = key_help.example(path)
    assert example not in ("…", "null", "???", "[]", "")
    if key.limits.choices is not None:
        assert example in [str(choice).lower() for choice in key.limits.choices]
    value = key_help.EXAMPLES.get(path, key.default)
    for number in value if isinstance(value, list) else [value]:
        assert isinstance(number, str | bool) or _within(number, key.limits)


def test_examples_are_of_keys_without_a_default():
    for path in key_help.EXAMPLES:
        key = key_help.key_at(path)
        assert key is not None and key.default in (None, "???", []), path


def test_a_key_is_found_by_its_path():
    assert key_help.key_at("model.width").name == "width" and key_help.key_at("seed").default == 0
    assert key_help.key_at("modle.width") is key_help.key_at("model.widht") is key_help.key_at("sede") is None
    assert key_help.example("nope") == "…" and key_help.example("model.norm") == "batch"


def test_a_group_is_deleted_by_no_word():
    text = key_help.cannot_delete_group("~model=resnt34", "model", ["plain18", "resnet34"])
    assert "Received ~model=resnt34" in text and text.endswith("Type for example model=resnet34")
    assert key_help.cannot_delete("hydra.job").endswith("Leave ~hydra.job out")


def test_a_study_without_a_plus_gets_the_nearest_name():
    assert key_help.study_without_plus("study=quikstart", ["a", "quickstart"]).endswith("ablate -m +study=quickstart")
    assert key_help.study_without_plus("study=x", []).endswith("ablate -m +study=NAME")


def test_help_has_a_line_for_each_key():
    config = {**vars(schema.Config()), "model": vars(schema.Model()), "data": vars(schema.Data())}
    lines = key_help.help_on_keys({**config, "train": vars(schema.Train())}).splitlines()
    assert any(line.startswith("train.beta_1=0.9 ") and "Adam beta1" in line for line in lines)
    for group in ("model", "data", "train"):
        for key in key_help.keys(group):
            assert any(line.startswith(f"{group}.{key}=") for line in lines)


def test_an_unknown_key_is_answered_with_the_nearest():
    assert key_help.unknown_key("model.widht").endswith("Type for example model.width=")
    assert "keys of model, data, train" in key_help.unknown_key("modle.width")
