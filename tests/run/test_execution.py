"""One run from its claim to its record; the training itself is replaced."""

import errno
import json
from dataclasses import asdict, replace

import numpy as np
import pytest
import yaml
from support.fake_runs import config

from ablation.config import libraries
from ablation.config.run_request import RunRequest
from ablation.errors import AblateError, Busy, Failed
from ablation.run import execution, place
from ablation.run.execution import Results, Run
from ablation.rundir import claim, layout
from ablation.rundir.record import read_record
from ablation.rundir.record_parts import DataRecord, Exactness, Metrics, NetworkRecord
from ablation.training import checkpoint
from ablation.training.checkpoint import Checkpoint

SCORE = {"epoch": 1, "val_accuracy": 0.5}


@pytest.fixture
def request_(tmp_path):
    cfg = replace(config(), outputs=str(tmp_path))
    return RunRequest(cfg, asdict(cfg), ("seed=0", "name=ä"), "seed: 0\n")


@pytest.fixture
def where(request_):
    return place.locate(request_.config)


def completed(run: Run, stop) -> Results:
    """What stages do to the record of a run that completes."""
    run.record.status = "completed"
    run.record.network = NetworkRecord("x", 8, 1, 1, 1)
    run.record.data = DataRecord("digits", 1, 2, None, "0")
    run.record.metrics = Metrics({"final": SCORE, "best": SCORE})
    run.record.exactness = Exactness(exact=True)
    return Results(weights={"a/kernel": np.ones(2)}, correct={"val_last": np.zeros(1, np.uint8)})


def staged(monkeypatch, stages) -> list[str]:
    """Replace the stages. Returns the directories in which they were entered."""
    entered = []

    def enter(self, stop):
        entered.append(self.directory.name)
        return stages(self, stop)

    monkeypatch.setattr(Run, "stages", enter)
    return entered


def begin(run: Run) -> None:
    """Leave a checkpoint, as training does."""
    checkpoint.save(run.directory / layout.CHECKPOINT, Checkpoint(step=1, code=run.record.code))


def test_a_completed_run_leaves_its_files_and_is_not_run_again(monkeypatch, request_, where, capsys):
    entered = staged(monkeypatch, lambda run, stop: begin(run) or completed(run, stop))
    assert execution.execute(request_, cores=1) == 0
    record = read_record(where.last)
    assert (record.status, record.attempt, record.fingerprint) == ("completed", 1, where.fingerprint)
    assert set(record.files) == {
        *(layout.WEIGHTS, layout.CORRECT, layout.LOG),
        *(f"{layout.HYDRA}/config.yaml", f"{layout.HYDRA}/overrides.yaml"),
    }
    assert yaml.safe_load((where.last / layout.HYDRA / "overrides.yaml").read_text()) == ["seed=0", "name=ä"]
    assert np.load(where.last / layout.WEIGHTS)["a/kernel"].tolist() == [1, 1]
    assert not (where.last / layout.CHECKPOINT).exists() and record.timings.session >= 0
    assert execution.execute(request_) == 0 and entered == [where.name]
    assert "already completed. val_accuracy 0.5000 (best 0.5000 in epoch 1)" in capsys.readouterr().out


def test_weights_are_kept_where_that_is_asked_for(monkeypatch, request_, where):
    staged(monkeypatch, completed)
    cfg = request_.config
    light = replace(request_, config=replace(cfg, train=replace(cfg.train, keep_weights=False)))
    execution.execute(light)
    last = place.locate(light.config).last
    assert (last / layout.CORRECT).exists() and not (last / layout.WEIGHTS).exists()


def test_a_rerun_stands_beside(monkeypatch, request_, where):
    entered = staged(monkeypatch, completed)
    for rerun in ("false", "true"):
        execution.execute(replace(request_, config=replace(request_.config, rerun=rerun)))
    assert entered == [where.name, f"{where.name}.2"] and read_record(where.last).attempt == 2


def test_an_error_in_the_stages_is_recorded_and_the_run_is_tried_again(monkeypatch, request_, where, capsys):
    entered = staged(monkeypatch, lambda run, stop: 1 / 0)
    for _ in range(2):
        with pytest.raises(Failed, match="failed: ZeroDivisionError: division by zero"):
            execution.execute(request_)
    record = read_record(where.last)
    assert (record.status, record.error) == ("failed", "ZeroDivisionError: division by zero")
    assert capsys.readouterr().err.count("Traceback") == len(entered) == 2  # pytest takes it before the log does


