"""What the user sees, and what goes to a log instead."""

import io
import os
import pickle
import subprocess
import sys

import pytest
from rich.console import Console
from rich.table import Table

from ablation.runtime import console
from ablation.runtime.console import TrainingProgress


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test moves."""
    now = [1000.0]
    monkeypatch.setattr(console.time, "monotonic", lambda: now[0])
    return now


class Pretending(io.StringIO):
    """A file that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class Full(io.StringIO):
    """A file on a full disk."""

    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


def test_what_a_record_says_steers_no_terminal(capsys):
    console.say("failed: \x1b]0;owned\x07\x1b[2J bad \x9b1m")
    assert capsys.readouterr().out == "failed: ]0;owned[2J bad 1m\n"


def test_a_line_has_no_password_no_markup_and_no_end_in_its_middle(capsys):
    console.say(f"[bold]see[/bold] https://me:secret@example.org/{'a' * 300}")
    assert capsys.readouterr().out == f"[bold]see[/bold] https://example.org/{'a' * 300}\n"


def test_a_full_disk_stops_nothing():
    with console.TERMINAL.saved(Full()):
        console.say("a line")
        console.paragraph("a paragraph")
        console.show(Table("a column"))


def test_the_user_s_terminal_is_the_innermost_that_was_saved():
    first, second = io.StringIO(), io.StringIO()
    with console.TERMINAL.saved(first):
        with pytest.raises(KeyError), console.TERMINAL.saved(second):
            console.say("inner")
            raise KeyError
        console.say("outer")
    assert (first.getvalue(), second.getvalue()) == ("outer\n", "inner\n")


def test_sentences_break_between_words_on_a_terminal_only(monkeypatch):
    text = "word " * 40
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("TERM", "xterm")
    for file, most in ((Pretending(), 30), (io.StringIO(), len(text))):
        with console.TERMINAL.saved(file):
            console.paragraph(text)
        lines = file.getvalue().splitlines()
        assert " ".join(" ".join(lines).split()) == text.strip() and max(map(len, lines)) <= most
        assert len(lines) == 1 or file.isatty()


def test_a_line_breaks_between_words_on_a_terminal_and_a_path_stays_whole(monkeypatch):
    path = "/a-long/" + "path/" * 10
    text = f"  {'word ' * 10}{path}: two  blanks\n[3/4] next"
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("TERM", "xterm")
    for file in (Pretending(), io.StringIO()):
        with console.TERMINAL.saved(file):
            console.say(text)
        lines = file.getvalue().splitlines()
        assert f"{path}:" in file.getvalue() and "two  blanks" in file.getvalue() and lines[-1] == "[3/4] next"
        assert lines[0].startswith("  word") and (len(lines) == 2 or file.isatty())
        assert all(len(line) <= 30 for line in lines if path not in line) or not file.isatty()


@pytest.mark.parametrize("name", ["FORCE_COLOR", "TTY_COMPATIBLE"])
def test_a_file_is_no_terminal_whatever_the_environment_says(monkeypatch, name):
    """As on a server for continuous integration, whose log would get each frame of a bar."""
    monkeypatch.setenv(name, "1")
    file = io.StringIO()
    with console.TERMINAL.saved(file):
        assert not console.console().is_terminal and console.console().width == console.FILE_WIDTH
    with console.TERMINAL.saved(Pretending()):
        assert console.console().is_terminal


def test_a_table_on_a_narrow_terminal_leaves_out_no_letter(monkeypatch):
    name = "resnet34-digits-s0-0123456789"
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setenv("TERM", "xterm")
    table, file = Table("run", "status", box=None), Pretending()
    table.add_row(name, "completed")
    with console.TERMINAL.saved(file):
        console.show(table)
    assert "".join(line.split()[0] for line in file.getvalue().splitlines()[1:]) == name


def test_the_terminal_keeps_its_encoding_while_output_goes_to_a_log(tmp_path):
    script = f"""
import sys
from pathlib import Path
from ablation.runtime import console
with console.captured(Path({str(tmp_path / "log")!r})):
    console.say("± to the user")
"""
    for encoding, printed in (("ascii:replace", b"?"), ("latin-1", b"\xb1")):
        env = {**os.environ, "PYTHONIOENCODING": encoding}
        done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, check=True)
        assert done.stdout == printed + b" to the user\n"


def test_libraries_write_to_the_log_and_lines_to_the_user(tmp_path):
    """Also what native code writes, here to the descriptors; and afterwards all is as it was."""
    script = """
import os, sys
from pathlib import Path
from ablation.runtime import console
print("before")
with console.captured(Path("log")):
    print("of a library")
    os.write(2, b"of native code\\n")
    console.say("to the user")
os.write(1, b"after\\n")
sys.stderr.write("error after\\n")
with console.muted():
    os.write(1, b"nowhere")
"""
    (tmp_path / "log").write_text("earlier\n")
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("before\nto the user\nafter\n", "error after\n")
    assert sorted((tmp_path / "log").read_text().splitlines()) == ["earlier", "of a library", "of native code"]


