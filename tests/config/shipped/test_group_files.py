"""The values that a file of a group sets, as the command composes them."""

import dataclasses

import pytest
from support.fake_runs import CONF, config

from ablation.config.shipped import group_files as module
from ablation.config.shipped.group_files import group_files

WITHOUT_NAME = ("data", "tfds")  # the command must set it
FILES = [
    (path.parent.name, path.stem) for group in ("model", "data", "train") for path in (CONF / group).glob("*.yaml")
]


@pytest.mark.parametrize(("group", "name"), [file for file in FILES if file != WITHOUT_NAME])
def test_a_file_has_the_values_that_the_command_composes(group, name):
    composed = getattr(config(**{group: name}), group)
    expected = {f"{group}.{key}": value for key, value in dataclasses.asdict(composed).items()}
    assert group_files(group)[name] == expected


def test_all_files_are_there():
    assert {(group, name) for group in ("model", "data", "train") for name in group_files(group)} == set(FILES)


@pytest.mark.parametrize(
    "content",
    ["- a list", "text", "", "a: [", "a: !!python/name:os.system", "defaults: [broken, _self_]", "defaults: [{a: b}]"],
)
def test_a_file_that_cannot_be_read_is_left_out(tmp_path, monkeypatch, content):
    group = tmp_path / "train"
    group.mkdir()
    (group / "broken.yaml").write_text(content)
    (group / "good.yaml").write_text("learning_rate: 1e-3")
    (group / "no_text.yaml").write_bytes(b"\xff")
    (group / "folder.yaml").mkdir()
    monkeypatch.setattr(module, "conf_dir", lambda: tmp_path)
    found = group_files.__wrapped__("train")
    assert list(found) == ["good"] and found["good"]["train.learning_rate"] == 0.001
