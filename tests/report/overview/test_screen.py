"""Several experiments on the terminal."""

from support.fake_runs import sweep
from support.tables import overview_of

from ablation.report.overview.screen import show_overview


def shown(capsys, overview) -> str:
    show_overview(overview, [["ablate-compare", item.experiment.name] for item in overview.items], ["A note."])
    return capsys.readouterr().out


def test_each_experiment_has_its_table_and_the_command_that_shows_it_alone(tmp_path, capsys):
    sweep(tmp_path, {"plain34": 0.5, "resnet34": 0.9})
    sweep(tmp_path, {"plain34": 0.5}, **{"train.epochs": 3})
    text = shown(capsys, overview_of(tmp_path))
    assert text.startswith("2 experiments, the newest first.\n") and text.endswith("A note.\n")
    assert "plain34 on digits\n" in text and "Alone: ablate-compare 'plain34 on digits'" in text
    assert "plain34: test accuracy 0.490 ± 0.025, n = 3" in text  # a single variant needs no table
    assert "resnet34  3  0.890 ± 0.025" in text


def test_no_line_of_a_pipe_is_padded(tmp_path, capsys):
    sweep(tmp_path, {"plain34": 0.5, "resnet34": 0.9})
    lines = shown(capsys, overview_of(tmp_path)).splitlines()
    assert max(map(len, lines)) < 120
