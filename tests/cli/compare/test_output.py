"""What the command shows and writes for one experiment and for several."""

import json
import shlex

import pytest
from support import lived_in
from support.fake_runs import config, history, sweep, write
from support.finished_studies import CALM, finish, lower

from ablation.cli import ablate_compare
from ablation.cli.compare import output
from ablation.cli.compare.arguments import CompareArguments
from ablation.comparison.experiments.grouping import together
from ablation.comparison.reading.load import load
from ablation.report.figures import files as figures

pytestmark = pytest.mark.integration  # whole commands


@pytest.fixture(autouse=True)
def undrawn(monkeypatch):
    """Without the figures, which take most of the time."""
    monkeypatch.setattr(figures, "files", lambda plots, **_: {})


@pytest.fixture
def compare(tmp_path, capsys):
    """Run the command; returns its code, its output, its messages, and the folder that it wrote."""

    def run(*words):
        code = ablate_compare.main([*map(str, words), "--out", str(tmp_path / "comparison")])
        said = capsys.readouterr()
        return code, said.out, said.err, tmp_path / "comparison"

    return run


def test_a_folder_of_some_weeks(quick, tmp_path, compare):
    lived = lived_in.make(quick, tmp_path / "outputs")
    code, text, said, out = compare(lived.outputs)
    index = json.loads((out / "index.json").read_text())
    paths = [each["path"] for each in (*index["runs"], *index["excluded"])]
    assert code == 2 and sorted(paths) == sorted(map(str, lived.runs))
    for experiment in index["experiments"]:
        assert (out / experiment["folder"] / "report.html").is_file() and f". {experiment['name']}\n" in text
    assert "10 experiments, the newest first." in text and text.count("Alone: ablate-compare") == 10
    assert said.startswith("ablate-compare: Excluded 4, compared 159: ")


def test_the_command_that_is_named_shows_one_alone(quick, tmp_path, compare):
    lived_in.make(quick, tmp_path / "outputs")
    _, text, _, out = compare(tmp_path / "outputs")
    lines = [line.removeprefix("Alone: ") for line in text.splitlines() if line.startswith("Alone: ")]
    assert len(lines) == 10
    for line in lines[:6]:
        _, alone, _, out = compare(*shlex.split(line)[1:])
        assert (out / "table.json").is_file() and not (out / "index.json").exists() and "experiments" not in alone


def test_one_experiment_has_its_files_directly_in_the_folder(tmp_path, compare):
    sweep(tmp_path / "outputs", {"plain34": 0.5, "resnet34": 0.9})
    code, _, _, out = compare(tmp_path / "outputs")
    assert code == 0 and sorted(path.name for path in out.iterdir()) == [
        "methods.md", "methods.tex", "report.html", "summary.csv", "table.json", "table.md", "table.tex",
    ]  # fmt: skip


def test_a_baseline_narrows_to_the_experiments_that_have_it(tmp_path, compare):
    sweep(tmp_path / "outputs", {"plain34": 0.5, "resnet34": 0.9})
    sweep(tmp_path / "outputs", {"vgg16": 0.5, "vgg19": 0.9}, **{"train.epochs": 3})
    code, text, _, out = compare(tmp_path / "outputs", "--baseline", "resnet34")
    assert json.loads((out / "table.json").read_text())["baseline"] == "resnet34"
    assert code == 0 and "vgg" not in text.replace("vgg16 and vgg19 on digits", "")
    assert "Left out, because it has no variant resnet34: vgg16 and vgg19 on digits." in text
    code, _, said, _ = compare(tmp_path / "outputs", "--baseline", "resnet43")
    assert code == 1 and "Unknown variant. Received --baseline=resnet43" in said and "vgg16" in said


