"""The options for results of other programs."""

import argparse
from dataclasses import fields

import pytest

from ablation.cli.compare.arguments import parse
from ablation.cli.compare.table_arguments import add_table_options
from ablation.comparison.results_table.options import TableOptions


def test_they_are_those_of_a_table():
    parser = argparse.ArgumentParser(add_help=False)
    add_table_options(parser)
    assert {*vars(parser.parse_args([])), "metric", "where"} == {each.name for each in fields(TableOptions)}


def test_they_are_options_of_the_command():
    words = [
        "a.csv",
        "--variant",
        "m",
        "--seed",
        "s",
        "--block",
        "d",
        "--better",
        "lower",
        "--take",
        "max",
        "--from",
        "wandb",
    ]
    parsed = parse(words)
    assert (parsed.variant, parsed.seed, parsed.block, parsed.better) == ("m", "s", "d", "lower")
    assert (parsed.take, parsed.source) == ("max", "wandb")


@pytest.mark.parametrize("words", [["--take", "first"], ["--better", "up"], ["--from", "excel"]])
def test_other_words_are_refused(words):
    with pytest.raises(SystemExit):
        parse(["a.csv", *words])
