"""Fixtures of the data tests: an empty cache, and a tiny set in TFDS's own prepared form."""

import shutil

import pytest
from support import images
from support.datasets import NAMES, tiny_parts


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    """An empty cache, where the session's may already have what is to be decoded."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "own_cache"))
    return tmp_path / "own_cache" / "ablate"


@pytest.fixture(scope="session")
def place(tmp_path_factory):
    """A TFDS directory with a tiny set in two versions, of which 1.10.0 is the newer one."""
    place = tmp_path_factory.mktemp("tensorflow_datasets")
    for seed, version in ((1, "1.10.0"), (2, "1.2.0")):
        images.prepared(place, tiny_parts(seed), NAMES, version=version, shards=3)
    return place


@pytest.fixture
def lonely(place, tmp_path):
    """A copy of the tiny set, in one version, for tests that damage it."""
    shutil.copytree(place / "tiny" / "1.10.0", tmp_path / "tfds" / "tiny" / "1.10.0")
    return tmp_path / "tfds" / "tiny" / "1.10.0"
