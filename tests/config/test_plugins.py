"""Plugin files as they are read, without being run; help on keys."""

import hashlib
from pathlib import Path

import pytest

from ablation.config import key_help, plugins
from ablation.config.schema import Config, Data, Model, Train
from ablation.errors import AblateError


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("NORMS = {'mine': max}\nBLOCKS = {'ghost': min}\n")
    return str(path)


def test_names_are_read_from_the_text(file):
    assert plugins.names([file]) == {"model.norm": ["mine"], "model.block": ["ghost"]}


def test_a_file_counts_where_a_part_of_it_is_used(file):
    content = Path(file).read_bytes()
    assert plugins.digests([file], {"model.norm": "mine"}) == [hashlib.sha256(content).hexdigest()]
    assert plugins.digests([file], {"model.norm": "batch"}) == []


def test_a_registry_has_the_parts_of_what_it_took(file):
    registry = plugins.Registry()
    registry.take(file)
    assert dict(registry.parts("NORMS")) == {"mine": max} and not registry.parts("AUGMENTS")


def test_a_name_twice_is_refused(file):
    with pytest.raises(AblateError, match="each name once"):
        plugins.names([file, file])


def test_help_has_a_line_for_each_key():
    config = {**vars(Config()), "model": vars(Model()), "data": vars(Data()), "train": vars(Train())}
    lines = key_help.help_on_keys(config).splitlines()
    assert any(line.startswith("train.beta_1=0.9 ") and "Adam beta1" in line for line in lines)
    for group in ("model", "data", "train"):
        for key in key_help.keys(group):
            assert any(line.startswith(f"{group}.{key}=") for line in lines)


def test_an_unknown_key_is_answered_with_the_nearest():
    assert key_help.unknown_key("model.widht").endswith("Type for example model.width=")
    assert "keys of model, data, train" in key_help.unknown_key("modle.width")
