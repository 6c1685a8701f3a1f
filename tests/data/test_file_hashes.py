"""Hashes of files are computed once, and again where a file changed."""

import hashlib
import os

import pytest

from ablation.data import file_hashes
from ablation.rundir import files


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "root" / "a.png"
    path.parent.mkdir()
    path.write_bytes(b"first")
    return path


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_hash_is_that_of_the_content_and_is_computed_once(file, own_cache, monkeypatch):
    hashes = file_hashes.below(file.parent)
    assert hashes.sha256(file) == sha256(b"first")
    hashes.save()
    monkeypatch.setattr(hashlib, "file_digest", lambda *_: pytest.fail("read again"))
    assert file_hashes.below(file.parent).sha256(file) == sha256(b"first")
    assert [path.parent for path in own_cache.iterdir()] == [files.cache_home()]


def test_a_changed_file_is_read_again_also_with_its_old_time(file, own_cache):
    hashes = file_hashes.below(file.parent)
    hashes.sha256(file)
    hashes.save()
    status = file.stat()
    file.write_bytes(b"other")  # as long as before
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert file_hashes.below(file.parent).sha256(file) == sha256(b"other")


def test_a_damaged_cache_is_computed_again(file, own_cache):
    hashes = file_hashes.below(file.parent)
    hashes.sha256(file)
    hashes.save()
    for content in (b"", b"{", b"[1]", b"null"):
        hashes.path.write_bytes(content)
        assert file_hashes.below(file.parent).sha256(file) == sha256(b"first")


def test_a_cache_that_cannot_be_written_is_no_error(file, tmp_path, monkeypatch):
    (tmp_path / "blocked").write_text("no directory")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "blocked"))
    hashes = file_hashes.below(file.parent)
    assert hashes.sha256(file) == sha256(b"first")
    hashes.save()


def test_nothing_is_written_where_nothing_is_new(file, own_cache):
    file_hashes.below(file.parent).save()
    assert not own_cache.exists()


def test_without_a_cache_hashes_are_computed_and_kept_nowhere(tmp_path):
    (tmp_path / "x").write_bytes(b"content")
    hashes = file_hashes.FileHashes(None)
    assert hashes.sha256(tmp_path / "x") == sha256(b"content")
    hashes.save()
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
