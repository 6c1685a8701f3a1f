"""Shared by the tests of networks."""

import pytest

from ablation.model import network


@pytest.fixture
def undrawn(monkeypatch):
    """Networks are built without drawing their initial weights, for tests of shapes, or that set all weights."""
    monkeypatch.setattr(network, "initialise", lambda network, seed: None)
