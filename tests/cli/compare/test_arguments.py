"""The options of `ablate-compare`."""

import json
from pathlib import Path

import pytest

from ablation.cli.compare import arguments


def test_every_option_has_its_field():
    words = ["a", "b", "--margin", "0.01", "--where", "seed<3", "--where", "data=digits", "--tag", "x", "--together"]
    parsed = arguments.parse(words)
    assert (parsed.paths, parsed.margin, parsed.where) == ([Path("a"), Path("b")], 0.01, ["seed<3", "data=digits"])
    assert (parsed.tag, parsed.together, parsed.command) == (["x"], True, ["ablate-compare", *words])


def test_the_schema_is_printed(capsys):
    with pytest.raises(SystemExit) as error:
        arguments.parse(["--json-schema"])
    assert error.value.code == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Verdicts of ablate-compare --json"


@pytest.mark.parametrize("words", [["a", "--margin", "-1"], ["a", "--detect", "nan"], ["--where"], []])
def test_what_cannot_be_read_is_refused(words, capsys):
    with pytest.raises(SystemExit) as error:
        arguments.parse(words)
    assert error.value.code and capsys.readouterr().err