def test_each_experiment_has_the_names_of_its_own_variants(tmp_path, compare):
    sweep(tmp_path / "outputs", {"plain34": 0.5, "resnet34": 0.9})
    sweep(tmp_path / "outputs", {"vgg16": 0.5, "vgg19": 0.9}, **{"train.epochs": 3})
    names = ("--rename=plain34=Plain", "--rename", "vgg16=VGG-16")
    code, text, said, out = compare(tmp_path / "outputs", *names)
    assert (code, said) == (0, "") and "Plain" in text and "VGG-16" in text
    lines = [line.removeprefix("Alone: ") for line in text.splitlines() if line.startswith("Alone: ")]
    assert sorted("Plain" in line for line in lines) == sorted("VGG-16" in line for line in lines) == [False, True]
    for line in lines:
        assert compare(*shlex.split(line)[1:])[0] == 0
    code, _, said, _ = compare(tmp_path / "outputs", *names, "--rename=resnet43=x")
    assert code == 1 and "Unknown variant or component. Received --rename=resnet43." in said


def test_a_metric_that_one_experiment_lacks_is_said_there(tmp_path, compare):
    sweep(tmp_path / "outputs", {"plain34": 0.5, "resnet34": 0.9})
    write(tmp_path / "outputs", config(data="cats_vs_dogs"), history())
    code, text, _, out = compare(tmp_path / "outputs", "--metric", "test_accuracy")
    assert code == 2 and "Some runs do not have this metric" in text
    assert [each["folder"] is None for each in json.loads((out / "index.json").read_text())["experiments"]].count(
        True
    ) == 1


def test_what_has_no_completed_run_is_listed(tmp_path, compare):
    sweep(tmp_path / "outputs", {"plain34": 0.5})
    write(tmp_path / "outputs", config(**{"train.epochs": 3}), history(1), status="diverged")
    code, text, _, _ = compare(tmp_path / "outputs")
    assert code == 2 and "No run has completed so far." in text and "1 diverged" in text


def test_the_runs_can_be_compared_together(tmp_path, compare):
    for epochs in (3, 6):
        sweep(tmp_path / "outputs", {"resnet34": 0.9}, **{"train.epochs": epochs})
    code, text, _, out = compare(tmp_path / "outputs")
    assert code == 0 and "One table of all runs: --together" in text
    code, _, _, out = compare(tmp_path / "outputs", "--together")
    labels = [each["variant"] for each in json.loads((out / "table.json").read_text())["variants"]]
    assert code == 0 and labels == ["epochs=3", "epochs=6"]


def test_a_table_is_checked_against_one_experiment(quick, tmp_path, compare):
    finish(quick, tmp_path / "outputs", {"baseline": CALM, "-shortcut": lower(0.3), "-init": CALM})
    sweep(tmp_path / "outputs", {"vgg16": 0.5})
    _, _, _, out = compare(tmp_path / "outputs")
    table = tmp_path / "kept.md"
    table.write_text((out / "mine" / "table.md").read_text())
    code, _, said, _ = compare(tmp_path / "outputs", "--check", table)
    assert code == 1 and "--check compares one table. Received 2 experiments: mine; and vgg16 on digits" in said
    code, text, _, _ = compare(tmp_path / "outputs", "--study", "mine", "--check", table)
    assert code == 0 and "matches the runs" in text
    table.write_text(table.read_text().replace("worse", "better"))
    code, text, said, _ = compare(tmp_path / "outputs", "--study", "mine", "--check", table)
    assert code == 2 and "-shortcut" in text and "does not match the runs" in said


def test_studies_of_one_name_are_shown_alone_by_their_experiments(quick, tmp_path, compare):
    for root in ("a", "b"):
        finish(quick, tmp_path / root, {"baseline": CALM, "-shortcut": lower(0.1), "-init": CALM}, seeds=3)
    text = compare(tmp_path / "a", tmp_path / "b")[1]
    assert "--experiment 'mine, in a'" in text and "--experiment 'mine, in b'" in text and "--study" not in text


def test_it_says_whether_all_were_compared(tmp_path):
    for epochs in (3, 6):
        sweep(tmp_path / "outputs", {"resnet34": 0.9}, **{"train.epochs": epochs})
    experiments = together(load([tmp_path / "outputs"]))
    assert output.compare(experiments, CompareArguments([], tmp_path / "out"))
    assert not output.compare(experiments, CompareArguments([], tmp_path / "out", baseline="epochs=3"))
