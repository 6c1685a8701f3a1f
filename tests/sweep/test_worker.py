"""How jobs end, in made-up processes and in real ones that train nothing; `integration/test_sweep` has the others."""

import multiprocessing
import signal
from dataclasses import asdict, replace
from multiprocessing.connection import wait
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.fake_runs import config

from ablation.config.run_request import RunRequest
from ablation.errors import AblateError, Busy, Failed
from ablation.run import execution, place
from ablation.run.structure import Kept, OtherStructure
from ablation.rundir.record import RunRecord, write_record
from ablation.sweep import worker
from ablation.sweep.worker import Ending, Worker


@pytest.mark.parametrize("code", [130, 143])
def test_a_process_that_left_at_a_signal_was_interrupted(code):
    assert worker.ending_of(code) == Ending(code)


@pytest.mark.parametrize(
    ("code", "killed_by"),
    [
        (-signal.SIGKILL, "SIGKILL (out of memory?)"),
        (-signal.SIGSEGV, "SIGSEGV"),
        (-200, "signal 200"),
    ],
)
def test_a_killed_process_may_be_tried_again(code, killed_by):
    assert worker.ending_of(code) == Ending(None, f"its process was killed by {killed_by}", killed=True)


def test_a_job_dies_with_its_server():
    ending = worker.ending_of(worker.SERVER_DIED)
    assert ending.killed and ending.reason == "its process was killed together with its fork server"


@pytest.mark.parametrize("code", [0, 1, 17])
def test_a_process_that_exits_without_a_report_has_failed(code):
    ending = worker.ending_of(code)
    assert ending == Ending(None, f"its process exited with code {code} before the end of the run")
    assert worker.killer(code) is None


class FakeProcess:
    """A process that was killed as soon as it had started, and had left a temporary file."""

    pid, sentinel, exitcode = 1, 0, -signal.SIGKILL

    def __init__(self, target, args):
        self.temporary = args[0]

    def start(self):
        Path(self.temporary, "left").touch()

    def close(self):
        pass


def test_the_temporary_files_of_a_process_that_is_killed_are_deleted(monkeypatch, tmp_path):
    monkeypatch.setattr(worker.SERVER, "context", lambda backend: SimpleNamespace(Process=FakeProcess))
    monkeypatch.setattr(worker.tempfile, "tempdir", str(tmp_path))
    started = worker._start("tensorflow", print)
    (temporary,) = tmp_path.iterdir()
    assert [path.name for path in temporary.iterdir()] == ["left"]
    started.close()
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_cannot_be_started_leaves_no_folder(monkeypatch, tmp_path):
    def refuse(backend):
        raise OSError("no more processes")

    monkeypatch.setattr(worker.SERVER, "context", refuse)
    monkeypatch.setattr(worker.tempfile, "tempdir", str(tmp_path))
    with pytest.raises(OSError, match="no more processes"):
        worker._start("tensorflow", print)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("outcome", "ending"),
    [
        (0, Ending(0, clean=True)),
        (2, Ending(2, clean=True)),  # it diverged: the next run begins with other values
        (143, Ending(143)),
        (Busy("taken"), Ending(75, "taken", clean=True)),
        (AblateError("no such data"), Ending(1, "no such data")),
        (Failed("it broke"), Ending(2, "it broke")),
        (OtherStructure("threads"), Ending(None, "threads", declined=True)),
        (ValueError("a bad network"), Ending(2, "ValueError: a bad network")),
        (SystemExit(3), Ending(2, "SystemExit: 3")),
    ],
)
def test_a_worker_goes_on_only_if_its_job_ended_in_order(monkeypatch, outcome, ending):
    def execute(job, cores, kept):
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    monkeypatch.setattr(execution, "execute", execute)
    assert worker._execute(RunRequest(config(), {}, (), ""), 1, Kept()) == ending


@pytest.fixture
def started(monkeypatch):
    """A worker without the fork server, whose libraries no job here needs."""
    monkeypatch.setattr(worker.SERVER, "context", lambda backend: multiprocessing.get_context("spawn"))
    made = Worker("structure", "tensorflow", 1, None)
    yield made
    made.close()


def done(outputs: Path, seed: int) -> RunRequest:
    """A request for a run that is completed."""
    cfg = replace(config(), outputs=str(outputs), seed=seed)
    where = place.locate(cfg)
    where.last.mkdir(parents=True)
    write_record(where.last, RunRecord("completed", fingerprint=where.fingerprint, seed=seed))
    return RunRequest(cfg, asdict(cfg), (f"seed={seed}",), "")


def ended(started: Worker) -> Ending:
    """Wait for the end of a job."""
    while (ending := started.ending()) is None:
        assert wait(started.waitable, 60)
    return ending


def test_a_worker_runs_one_job_after_another_and_each_has_its_own_log(started, tmp_path):
    for seed in (0, 1):
        started.begin(done(tmp_path / "outputs", seed), tmp_path / f"{seed}.log")
        assert ended(started) == Ending(0, clean=True) and started.is_alive() and started.ending() is None
    for seed in (0, 1):
        header, line, *_ = (tmp_path / f"{seed}.log").read_text().splitlines()
        assert header.startswith(f"--- seed={seed}, ") and f"-s{seed}-" in line and "already completed" in line
    assert started.jobs == 2
    bad = replace(config(data="folder"), outputs=str(tmp_path / "outputs"))
    bad = replace(bad, data=replace(bad.data, root=str(tmp_path / "nowhere"), name="gone"))
    started.begin(RunRequest(bad, asdict(bad), (), ""), tmp_path / "bad.log")
    ending = ended(started)
    assert (ending.code, ending.clean) == (1, False) and "nowhere" in ending.reason
    assert ending.reason in (tmp_path / "bad.log").read_text()
    with pytest.raises(OSError):
        started.begin(done(tmp_path / "outputs", 2), tmp_path / "2.log")


def test_a_worker_that_is_killed_says_so(started, tmp_path):
    started.begin(done(tmp_path / "outputs", 0), tmp_path / "0.log")
    assert ended(started).clean
    started.kill()
    ending = ended(started)
    assert ending.killed and "SIGKILL" in ending.reason and not started.is_alive()


@pytest.mark.parametrize("ended_by", ["driver", "signal"])
def test_a_worker_without_a_job_ends_at_once(started, tmp_path, ended_by):
    started.begin(done(tmp_path / "outputs", 0), tmp_path / "0.log")
    assert ended(started).clean
    process = started._started.process
    if ended_by == "driver":
        started._started.connection.close()
    else:
        started.ask()
    process.join(30)
    assert process.exitcode in (0, 143)
