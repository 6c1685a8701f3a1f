"""The table of runs on screens of any width, and for a pipe."""

import pytest
from rich.cells import cell_len
from support.fake_runs import config, history, write

from ablation.cli.runs import screen, selection, table
from ablation.cli.runs.arguments import RunsArguments
from ablation.cli.runs.table import RunsTable
from ablation.comparison.reading.all_runs import read_all
from ablation.errors import AblateError


def rows(outputs, **options):
    return selection.rows(read_all([outputs]), RunsArguments(**options))


def lines(table):
    return [line.plain for line in table.lines()]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (-5, "0 s"),
        (0.4, "0 s"),
        (119, "119 s"),
        (120, "2 min"),
        (7199, "120 min"),
        (7200, "2 h"),
        (170_000, "47 h"),
        (172_800, "2 d"),
        (4e8, "4,630 d"),
    ],
)
def test_ages(seconds, text):
    assert table.age_text(seconds) == text


def test_a_pipe_has_every_column_and_the_reason_in_the_line(week):
    made = RunsTable(rows(week), False, None)
    text = lines(made)
    assert made.hidden == [] and "…" not in "".join(text)
    (failed,) = [line for line in text if line.startswith("failed") and "s1-" in line]
    assert failed.endswith("ResourceExhaustedError: out of memory") and "outputs/vgg16-digits-s1-" in failed
    assert len([line for line in text if line.startswith("Status")]) == 3  # one for each experiment
    assert "resnet50 on cifar10: 2 runs" in text


@pytest.mark.parametrize("width", [80, 100, 120, 200])
@pytest.mark.parametrize("is_flat", [False, True])
def test_nothing_is_wider_than_the_screen(week, study, width, is_flat):
    made = RunsTable(rows(week), is_flat, width)
    text = lines(made)
    assert max(map(cell_len, text)) <= width
    shown = {column.title for column in made.columns}
    assert {"Status", "Variant", "Path"} <= shown and not shown & set(made.hidden)
    assert bool(made.hidden) == (width < 100) or is_flat
    failed = text.index(next(line for line in text if line.startswith("failed")))
    assert text[failed + 1].startswith("    ") and "Error" in text[failed + 1]


def test_a_path_is_shortened_at_its_beginning_and_a_variant_at_its_end(tmp_path):
    outputs = tmp_path / "a-folder-with-a-long-name" / "another-one"
    for width in range(8, 12):
        write(outputs, config(**{"model.width": width, "train.learning_rate": 0.01 * width, "train.momentum": 0.1}))
    text = lines(RunsTable(rows(outputs), False, 80))
    for line in text[2:]:
        assert "…" in line and line.split()[-1].startswith("…") and line[-10:].isalnum()


def test_wide_characters_and_control_characters_stay_in_their_column(tmp_path):
    write(tmp_path, config(tags=["學習", "a\x1b[2J", "[red]x[/red]"]), history(accuracy=0.5))
    write(tmp_path, config(seed=1))
    text = lines(RunsTable(rows(tmp_path), False, None))
    assert "\x1b" not in "".join(text) and "[red]x[/red]" in "".join(text)
    ends = {cell_len(line[: line.index("resnet34-digits")]) for line in text[2:]}
    assert len(ends) == 1


def test_columns_without_a_value_are_left_out(tmp_path):
    write(tmp_path, config("resnet34"), status="failed")
    titles = [column.title for column in RunsTable(rows(tmp_path), False, None).columns]
    assert titles == ["Status", "Variant", "Data", "Seed", "Size", "Path"]


def test_a_status_has_a_colour_on_a_terminal(week):
    styles = {str(line.spans[0].style) for line in RunsTable(rows(week), False, 120).lines() if line.spans}
    assert styles == {"red", "yellow"}


def test_counts_and_sizes(week):
    found = rows(week)
    assert table.status_counts(found) == "8 completed, 2 failed, 1 unreadable, 1 diverged, 1 interrupted"
    assert table.total_size(found) == sum(row.listed.size for row in found)


class Terminal:
    """A terminal on which a user types an answer."""

    def __init__(self, answer=""):
        self.answer = answer

    def isatty(self):
        return True

    def readline(self):
        return self.answer


@pytest.mark.parametrize("answer", ["y\n", "Y\n", "yes\n", " y \n", "YES\n"])
def test_yes_is_consent(monkeypatch, capsys, answer):
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    screen.require_consent("Delete 3 runs, 4 MB?", is_given=False)
    assert capsys.readouterr().out == "Delete 3 runs, 4 MB? [y/N] "


@pytest.mark.parametrize("answer", ["\n", "", "n\n", "ye\n", "no\n", "yy\n", "1\n"])
def test_everything_else_is_not(monkeypatch, answer):
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    with pytest.raises(AblateError, match="^Nothing was deleted$"):
        screen.require_consent("Delete?", is_given=False)


def test_without_a_terminal_only_the_option_is_consent(monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(AblateError, match="type the same command with --yes"):
        screen.require_consent("Delete?", is_given=False)
    screen.require_consent("Delete?", is_given=True)


def test_a_terminal_says_which_columns_do_not_fit(week, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    screen.show_table(rows(week), is_flat=False)
    out = capsys.readouterr().out
    assert "Not shown at this width: " in out and "Val acc" in out.rpartition("Not shown")[2]
    assert "ResourceExhaustedError: out of memory" in out
