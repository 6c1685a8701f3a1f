"""Command lines: what the program reads is what the study says, by argparse's and Hydra's own parsers."""

import argparse
import os
from pathlib import Path

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import example, given
from hypothesis import strategies as st

from ablation.config.program.spec import MetricSource, Program, ProgramConfig
from ablation.run.program import arguments

TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=12)
HYDRA_VALUES = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(allow_nan=False) | TEXT


def config(flags, style="argparse", command=("run", "{args}", "--seed={seed}", "--out", "{dir}/x", "{other}")):
    metric = MetricSource("accuracy", file="{dir}/r.json")
    return ProgramConfig(Program(tuple(command), metric, style), flags, "/work", seed=7)


def test_placeholders_are_filled_and_other_braces_stay():
    words = arguments.command_words(config({"lr": 0.1}), Path("/d"), ("--fast",))
    assert words == ["run", "--lr", "0.1", "--seed=7", "--out", "/d/x", "{other}", "--fast"]


def test_argparse_reads_the_values():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float)
    parser.add_argument("--mixup", action=argparse.BooleanOptionalAction)
    parser.add_argument("--ema", action=argparse.BooleanOptionalAction)
    parser.add_argument("--sizes", nargs="+", type=int)
    parser.add_argument("--label")
    parser.add_argument("--absent", default="unset")
    parser.add_argument("-b", type=int)
    flags = {"lr": -1e-5, "mixup": True, "ema": False, "sizes": [1, 2], "label": "--odd name", "absent": None, "b": 3}
    read = parser.parse_args(arguments.flag_words(flags, "argparse"))
    assert vars(read) == {**flags, "absent": "unset"}


@given(value=TEXT)
def test_argparse_reads_any_text(value):
    parser = argparse.ArgumentParser()
    parser.add_argument("--name")
    assert parser.parse_args(arguments.flag_words({"name": value}, "argparse")).name == value


@given(value=HYDRA_VALUES | st.lists(HYDRA_VALUES, max_size=3))
@example(value="\\")
@example(value="\\\\'")
def test_hydra_reads_the_values(value):
    (word,) = arguments.flag_words({"model.x": value}, "hydra")
    override = OverridesParser.create().parse_override(word)
    assert override.key_or_group == "model.x" and not override.is_sweep_override()
    assert override.value() == value or repr(override.value()) == repr(value)


@pytest.mark.parametrize(
    ("style", "words"),
    [
        ("argparse", ["--mixup", "--no-ema", "-n", "1"]),
        ("switch", ["--mixup", "-n", "1"]),
        ("value", ["--mixup", "True", "--ema", "False", "-n", "1"]),
        ("hydra", ["mixup=true", "ema=false", "n=1", "gone=null"]),
        ("env", []),
    ],
)
def test_each_style_writes_booleans_in_its_own_way(style, words):
    assert arguments.flag_words({"mixup": True, "ema": False, "n": 1, "gone": None}, style) == words


def test_the_style_env_sets_and_leaves_out_variables(monkeypatch):
    monkeypatch.setenv("GONE", "here before")
    env = config({"MIXUP": True, "EMA": False, "LR": 0.1, "SIZES": [1, 2], "GONE": None}, "env")
    variables = arguments.environment(env)
    assert variables.items() >= {"MIXUP": "1", "EMA": "0", "LR": "0.1", "SIZES": "1,2"}.items()
    assert "GONE" not in variables and os.environ["GONE"] == "here before"
    assert arguments.environment(config({"lr": 1, "GONE": None})) == dict(os.environ)


def test_paths_refer_to_the_working_folder():
    plain = config({})
    assert arguments.working_folder(plain, Path("/d")) == Path("/work")
    assert arguments.metric_file(plain, Path("/d")) == Path("/d/r.json")
    moved = ProgramConfig(Program(("a",), MetricSource("m", lines="log.csv"), cwd="{dir}/{seed}"), {}, "/work", seed=3)
    assert arguments.working_folder(moved, Path("/d")) == Path("/d/3")
    assert arguments.metric_file(moved, Path("/d")) == Path("/d/3/log.csv")
    printed = ProgramConfig(Program(("a",), MetricSource("m", stdout="(.)")), {}, "/work")
    assert arguments.metric_file(printed, Path("/d")) is None
