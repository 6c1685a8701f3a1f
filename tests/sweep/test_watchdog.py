"""The watchdog is told of jobs line by line, and of an end in order."""

import pytest

from ablation.sweep import watchdog
from ablation.sweep.watchdog import Watchdog


class FakeProcess:
    """Keeps what was started; reads the lines once the writer is closed."""

    def __init__(self, words, stdin, start_new_session):
        self.words, self.own_session = words, start_new_session
        self.reader = watchdog.os.fdopen(watchdog.os.dup(stdin))

    def wait(self):
        with self.reader:
            self.lines = self.reader.read().splitlines()


@pytest.fixture
def started(monkeypatch):
    processes = []
    monkeypatch.setattr(
        watchdog.subprocess, "Popen", lambda *a, **k: processes.append(FakeProcess(*a, **k)) or processes[-1]
    )
    return processes


def test_it_hears_of_each_job_and_of_the_end(started):
    with Watchdog(15.0) as guard:
        guard.watch(11)
        guard.watch(12)
        guard.forget(11)
    (process,) = started
    assert process.lines == ["+11", "+12", "-11", "end"]
    assert process.own_session and process.words[-2] == "15.0" and process.words[-3].endswith("watchdog_process.py")


def test_a_watchdog_that_died_stops_nothing(started):
    guard = Watchdog(1.0)
    started[0].reader.close()
    guard.watch(11)
    guard.forget(11)
    guard._process.wait = lambda: None
    guard.__exit__()
