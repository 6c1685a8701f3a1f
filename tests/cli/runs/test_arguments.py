"""The options of `ablate-runs`, and which of them exclude each other."""

from dataclasses import fields
from pathlib import Path

import pytest

from ablation.cli.runs import arguments
from ablation.cli.runs.arguments import RunsArguments


def test_without_a_word_the_default_path_is_listed():
    parsed = arguments.parse([])
    assert parsed == RunsArguments([], [], [], []) or parsed.roots == [Path("outputs")]
    assert parsed.is_default_path and not parsed.narrows and not parsed.changes_tags


def test_every_option_is_a_field():
    words = "a b --where x=1 --where y>2 --tag t --status failed,diverged --status running --sort size --reverse"
    parsed = arguments.parse([*words.split(), "--delete", "--yes"])
    assert parsed.paths == [Path("a"), Path("b")] and parsed.where == ["x=1", "y>2"] and parsed.tags == ["t"]
    assert parsed.statuses == ["failed", "diverged", "running"] and (parsed.sort, parsed.limit) == ("size", None)
    assert parsed.reverse and parsed.delete and parsed.yes and parsed.narrows
    assert set(vars(arguments.parser().parse_args([]))) == {field.name for field in fields(RunsArguments)}


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("--fast", "unrecognized arguments: --fast"),
        ("--stat failed", "unrecognized arguments"),
        ("--status faild", "allowed are running, completed, failed, diverged, interrupted, unreadable"),
        ("--sort colour", "invalid choice: 'colour'"),
        ("--limit 0", "allowed is a whole number above 0"),
        ("--limit -3", "received '-3'"),
        ("--limit x", "received 'x'"),
        ("--yes", "--yes confirms --delete, which is missing"),
        ("--json --delete", "--delete cannot be combined with --json"),
        ("--json --all", "--json cannot be combined with --all"),
        ("--delete --add-tag x", "--delete cannot be combined with --add-tag"),
        ("--json --remove-tag x", "--json cannot be combined with --remove-tag"),
        ("--cache outputs", "--cache cannot be combined with PATH"),
        ("--cache --status failed", "--cache cannot be combined with --status"),
        ("--all --limit 3", "--all cannot be combined with --limit"),
        ("--limit 3 --delete", "--limit cannot be combined with --delete"),
        ("--limit 3 --add-tag x", "--limit cannot be combined with --add-tag"),
        ("--where", "expected one argument"),
    ],
)
def test_a_mistyped_command_is_one_paragraph(words, reason, capsys):
    with pytest.raises(SystemExit) as stopped:
        arguments.parse(words.split())
    said = capsys.readouterr().err
    assert stopped.value.code == 2 and said.startswith("ablate-runs: ") and said.count("\n") == 1
    assert reason in said and said.endswith("Type for example ablate-runs outputs --status failed\n")


@pytest.mark.parametrize("tag", ["", "  ", "a\nb", "\x1b[2J", "x" * 201])
def test_a_tag_that_nobody_could_read_is_refused(tag, capsys):
    with pytest.raises(SystemExit):
        arguments.parse(["--add-tag", tag])
    assert "printable characters" in capsys.readouterr().err
    assert arguments.parse(["--remove-tag", tag]).remove_tags == [tag]  # it may have been typed elsewhere


def test_help_names_the_default_path_and_every_key_of_a_condition(capsys):
    from ablation.comparison.reading.conditions import OWN_KEYS

    with pytest.raises(SystemExit):
        arguments.parse(["--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert "(default: outputs)" in text and all(key in text for key in OWN_KEYS)
