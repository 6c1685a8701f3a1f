"""`ablate-runs`: what it lists and says, as a table and as JSON, of any folder."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support import mutations
from support.fake_runs import config, write

import ablation
from ablation.cli.runs import ablate_runs, as_json, listing
from ablation.rundir import discovery

BIN = Path(sys.executable).parent


def test_a_week_of_runs(runs, week, study):
    said = runs()
    assert (said.code, said.err) == (0, "") and len(said.rows) == 28
    assert "mine: 15 runs\n" in said.out and "plain34, resnet34 and vgg16 on digits: 9 runs\n" in said.out
    assert (
        "28 runs below outputs (the default PATH): 23 completed, 2 failed, 1 unreadable, 1 diverged, 1 interrupted; "
        in said.out
    )
    assert runs("outputs").out.replace("below outputs", "") == said.out.replace("below outputs (the default PATH)", "")


def test_which_runs_failed_and_why(runs, week):
    said = runs("--status", "failed")
    assert [line.rpartition("  ")[2] for line in said.rows] == [
        "ImportError: no module named x",
        "ResourceExhaustedError: out of memory",
    ]
    assert "2 of 13 runs below outputs (the default PATH) match: 2 failed; " in said.out
    assert "The log of a run is run.log in its directory" in said.out


def test_the_newest_are_shown_and_the_others_counted(runs, week):
    said = runs("--limit", "4")
    assert len(said.rows) == 4
    assert "These are the newest 4. For the other 9, add --all, or --limit 8." in said.out
    assert "13 runs below" in said.out and "Why runs failed: ablate-runs --status failed" in said.out
    assert "These are the first 2" in runs("--limit", "2", "--sort", "size").out
    everything = runs("--all")
    assert len(everything.rows) == 13 and "These are" not in everything.out


def test_fifty_are_shown_by_default(runs, tmp_path):
    for seed in range(53):
        write(tmp_path / "outputs", config(seed=seed))
    said = runs()
    assert len(said.rows) == 50 and "These are the newest 50. For the other 3, add --all, or --limit 100." in said.out
    assert len(runs("--all").rows) == 53


def test_a_sorted_list_is_one_table_with_the_experiment_in_a_column(runs, week, study):
    out = runs("--sort", "test_accuracy", "--limit", "3").out.splitlines()
    assert out[0].split()[:3] == ["Status", "Experiment", "Variant"] and out[1].split()[-6:-5] != []
    assert sum(line.startswith("Status") for line in out) == 1


def strict(text):
    def refuse(token):
        raise AssertionError(token)

    return json.loads(text, parse_constant=refuse)


def test_json_has_every_run_with_what_the_docs_say(runs, week, study):
    said = runs("--json")
    made = strict(said.out)
    assert (said.code, said.err) == (0, "") and made.keys() == {"format", "runs", "totals", "not_searched"}
    assert made["format"] == as_json.FORMAT and made["totals"]["runs"] == len(made["runs"]) == 28
    assert made["totals"]["statuses"] == {
        "completed": 23, "failed": 2, "unreadable": 1, "diverged": 1, "interrupted": 1,
    }  # fmt: skip
    page = (Path(__file__).resolve().parents[3] / "docs" / "runs.md").read_text()
    for run in made["runs"]:
        assert all(f"`{name}`" in page for name in run)
        assert (Path(run["path"]) / "run.json").is_file()
    failed = next(run for run in made["runs"] if run["status"] == "failed" and run["network"])
    assert (failed["reason"], failed["metrics"]) == ("ResourceExhaustedError: out of memory", None)
    first = next(run for run in made["runs"] if run["name"] == "first look")
    assert (first["config"]["model.width"], first["data"], first["metrics"]["test"]["accuracy"]) == (8, "cifar10", 0.89)
    cell = next(run for run in made["runs"] if run["variant"] == "-init")
    assert (cell["experiment"], cell["studies"]) == ("mine", ["mine"])
    assert strict(runs("--json", "--where", "seed=99").out)["runs"] == []


@pytest.mark.parametrize("words", [[], ["--json"], ["--delete", "--status", "failed"], ["--add-tag", "x"]])
def test_nothing_found_is_one_paragraph(runs, tmp_path, words):
    said = runs(*words)
    assert (said.code, said.out) == (1, "") and said.err.count("\n") == 1
    assert "outputs (does not exist), the default." in said.err
    (tmp_path / "empty").mkdir()
    said = runs("empty", "absent", *words)
    assert said.code == 1 and "empty and absent (does not exist)." in said.err
    assert not (tmp_path / "outputs").exists()


def test_a_condition_is_refused_before_anything_is_done(runs, week):
    said = runs("--where", "widht=8", "--delete", "--yes")
    assert said.code == 1 and said.err.count("\n") == 1 and "Type for example --where width=8" in said.err
    assert len(discovery.find([week])) == 13


def test_nothing_matches_is_said(runs, week):
    said = runs("--where", "seed=99")
    assert (said.code, said.err) == (0, "")
    assert said.out == "None of 13 runs below outputs (the default PATH) matches.\n"


def test_a_folder_that_cannot_be_searched_is_named_and_the_others_are_listed(runs, week):
    (week / "closed").mkdir(mode=0)
    if os.access(week / "closed", os.R_OK):
        pytest.skip("root may read anything")
    said = runs()
    assert said.code == 2 and len(said.rows) == 13
    assert said.err == "ablate-runs: Not searched: outputs/closed (Permission denied)\n"
    assert strict(runs("--json").out)["not_searched"] == [{"path": "outputs/closed", "reason": "Permission denied"}]


ODD = ["", "\udcff", "x" * 5000, "/dev/null", "a\0b", "a\nb"]


@pytest.mark.parametrize("path", ODD, ids=range(len(ODD)))
def test_an_odd_path_is_one_paragraph(runs, path):
    said = runs(path)
    assert said.code == 1 and said.err.count("\n") == 1 and said.err.startswith("ablate-runs: ")


def test_odd_folders_stop_nothing(runs, tmp_path):
    mutations.compare(60, 7, tmp_path)
    said = runs("outputs", "--all")
    made = strict(runs("outputs", "--json").out)
    assert said.code == 0 and len(said.rows) == len(made["runs"]) > 50
    assert "\x1b" not in said.out and "unreadable" in said.out
    assert runs("outputs", "--where", "age>0s", "--where", "size>0B", "--sort", "size").code == 0


def test_ctrl_c_is_code_130(runs, week, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(listing, "show", interrupt)
    assert runs().code == 130


def test_a_disk_that_fails_is_one_paragraph(runs, week, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied", "outputs/x")

    monkeypatch.setattr(listing, "show", refuse)
    said = runs("outputs/x", "outputs")
    assert said.code == 1 and "The file system refuses a path: Permission denied" in said.err


@pytest.mark.integration
def test_neither_tensorflow_nor_hydra_nor_anything_slow_is_imported(no_hydra, week, monkeypatch, tmp_path):
    """The list, the changes and the cache; of what is slow to import, only NumPy, which reads histories."""
    (slow := tmp_path / "slow").mkdir()
    for name in ("scipy", "matplotlib", "pandas", "sklearn", "jinja2"):
        (slow / f"{name}.py").write_text(f"raise SystemExit('{name} was imported')")
    env = {**no_hydra, "PYTHONPATH": os.pathsep.join([no_hydra["PYTHONPATH"], str(slow)])}
    env["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    for words in (
        ["outputs"],
        ["--json"],
        ["--add-tag", "x"],
        ["--status", "failed", "--delete", "--yes"],
        ["--cache"],
    ):
        done = subprocess.run([BIN / "ablate-runs", *words], env=env, cwd=tmp_path, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, ""), words


@pytest.mark.integration
def test_help_version_and_a_reader_that_leaves(no_hydra, week, tmp_path):
    done = subprocess.run([BIN / "ablate-runs", "--version"], env=no_hydra, capture_output=True, text=True)
    assert done.stdout.startswith(f"ablate-runs {ablation.__version__} (Keras ") and done.returncode == 0
    for seed in range(3, 200):
        write(week, config(seed=seed))
    command = f"'{BIN / 'ablate-runs'}' --json | head -n 1"
    done = subprocess.run(command, shell=True, env=no_hydra, cwd=tmp_path, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ('{"format": 1,\n', "")


def test_the_command_is_installed_under_its_name():
    from importlib import metadata

    (entry,) = metadata.entry_points(group="console_scripts", name="ablate-runs")
    assert entry.load() is ablate_runs.main
