"""The table in the terminal."""

import io
import re
import sys
from dataclasses import replace

import pytest
from rich.console import Console
from support.comparisons import compared, hostile, row, sequential, study
from support.fake_runs import config, sweep, write
from support.finished_studies import CALM, lower
from support.tables import terminal_text

from ablation.report.tables import terminal
from ablation.report.tables.build import build_table
from ablation.report.tables.style import TableStyle
from ablation.report.tables.table import Cell, Column
from ablation.report.wording import findings

# The columns that go first, first; the study has all that do not need a reference or a threshold.
IN_ORDER = ("r", "Paired by seed", "Time", "MACs", "Params", "Also changed", "p", "Diverged", "n", "p, Holm")
IN_ORDER = (*IN_ORDER, "Difference", "Verdict")


@pytest.fixture(scope="module")
def texts() -> dict[int, str]:
    """The table of a study by the width of the terminal."""
    comparison = study()
    return {width: terminal_text(comparison, width) for width in range(31, 181)}


def head(text: str) -> str:
    return next(line for line in text.splitlines() if line.startswith("Variant"))


def test_no_line_is_wider_than_the_terminal_and_no_column_is_cut(texts):
    for width, text in texts.items():
        assert max(map(len, text.splitlines())) <= width
        titles = re.split("  +", head(text).strip())
        assert set(titles) <= {*IN_ORDER, "Variant", "Test accuracy"}
        assert "Test accuracy" in head(text) and "0.555 ± 0.013" in text


def test_the_least_important_column_goes_first(texts):
    heads = [head(texts[width]) for width in range(180, 30, -1)]
    gone = []
    for name in IN_ORDER:
        gone.append(next((i for i, line in enumerate(heads) if name not in re.split("  +", line.strip())), 999))
    assert gone == sorted(gone) and gone[-1] < 999


def test_on_80_columns_a_verdict_stands_beside_its_seeds_and_what_decided_it():
    """Of a fixed study p after Holm, of a sequential one p and the level of the look."""
    assert {"n", "Difference", "p, Holm", "Verdict"} <= set(re.split("  +", head(terminal_text(study(), 80)).strip()))
    rows = [row("baseline", CALM), row("-rate", lower(0.1)), row("-decay", CALM[::-1])]
    looked = set(re.split("  +", head(terminal_text(sequential(rows), 80)).strip()))
    assert {"n", "Difference", "p", "Look (level)", "Verdict"} <= looked


def test_the_caption_explains_only_the_columns_that_are_shown():
    wide, narrow = (" ".join(terminal_text(study(), width).split()) for width in (200, 80))
    for explanation in build_table(study()).variants.explanations.values():
        assert explanation in wide and explanation not in narrow


def test_columns_that_do_not_fit_are_named_below_the_table(texts):
    """Only where the output is fitted to a width: a pipe has every column."""
    titles = [column.title for column in build_table(study()).variants.main_columns]
    for width, text in texts.items():
        (line,) = re.findall(r"\n\n(Not shown at this width: .*?column\.)", text, re.DOTALL) or [""]
        shown = re.split("  +", head(text).strip())
        hidden = ", ".join(title for title in titles if title not in shown)
        expected = f"Not shown at this width: {hidden}. table.md has every column." if hidden else ""
        assert " ".join(line.split()) == expected, width
        assert not line or text.index("-dropout") < text.index(line) < text.index("\n¹ ")
    assert "Not shown" in texts[80] and "Not shown" not in terminal_text(study(), 100_000)


def test_columns_fit_in_the_order_of_their_importance():
    columns = [Column(key, key, (Cell("x" * 10),)) for key in ("metric", "n", "time", "verdict")]
    assert [column.key for column in terminal.fitting(columns, 34)] == ["metric", "n", "verdict"]
    assert [column.key for column in terminal.fitting(columns, 5)] == ["metric"]


def test_a_pipe_breaks_no_line():
    text = terminal_text(study(), 100_000)
    assert len([line for line in text.splitlines() if line.startswith("Test accuracy of")]) == 1


def test_no_text_steers_the_terminal():
    comparison = hostile()
    for width in (80, 400):
        assert all(c == "\n" or c.isprintable() for c in terminal_text(comparison, width))
    wide = terminal_text(comparison, 10_000)
    assert "[red]a[/red]" in wide and ":smile:" in wide and "[link=http://x.y]a[/link]" in wide


def test_the_question_comes_first_and_no_note_is_said_twice(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    table = build_table(replace(study(), exploratory=("no study planned this comparison",)))
    exploratory = "Exploratory: no study planned this comparison."
    terminal.show(table, [exploratory, table.variants.notes[-1], "-shortcut is worse."])
    assert sys.stdout.getvalue().count(exploratory) == 1  # in the caption
    lines = sys.stdout.getvalue().splitlines()
    assert lines[0] == "Which part of a residual network carries it?" and lines[-1] == "-shortcut is worse."
    assert lines.count(table.variants.notes[-1]) == 1


def test_a_verdict_has_its_colour():
    class Screen(io.StringIO):
        def isatty(self):
            return True

    from rich.console import Console

    screen = Screen()
    Console(file=screen, width=240, color_system="standard", force_terminal=True).print(
        terminal.renderable(build_table(study()))
    )
    assert re.search(r"\x1b\[31mworse ¹", screen.getvalue())
    assert re.search(r"\x1b\[33mnot comparable \(2 of 5 runs missing\) ³", screen.getvalue())


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_the_table_keeps_to_the_terminal(tmp_path, monkeypatch, width):
    sweep(tmp_path, {"plain34": 0.5, "resnet34": 0.9})
    write(tmp_path, config(**{"model.width": 8, "model.activation": "leaky_relu"}))
    screen = type("Terminal", (io.StringIO,), {"isatty": lambda self: True})()
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys, "stdout", screen)
    terminal.show(build_table(compared(tmp_path)), [])
    text = re.sub(r"\x1b\[[0-9;]*m", "", screen.getvalue())
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text and ("Time" in head(text)) == (width >= 80)


def test_without_a_baseline_the_best_row_is_bold_and_a_verdict_is_a_word_away(tmp_path, monkeypatch):
    sweep(tmp_path / "outputs", {"plain34": 0.5, "resnet34": 0.9})
    screen = type("Terminal", (io.StringIO,), {"isatty": lambda self: True})()
    for name, value in {"COLUMNS": "100", "TERM": "xterm", "FORCE_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", screen)
    terminal.show(build_table(compared(tmp_path)), [])
    rows = {line.split("34")[0][-6:]: line for line in screen.getvalue().splitlines() if "0.0" in line and "34" in line}
    assert rows["resnet"].startswith("\x1b[1m") and "\x1b[1m" not in rows[" plain"[1:]]
    assert findings.sentences(compared(tmp_path))[-1].endswith("--baseline plain34")
    said = findings.sentences(compared(tmp_path, metric="val_loss"))
    assert said[0].startswith("resnet34 has the lowest validation loss: 0.100 (3 seeds), 0.400 below plain34")


def test_the_screen_shows_runs_and_compute_and_leaves_the_recipe_to_the_files():
    text = terminal_text(study(), 240)
    assert "Runs: 28 of 40 planned" in text and "Compute: 6 min 37 s of training in total." in text
    assert "Data: " not in text and "Recipe" not in text


def test_a_caption_of_the_user_stands_above_the_usual_one():
    style = TableStyle(caption="Mine.")
    console = Console(file=io.StringIO(), width=140, color_system=None)
    console.print(terminal.renderable(build_table(study(), style)))
    text = console.file.getvalue()
    assert text.startswith("Mine.\n\nTest accuracy of the last weights")
