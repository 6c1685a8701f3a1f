"""Jobs in processes that are made up: what is killed is tried again, what hangs is ended, nothing is lost."""

import signal
import threading
from collections import deque
from dataclasses import replace

import pytest

from ablation.config.run_request import RunRequest
from ablation.config.schema import Config
from ablation.errors import Busy
from ablation.run.locator import Located
from ablation.run.place import RunLocation
from ablation.rundir import record as rundir_record
from ablation.rundir.record import RunRecord
from ablation.runtime import signals
from ablation.sweep import pool, scheduler
from ablation.sweep import status as sweep_status
from ablation.sweep.live_display import Display
from ablation.sweep.pool import Room
from ablation.sweep.worker import Ending


class FakeWorker:
    """A worker whose job ends at the second look as the script of its seed says; what it is asked for is kept."""

    script: dict[int, deque]
    made: list["FakeWorker"]
    begun: list[int]  # seeds

    def __init__(self, structure, backend, cores, gpu):
        self.structure, self.gpu, self.jobs = structure, gpu, 0
        self.pid, self.waitable = 1000 + len(self.made), []
        self.asked = self.killed = self.closed = False
        self.made.append(self)

    def begin(self, request, log):
        assert not self.closed
        self.seed, self.looks = request.config.seed, 0
        self.jobs += 1
        self.begun.append(self.seed)

    def ask(self):
        self.asked = True

    def kill(self):
        self.killed = True

    def is_alive(self):
        return not self.closed

    def close(self):
        self.closed = True

    def ending(self):
        self.looks += 1
        if self.looks < 2:
            return None
        step = self.script[self.seed][0]
        if step == "hangs":
            return Ending(None, "its process was killed by SIGKILL", killed=True) if self.killed else None
        if step == "leaves when asked":
            return Ending(143) if self.asked else None
        if step == "completes when asked":
            return completes(location(self.seed)) if self.asked else None
        self.script[self.seed].popleft()
        return step(location(self.seed)) if callable(step) else step


class FakeWatchdog:
    def __init__(self, grace):
        self.watched, self.forgotten = [], []
        WATCHDOGS.append(self)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def watch(self, pid):
        self.watched.append(pid)

    def forget(self, pid):
        self.forgotten.append(pid)


WATCHDOGS: list[FakeWatchdog] = []
ROOT = []


def location(seed):
    return RunLocation(ROOT[0], f"run-s{seed}", f"{seed:064d}")


@pytest.fixture(autouse=True)
def made_up(monkeypatch, tmp_path):
    ROOT[:] = [tmp_path]
    WATCHDOGS.clear()
    FakeWorker.script, FakeWorker.made, FakeWorker.begun = {}, [], []
    monkeypatch.setattr(pool, "Worker", FakeWorker)
    monkeypatch.setattr(scheduler, "Watchdog", FakeWatchdog)
    monkeypatch.setattr(scheduler, "wait", lambda sentinels, timeout: None)
    monkeypatch.setattr(scheduler, "TICK", 0.001)
    monkeypatch.setattr(scheduler, "RunLocator", lambda: lambda cfg: Located(location(cfg.seed)))


def completes(where):
    """What a job does that trains to its end."""
    where.last.mkdir(parents=True, exist_ok=True)
    rundir_record.write_record(where.last, RunRecord("completed", fingerprint=where.fingerprint, seed=0))
    return Ending(0, clean=True)


def run(scripts, at_once=1, limit=None, **keys):
    """Launch a job for each seed of the scripts. Returns the exit codes."""
    FakeWorker.script = {seed: deque(script) for seed, script in scripts.items()}
    jobs = [RunRequest(replace(Config(), seed=seed, **keys), {}, (f"seed={seed}",), "") for seed in scripts]
    return scheduler.launch(jobs, Room((None,) * at_once, 1), Display(len(jobs), live=False), limit=limit)


def test_jobs_run_in_order_and_give_their_codes(capsys):
    assert run({0: [completes], 1: [Ending(1, "a wrong key")], 2: [completes]}) == [0, 1, 0]
    assert FakeWorker.begun == [0, 1, 2]
    assert "[2/3] run-s1: failed" in capsys.readouterr().out
    assert sweep_status.row(location(1)).reason == "a wrong key"
    assert WATCHDOGS[0].watched == WATCHDOGS[0].forgotten == [1000, 1001]  # a failure takes its worker with it


def test_as_many_run_in_parallel_as_there_is_room_for():
    assert run({seed: [completes] for seed in range(4)}, at_once=3) == [0] * 4
    assert FakeWorker.begun == [0, 1, 2, 3] and len(FakeWorker.made) == 3


class FakeLimit:
    """A limit on the number of processes. Keeps what it was told of each."""

    def __init__(self, most):
        self.most, self.noted = most, []

    def allows(self, where, running):
        return len(self.noted) + len(running) < self.most

    def note(self, where, seconds, has_ended):
        assert seconds >= 0
        self.noted.append((where.name, has_ended))


