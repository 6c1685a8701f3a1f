"""The table at the end of a sweep or a study."""

import io

import pytest
from rich.console import Console
from rich.text import Text
from support.comparisons import compared
from support.fake_runs import config, sweep, write
from support.tables import terminal_text

from ablation.runtime import console
from hydra_plugins.ablate import show_results


def printed(capsys) -> str:
    captured = capsys.readouterr()
    return captured.out + captured.err


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def test_it_is_the_table_of_the_comparison_without_verdicts(tmp_path, capsys):
    runs = sweep(tmp_path, {"plain34": 0.5, "resnet34": 0.9})
    show_results(runs)
    text = printed(capsys)
    assert lines(text) == lines(terminal_text(compared(*runs), 100_000))
    assert "± half the width of its 95 % CI" in text and "Verdict" not in text


def test_runs_of_others_are_not_in_it(tmp_path, capsys):
    runs = sweep(tmp_path, {"plain34": 0.5}, seeds=2)
    write(tmp_path, config("resnet50"))
    show_results(runs)
    assert "resnet50" not in printed(capsys)


@pytest.mark.parametrize("count", [0, 1])
def test_a_single_run_has_no_table(tmp_path, capsys, count):
    runs = sweep(tmp_path, {"plain34": 0.5}, seeds=1)
    show_results([*runs[:count], tmp_path / "never begun"])
    assert printed(capsys) == ""


def test_a_study_without_its_plan_is_said_and_raises_nothing(tmp_path, capsys):
    runs = sweep(tmp_path, {"plain34": 0.5}, seeds=2)
    show_results(runs, study="gone")
    assert printed(capsys).startswith("No table of the results: ") and console.console() is not None


def test_on_a_terminal_its_caption_breaks_between_words(tmp_path):
    runs, file = sweep(tmp_path, {"plain34": 0.5, "resnet34": 0.9}), io.StringIO()
    with console.TERMINAL.saved(file):
        console.TERMINAL._saved[-1] = Console(file=file, width=60, soft_wrap=True, force_terminal=True)
        show_results(runs)
    text = Text.from_ansi(file.getvalue()).plain
    assert max(map(len, text.splitlines())) <= 60
    words = set(terminal_text(compared(*runs), 100_000).split())
    assert set(text.split("Variant")[0].split()) <= words
