"""How a job's process ended, from its exit code. Real processes are tested in `integration/test_sweep`."""

import signal
from pathlib import Path
from types import SimpleNamespace

import pytest

from ablation.sweep import worker
from ablation.sweep.worker import Ending


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
