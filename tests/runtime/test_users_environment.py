"""A program of the user's gets the environment of the user's shell."""

import os

from ablation.runtime import users_environment


def test_what_the_command_changes_is_as_it_was(monkeypatch):
    monkeypatch.delenv(users_environment.REMEMBERED, raising=False)
    monkeypatch.setenv("MPLBACKEND", "svg")
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    users_environment.remember()
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.setenv("PYTHONSAFEPATH", "1")
    monkeypatch.setenv("OWN", "kept")
    users_environment.remember()  # as a worker does
    variables = users_environment.users_environment()
    assert variables["MPLBACKEND"] == "svg" and variables["OWN"] == "kept"
    assert "PYTHONSAFEPATH" not in variables and users_environment.REMEMBERED not in variables
    monkeypatch.delenv(users_environment.REMEMBERED)


def test_without_a_command_it_is_that_of_the_process(monkeypatch):
    monkeypatch.delenv(users_environment.REMEMBERED, raising=False)
    assert users_environment.users_environment() == dict(os.environ)