@pytest.mark.parametrize("at_once", [1, 3])
def test_no_run_starts_beyond_the_limit_and_none_is_lost(at_once):
    limit, failed = FakeLimit(3), Ending(1, "a wrong key")
    assert run({0: [completes], 1: [failed], 2: [completes], 3: [], 4: []}, at_once, limit) == [0, 1, 0, 2, 2]
    assert limit.noted == [("run-s0", True), ("run-s1", False), ("run-s2", True)]
    assert sweep_status.row(location(3)).status == "waiting"


def test_what_was_killed_is_tried_again_and_then_has_failed(capsys):
    killed = Ending(None, "its process was killed by SIGSEGV", killed=True)
    assert run({0: [killed, completes], 1: [killed, killed, killed]}, max_retries=1) == [0, 2]
    assert len(FakeWorker.begun) == 4 and len(FakeWorker.made) == 3  # who is killed is replaced
    assert "run-s0: its process was killed by SIGSEGV; retrying" in capsys.readouterr().out
    assert sweep_status.row(location(1)).reason == "its process was killed by SIGSEGV, 2 times"
    assert sweep_status.begun(location(1)) == 2


def test_a_job_that_hangs_is_asked_then_killed_and_has_failed(monkeypatch):
    monkeypatch.setattr(scheduler, "GRACE", 0.01)
    assert run({0: ["hangs"], 1: [completes]}, job_timeout=0.01) == [2, 0]
    assert FakeWorker.made[0].asked and FakeWorker.made[0].killed
    assert sweep_status.row(location(0)).reason == (
        "it ran longer than job_timeout=0.01 s; run the same command to resume"
    )


def test_a_run_that_its_worker_declines_gets_a_new_worker(capsys):
    declined = Ending(None, "another structure", declined=True)
    assert run({0: [completes], 1: [declined, completes], 2: [completes]}, max_retries=0) == [0, 0, 0]
    assert FakeWorker.begun == [0, 1, 1, 2] and len(FakeWorker.made) == 2
    assert "another structure" not in capsys.readouterr().out


def test_a_job_that_completes_after_it_was_asked_to_end_takes_its_worker_with_it():
    """The signal could still reach the worker in its next job."""
    assert run({0: ["completes when asked"], 1: [completes]}, job_timeout=0.01) == [0, 0]
    assert FakeWorker.made[0].closed and len(FakeWorker.made) == 2


def test_a_run_that_another_process_has_is_waited_for(capsys):
    assert run({0: [Ending(Busy.code), completes]}) == [0] and FakeWorker.begun == [0, 0]


def test_what_another_sweep_completed_is_not_begun():
    completes(location(1))
    assert run({0: [completes], 1: []}) == [0, 0]
    assert FakeWorker.begun == [0]


def test_a_job_that_could_not_be_started_is_tried_again(monkeypatch):
    def refused(*arguments):
        if not FakeWorker.made:
            FakeWorker.made.append(None)
            raise OSError("no memory")
        return FakeWorker(*arguments)

    monkeypatch.setattr(pool, "Worker", refused)
    assert run({0: [completes]}) == [0]


def test_a_signal_stops_what_runs_and_leaves_the_rest(monkeypatch):
    noted, note = threading.Event(), signals.Stop.note

    def noticed(stop, number):
        note(stop, number)
        noted.set()

    def stopped(where):
        signal.raise_signal(signal.SIGTERM)
        assert noted.wait(60)  # the thread that receives signals has seen it
        return completes(where)

    monkeypatch.setattr(signals.Stop, "note", noticed)

    assert run({0: [stopped], 1: ["leaves when asked"], 2: []}, at_once=2) == [0, 143, 143]
    assert FakeWorker.made[1].asked and len(FakeWorker.made) == 2
    row = sweep_status.row(location(1))
    assert (row.status, row.reason) == ("interrupted", "run the same command to resume")


def test_an_error_of_the_driver_stops_the_jobs_before_it_is_raised(monkeypatch):
    class Broken(Display):
        raised = False

        def tick(self, elsewhere):
            if FakeWorker.made and not self.raised:
                self.raised = True
                raise SystemExit(99)

    FakeWorker.script = {0: deque(["leaves when asked"])}
    job = RunRequest(Config(), {}, (), "")
    with pytest.raises(SystemExit):
        scheduler.launch([job], Room((None,), 1), Broken(1, live=False))
    assert FakeWorker.made[0].asked


def test_a_run_is_located_again_once_its_data_is_there(monkeypatch, tmp_path):
    found = [Located(location(8), "its data is missing"), Located(location(9))]
    monkeypatch.setattr(scheduler, "RunLocator", lambda: lambda cfg: found.pop(0))
    (queued,) = scheduler.queued([RunRequest(Config(), {}, (), "")])
    assert queued.where == location(8) and not queued.located
    queued.locate_again()
    assert queued.where == location(9) and queued.located
    queued.locate_again()  # asks no more