def test_a_refused_run_leaves_nothing(monkeypatch, request_, where):
    def refuse(run, stop):
        raise AblateError("not like this")

    staged(monkeypatch, refuse)
    with pytest.raises(AblateError, match="not like this"):
        execution.execute(request_)
    assert not where.last.exists()


@pytest.mark.parametrize(("began", "error"), [(False, AblateError), (True, Failed)])
def test_a_full_disk_is_told_and_a_run_that_began_can_be_resumed(monkeypatch, request_, where, began, error):
    def fill(run, stop):
        if began:
            begin(run)
        raise OSError(errno.ENOSPC, "No space left on device", "history.csv")

    staged(monkeypatch, fill)
    with pytest.raises(error, match=r"Cannot write to history.csv: No space left on device\. Received outputs="):
        execution.execute(request_)
    assert where.last.exists() == began
    if began:
        assert read_record(where.last).status == "failed" and (where.last / layout.CHECKPOINT).exists()


def test_a_resumed_run_keeps_what_it_knows_and_its_checkpoint(monkeypatch, request_, where):
    def interrupt(run, stop):
        begin(run)
        completed(run, stop)
        run.record.status, stop.code = "interrupted", 143

    staged(monkeypatch, interrupt)
    assert execution.execute(request_) == 143
    assert read_record(where.last).status == "interrupted" and (where.last / layout.CHECKPOINT).exists()
    seen = []
    staged(monkeypatch, lambda run, stop: seen.append((run.start.checkpoint.step, run.record.network)) or 1 / 0)
    with pytest.raises(Failed):
        execution.execute(request_)
    assert seen == [(1, NetworkRecord("x", 8, 1, 1, 1))]


def test_an_interruption_leaves_a_record(request_, where):
    run = Run(request_, 1, where, execution.starting_point(where, is_rerun=False))
    run.record_interruption()  # before there is a directory
    assert not run.directory.exists()
    run = Run(request_, 1, where, execution.starting_point(where, is_rerun=False))
    run.directory.mkdir()
    run.record_interruption()
    assert read_record(run.directory).status == "interrupted" and run.record.status == "running"


def test_a_run_that_another_process_holds_is_left_alone(monkeypatch, request_, where):
    entered = staged(monkeypatch, completed)
    with claim.claim(where.outputs, where.name), pytest.raises(Busy):
        execution.execute(request_)
    assert entered == []


def test_the_record_is_strict_json_from_the_start(monkeypatch, request_, where):
    seen = []
    staged(monkeypatch, lambda run, stop: seen.append(json.loads((run.directory / layout.RECORD).read_text())) or 1 / 0)
    with pytest.raises(Failed):
        execution.execute(request_)
    (values,) = seen
    assert (values["status"], values["kind"], values["format"]) == ("running", "run", 1)
    assert values["config"]["seed"] == 0 and values["network"] is None


def test_a_backend_that_is_not_installed_is_asked_for_before_anything_is_made(request_, where, tmp_path, monkeypatch):
    staged(monkeypatch, completed)
    with monkeypatch.context() as missing:
        missing.setattr(libraries, "_is_installed", lambda module: module != "tensorflow")
        with pytest.raises(AblateError, match="tensorflow.*Type pip install"):
            execution.execute(request_)
        assert list(tmp_path.iterdir()) == []
    assert execution.execute(request_) == 0
    monkeypatch.setattr(libraries, "_is_installed", lambda module: module == "sklearn")
    assert execution.execute(request_) == 0  # a run that is done needs nothing


@pytest.mark.parametrize("function", ["start", "devices"])
def test_a_backend_that_is_installed_and_does_not_start_leaves_no_run(monkeypatch, request_, where, function):
    def fail(*arguments):
        raise AssertionError

    monkeypatch.setattr(execution.backend, "start", lambda *arguments: None)
    monkeypatch.setattr(execution.backend, function, fail)
    with pytest.raises(
        AblateError, match="does not start .AssertionError.*Received backend=tensorflow.*Type python -c"
    ):
        execution.execute(request_)
    assert not where.last.exists()