@pytest.mark.parametrize(("total", "said"), [(2000, ""), (2001, "Decoding: 2,001\n")])
def test_without_a_terminal_only_many_items_are_worth_a_line(capsys, total, said):
    assert list(console.REPORTER.track(iter("abc"), total, "Decoding")) == ["a", "b", "c"]
    assert capsys.readouterr().out == said


def test_on_a_terminal_a_bar_shows_the_items(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    with console.TERMINAL.saved(Pretending()) as _:
        file = console.console().file
        assert list(console.track(iter("abc"), 3, "Decoding")) == ["a", "b", "c"]
    assert "Decoding" in file.getvalue()


def test_a_reporter_can_be_sent_to_another_process(capsys):
    twin = pickle.loads(pickle.dumps(console.REPORTER))
    twin.say("a line")
    assert capsys.readouterr().out == "a line\n"
    with twin.muted():
        os.write(1, b"")


def progress(steps: int = 100, first: int = 0) -> TrainingProgress:
    return TrainingProgress("resnet8 seed 0", steps, first)


def test_without_a_terminal_each_epoch_is_a_line(capsys):
    with progress() as shown:
        shown.epoch("epoch 1/2", 0.51239, 0.8, 0.25, 0.75, 1234.4)
    line = "resnet8 seed 0 epoch 1/2  loss 0.5124  accuracy 0.8000  val_loss 0.2500  val_accuracy 0.7500  1,234 img/s\n"
    assert capsys.readouterr().out == line


def test_a_long_epoch_says_where_it_is_once_a_minute(capsys, clock):
    shown = progress(steps=100, first=20)
    clock[0] += 60
    shown.step(30, "epoch 1/2", 0.5, 0.8, 10.0)
    assert capsys.readouterr().out == ""
    clock[0] += 20
    shown.step(40, "epoch 1/2", 0.5, 0.8, 10.0)
    shown.step(41, "epoch 1/2", 0.5, 0.8, 10.0)
    # 20 steps took 80 s, 60 are left
    assert capsys.readouterr().out == "resnet8 seed 0 epoch 1/2  loss 0.500  acc 0.800  10 img/s  4 min 0 s left\n"
    clock[0] += 50
    shown.epoch("epoch 1/2", 0.5, 0.8, 0.4, 0.9, 10.0)
    capsys.readouterr()
    clock[0] += 59
    shown.step(60, "epoch 2/2", 0.5, 0.8, 10.0)
    assert capsys.readouterr().out == ""  # a minute since the line of the epoch


@pytest.mark.parametrize(("steps", "warned"), [(900, False), (1000, True)])
def test_a_run_of_more_than_an_hour_says_so_once(capsys, clock, steps, warned):
    """Four seconds a step: 895 steps are 3,580 s, 995 are 3,980 s."""
    shown = progress(steps)
    clock[0] += 20
    shown.step(5, "epoch 1/2", 0.5, 0.8, 10.0)
    clock[0] += 4
    shown.step(6, "epoch 1/2", 0.5, 0.8, 10.0)
    said = capsys.readouterr().out
    assert said.count("about 1 h 6 min left at this speed") == warned and bool(said) == warned


@pytest.mark.parametrize(("steps", "seconds"), [(4, 25.0), (6, 19.0)])
def test_too_few_steps_or_seconds_say_nothing_of_the_time_left(capsys, clock, steps, seconds):
    shown = progress(steps=10_000)
    clock[0] += seconds
    shown.step(steps, "epoch 1/2", 0.5, 0.8, 10.0)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("width", "title"), [(160, "resnet8 seed 0 epoch 2/3"), (80, "2/3")])
def test_the_bar_has_the_validation_accuracy_where_there_is_room(width, title):
    with console.TERMINAL.saved(Pretending()):
        console.TERMINAL._saved[-1] = Console(file=Pretending(), width=width, force_terminal=True)
        shown = progress()
        shown.epoch("epoch 1/3", 0.5, 0.8, 0.4, 0.9, 10.0)
        shown.step(40, "epoch 2/3", 0.25, 0.8, 2000.0)
        task = shown.bar.tasks[0]
        assert console.console().file.getvalue() == ""  # the bar shows it, and no line
    assert (task.completed, task.total, task.description) == (40, 100, title)
    validated = "  val acc 0.900" if width == 160 else ""
    assert task.fields["numbers"] == f"loss 0.250  acc 0.800{validated}  2,000 img/s"
