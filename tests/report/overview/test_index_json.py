"""index.json: every experiment, and every run once."""

import json

from support.fake_runs import config, history, sweep, write
from support.finished_studies import CALM, PARTS, finish, lower
from support.tables import overview_of

from ablation.report.overview.index_json import index_json


def document(folder) -> dict:
    return json.loads(index_json(overview_of(folder), {}))


def test_every_run_stands_in_it_once_with_its_place(quick, tmp_path):
    finish(quick, tmp_path, {"baseline": CALM, "-shortcut": lower(0.3), "-init": CALM})
    finish(quick, tmp_path, {"baseline": CALM, "-init": CALM}, name="again", components={"init": PARTS["init"]})
    sweep(tmp_path, {"vgg16": 0.5})
    write(tmp_path, config("vgg16", seed=9), history(1), status="diverged")
    (write(tmp_path, config("resnet50"), history(1)) / "run.json").write_text("{")
    found = document(tmp_path)
    directories = [each["path"] for each in found["runs"]] + [each["path"] for each in found["excluded"]]
    assert sorted(directories) == sorted(str(path.parent) for path in tmp_path.rglob("run.json"))
    shared = [each for each in found["runs"] if each["also_in"]]
    assert len(shared) == 10 and {(each["experiment"], *each["also_in"]) for each in shared} == {("mine", "again")}
    assert [each["status"] for each in found["runs"] if "vgg16" in each["path"]].count("diverged") == 1


def test_an_experiment_has_its_folder_and_its_verdicts(quick, tmp_path):
    finish(quick, tmp_path, {"baseline": CALM, "-shortcut": lower(0.3), "-init": CALM})
    write(tmp_path, config("vgg16"), history(1), status="failed")
    first, second = sorted(document(tmp_path)["experiments"], key=lambda each: each["study"] is None)
    assert (first["name"], first["folder"], first["exploratory"]) == ("mine", "mine", False)
    assert {"variant": "-shortcut", "n": 5, "verdict": "worse"} in first["variants"]
    assert (second["folder"], second["reason"]) == (None, "No run has completed so far.")
