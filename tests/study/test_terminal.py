"""A study on the terminal: its head, its cells, its networks, its fraction."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from support.finished_studies import CALM, finish
from support.studies import PARTS, saved

from ablation.config.schema import Train
from ablation.statistics.sequential import Decision
from ablation.study import interim_analysis, plan, terminal
from ablation.study.preflight.measurement import NetworkSize
from ablation.study.preflight.probe import Failure

SHORTCUT = {"shortcut": PARTS["shortcut"]}


@pytest.fixture
def said(capsys):
    """What was printed since the last look, line by line."""
    return lambda: [line.rstrip() for line in capsys.readouterr().out.splitlines()]


def cells(line: str) -> list[str]:
    """The columns of a table's line, which two blanks or more stand between."""
    return [part.strip() for part in line.split("  ") if part.strip()]


def test_the_head_counts_components_cells_seeds_and_runs(quick, tmp_path, said):
    made = saved(quick, tmp_path, {"question": "Why?", "components": SHORTCUT, "seeds": 3})
    terminal.head(made)
    assert said() == ["Why?", "Study mine, leave one out: 1 component, 2 cells, 3 seeds: 6 runs"]


def test_of_a_sequential_study_the_head_says_the_most(quick, tmp_path, said):
    terminal.head(saved(quick, tmp_path, {"components": SHORTCUT, "stopping": "sequential", "max_seeds": 7}))
    assert said() == ["Study mine, leave one out: 1 component, 2 cells, at most 7 seeds: at most 14 runs"]


def test_equal_cells_and_alternatives_without_a_cell_are_said(quick, tmp_path, said):
    option = {"shortcut": PARTS["shortcut"], "option": ["model.shortcut=identity_pad"]}
    terminal.head(saved(quick, tmp_path, {"components": option, "design": "factorial", "seeds": 2}))
    assert said() == [
        "Study mine, factorial: 2 components, 3 cells, 2 seeds: 6 runs",
        "-shortcut -option equals -shortcut: they share the same runs",
    ]
    terminal.head(saved(quick, tmp_path / "b", {"components": {"norm": PARTS["norm"]}, "design": "cumulative"}))
    assert said()[1] == "cumulative uses only the first alternative, norm.group: no cell has norm.none"


def test_a_changed_study_and_a_file_that_is_no_plan_are_noted(quick, tmp_path, said):
    first = saved(quick, tmp_path, {"components": SHORTCUT, "seeds": 2})
    terminal.head(saved(quick, tmp_path, {"components": SHORTCUT, "seeds": 3}))
    (note,) = [line for line in said() if line.startswith("Note: ")]
    assert first.hash[:8] in note and "seeds: [0,1] before, [0,1,2] now" in note
    terminal.head(replace(first, foreign=True))
    assert plan.KEPT_ASIDE in said()[-1]


def test_the_listing_says_of_each_cell_how_it_differs(quick, tmp_path, said):
    terminal.listing(saved(quick, tmp_path, {"components": {"shortcut": PARTS["shortcut"], "norm": PARTS["norm"]}}))
    lines = said()
    assert cells(lines[0]) == ["cell", "change from the baseline", "also changed", "length"]
    assert [cells(line) for line in lines[1:]] == [
        ["baseline", "2 epochs"],
        ["-shortcut", "model.residual=false (not true)", "2 epochs"],
        ["-norm.group", "model.norm=group (not batch)", "2 epochs"],
        ["-norm.none", "model.norm=none (not batch)", "train.learning_rate=0.01", "2 epochs"],
    ]


def test_a_budget_of_its_own_has_a_column_and_what_nobody_has_has_none(quick, tmp_path, said):
    terminal.listing(saved(quick, tmp_path, {"components": {"epochs": PARTS["epochs"]}}))
    lines = said()
    assert cells(lines[0]) == ["cell", "change from the baseline", "length", "budget"]
    assert cells(lines[2]) == ["-epochs", "train.epochs=1 (not 2)", "1 epoch", "its own"]
    assert cells(lines[1]) == ["baseline", "2 epochs"]


@pytest.mark.parametrize(
    ("train", "length"),
    [
        (Train(epochs=12), "12 epochs"),
        (Train(epochs=1), "1 epoch"),
        (Train(steps=64000), "64,000 steps"),
        (Train(epochs=12, steps=1), "1 step"),
        (Train(reference_steps=7), "7 steps"),
    ],
)
def test_the_length_is_in_the_unit_that_sets_it(train, length):
    assert terminal.length(train) == length


def test_a_network_is_named_with_its_size_and_its_cells(said):
    terminal.network(NetworkSize("resnet8", 4886, 5110, 101_000), ["baseline", "-a", "-b", "-c", "-d"])
    terminal.network(Failure("ValueError: no"), ["-e"])
    assert said() == [
        "  resnet8: 4,886 parameters, 101,000 MACs  (baseline, -a, -b, -c and 1 more)",
        "  not built: ValueError: no  (-e)",
    ]


def test_a_fraction_shows_what_a_textbook_shows(quick, tmp_path, said):
    """2^(3-1) of resolution III: C = AB (Box, Hunter & Hunter 2005)."""
    parts = {name: PARTS[name] for name in ("shortcut", "init", "nesterov")}
    terminal.fraction(saved(quick, tmp_path, {"components": parts, "design": "fractional"}))
    assert said() == [
        "Factors: A = shortcut, B = init, C = nesterov",
        "Generators: C = AB. Resolution III",
        "Defining relation: I = ABC",
        "Aliases (effects that this design cannot separate, up to two factors):",
        *("  A = BC", "  B = AC", "  C = AB"),
    ]
    terminal.fraction(saved(quick, tmp_path, {"components": SHORTCUT}))
    assert said() == []


def test_what_was_decided_is_a_table(monkeypatch, said):
    decisions = {("-a", "baseline"): Decision("worse", 3), ("-b", "baseline"): Decision("inconclusive", 12)}
    monkeypatch.setattr(interim_analysis, "decisions", lambda plan: decisions)
    terminal.decided(SimpleNamespace())
    assert [cells(line) for line in said()] == [
        ["cell", "compared with", "verdict", "seeds"],
        ["-a", "baseline", "worse", "3"],
        ["-b", "baseline", "inconclusive", "12"],
    ]


def test_a_change_after_runs_had_ended_says_what_comparisons_will_say(quick, tmp_path, said):
    finish(quick, tmp_path, {"baseline": CALM, "-shortcut": CALM, "-init": CALM}, seeds=3)
    terminal.head(saved(quick, tmp_path, {"components": SHORTCUT, "seeds": 3}))
    assert said()[-1] == (
        "Note: 9 runs had ended before this change. Every comparison will say so, and its verdicts will count "
        "2 comparisons in Holm's correction"
    )
    terminal.head(saved(quick, tmp_path, {"components": SHORTCUT, "seeds": 4}))
    assert "its verdicts will be exploratory, because seeds, stopping, test or margin changed" in said()[-1]
    terminal.head(saved(quick, tmp_path, {"components": SHORTCUT, "seeds": 4}))
    assert not any(line.startswith("Note") for line in said())


def test_runs_that_ended_before_they_were_planned_are_noted(quick, tmp_path, said):
    made = finish(quick, tmp_path, {"baseline": CALM, "-shortcut": CALM}, seeds=3)
    made.place.unlink()
    terminal.head(saved(quick, tmp_path, {"components": SHORTCUT, "seeds": 3}))
    assert said()[-1] == (
        "Note: runs of -shortcut had ended before they were planned: comparisons will say so, and their verdicts will "
        "be exploratory"
    )
