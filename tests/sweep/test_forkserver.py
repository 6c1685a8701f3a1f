"""From what a job is started: the warm server of its backend, or nothing."""

import multiprocessing
import signal
import sys

import pytest

from ablation.sweep import forkserver
from ablation.sweep.forkserver import Server


@pytest.fixture
def calls(monkeypatch):
    """What the server does to this process, kept instead of done."""
    made = []
    monkeypatch.setattr(forkserver.runtime_backend, "choose", lambda backend: made.append(("backend", backend)))
    monkeypatch.setattr(forkserver, "_ensure_running", lambda: made.append("running"))
    for name in ("stop_fork_server", "stop_resource_tracker"):
        monkeypatch.setattr(forkserver.multiprocessing_internals, name, lambda name=name: made.append(name))
    return made


def method(context):
    return context.get_start_method()


@pytest.mark.skipif(sys.platform == "darwin", reason="a job starts from nothing there")
def test_jobs_of_one_backend_share_a_server_and_others_start_from_nothing(calls):
    server = Server()
    assert method(server.context("tensorflow")) == "forkserver" and calls == [("backend", "tensorflow"), "running"]
    assert method(server.context("tensorflow")) == "forkserver" and calls[2:] == ["running"]
    assert method(server.context("jax")) == "spawn" and calls[3:] == []


@pytest.mark.skipif(sys.platform == "darwin", reason="a job starts from nothing there")
def test_a_server_is_started_early_once_and_its_failure_is_left_to_a_job(calls, monkeypatch):
    monkeypatch.setattr(forkserver, "SERVER", Server())
    for _ in range(2):
        forkserver.warm_up("tensorflow")
    assert calls == [("backend", "tensorflow"), "running"]

    def refuse():
        raise OSError("no process left")

    monkeypatch.setattr(forkserver, "SERVER", Server())
    monkeypatch.setattr(forkserver, "_ensure_running", refuse)
    forkserver.warm_up("tensorflow")


def test_on_macos_nothing_is_forked(calls, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert method(Server().context("tensorflow")) == "spawn" and calls == []


def test_where_no_socket_is_possible_nothing_is_forked(calls, monkeypatch):
    monkeypatch.setattr(forkserver.multiprocessing_internals, "can_have_sockets", lambda: False)
    assert method(Server().context("tensorflow")) == "spawn" and calls == []


def test_only_a_server_that_was_started_is_ended(calls):
    server = Server()
    server.close()
    assert calls == []
    server.backend, server.is_started = "tensorflow", True
    server.close()
    assert calls == ["stop_fork_server", "stop_resource_tracker"] and server.backend is None
    assert not server.is_started


def test_signals_are_blocked_only_while_the_server_starts(monkeypatch):
    masks = []
    monkeypatch.setattr(multiprocessing.resource_tracker, "ensure_running", lambda: None)
    monkeypatch.setattr(
        multiprocessing.forkserver, "ensure_running", lambda: masks.append(signal.pthread_sigmask(signal.SIG_BLOCK, []))
    )
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    forkserver._ensure_running()
    assert masks[0] == before | set(forkserver.CODES) and signal.pthread_sigmask(signal.SIG_BLOCK, []) == before
