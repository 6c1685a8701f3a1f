"""Jobs of other launchers: their share of the cores, and what they refuse."""

from dataclasses import replace

import pytest

from ablation.config.run_request import RunRequest
from ablation.config.schema import Config
from ablation.errors import AblateError
from ablation.runtime import machine
from ablation.sweep import external_launchers
from ablation.sweep.parent_watch import Worker


@pytest.mark.parametrize(
    ("launcher", "expected"),
    [
        ({}, 8),
        ({"n_jobs": 2}, 4),
        ({"n_jobs": -1}, 1),
        ({"n_jobs": -7}, 4),
        ({"n_jobs": -20}, 8),
        ({"n_jobs": 100}, 1),
        ({"n_jobs": None}, 8),
        ({"cpus_per_task": 3, "n_jobs": 2}, 3),
        ({"ray": {"remote": {"num_cpus": 2}}}, 2),
        ({"ray": {"remote": {}}}, 1),
    ],
)
def test_a_job_has_its_share_of_the_cores(monkeypatch, launcher, expected):
    monkeypatch.setattr(machine, "cores", lambda: 8)
    assert external_launchers.cores_of_job(launcher) == expected


def request(**keys):
    config = replace(Config(), **keys)
    return RunRequest(config, {}, (), "")


@pytest.fixture
def worker(monkeypatch):
    """The state of this process as a worker, which starts nothing."""
    fresh = Worker()
    monkeypatch.setattr(external_launchers, "WORKER", fresh)
    monkeypatch.setattr(fresh, "follow", lambda: None)
    return fresh


def test_n_jobs_is_refused_with_what_the_launcher_reads():
    with pytest.raises(AblateError, match=r"hydra\.launcher=joblib\.X.*hydra\.launcher\.n_jobs=2"):
        external_launchers.alone(request(n_jobs=2), {"_target_": "joblib.X"})


def test_a_worker_that_was_stopped_begins_nothing_more(worker, tmp_path, monkeypatch):
    codes = iter([0, 143])
    monkeypatch.setattr(external_launchers, "launch", lambda *_: [next(codes)])
    assert external_launchers.alone(request(outputs=str(tmp_path)), {}) == 0 and worker.code is None
    assert external_launchers.alone(request(outputs=str(tmp_path)), {}) == 143 and not worker.busy
    assert external_launchers.alone(request(outputs=str(tmp_path)), {}) == 143  # `launch` was called twice only


def test_an_orphan_begins_nothing(worker, tmp_path, monkeypatch):
    monkeypatch.setattr(worker, "orphaned", lambda: True)
    assert external_launchers.alone(request(outputs=str(tmp_path)), {}) == 143
