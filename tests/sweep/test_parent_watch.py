"""A worker of another launcher knows whether its parent is there."""

import os

import pytest

from ablation.sweep import parent_watch
from ablation.sweep.parent_watch import Worker


@pytest.fixture
def parent(monkeypatch):
    """The parent of this process, which a test changes. No thread is started."""
    pid = [4321]
    monkeypatch.setattr(os, "getppid", lambda: pid[0])
    monkeypatch.setattr(parent_watch.threading.Thread, "start", lambda self: None)
    return pid


def test_a_worker_that_follows_nobody_is_no_orphan(parent):
    assert not Worker().orphaned()


def test_a_worker_is_orphaned_once_its_parent_is_another_one(parent):
    worker = Worker()
    worker.follow()
    assert worker.parent == 4321 and not worker.orphaned()
    parent[0] = 1
    assert worker.orphaned()
    worker.follow()
    assert worker.parent == 4321


def test_a_worker_whose_parent_was_gone_before_is_an_orphan(parent):
    parent[0] = 1
    worker = Worker()
    worker.follow()
    assert worker.orphaned()
