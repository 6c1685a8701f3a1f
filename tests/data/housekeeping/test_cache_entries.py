"""The cache of decoded images: what it holds, and what may be deleted from it."""

import os
import subprocess
import sys
import time

import pytest
from filelock import FileLock
from support import images
from support.datasets import folder, of

from ablation import data
from ablation.data import decoded_cache
from ablation.data.housekeeping import cache_entries
from ablation.errors import Busy
from ablation.rundir import files

USER = """
import sys, time
from support.datasets import of
from ablation import data
data.load(of("digits"))
print("loaded", flush=True)
time.sleep(60)
"""


@pytest.fixture
def nobody(monkeypatch):
    """As in a later process: this one does not hold what it has loaded."""

    def forget():
        for descriptor in decoded_cache.IN_USE.values():
            os.close(descriptor)
        decoded_cache.IN_USE.clear()

    monkeypatch.setattr(decoded_cache, "IN_USE", {})
    yield forget
    forget()


def test_an_entry_says_its_data_form_size_and_last_use(own_cache, tmp_path, nobody):
    data.load(of("digits"))
    pictures = folder(images.folder(tmp_path / "root", {"a": 5, "b": 4}), channels=1, image_size=5)
    data.prepare(pictures)
    data.load(pictures)
    entries = {entry.data: entry for entry in cache_entries.entries()}
    assert entries.keys() == {"digits", "folder", cache_entries.FILE_HASHES}
    digits = entries["digits"]
    assert (digits.images, digits.form, digits.in_use) == (1797, "8×8×1", True)
    assert digits.size == sum(file.stat().st_size for file in digits.path.iterdir()) > 1797 * 64
    assert abs(digits.used.timestamp() - time.time()) < 60
    assert (entries["folder"].images, entries["folder"].form) == (9, "5×5×1")


def test_the_last_use_is_that_of_the_last_run(own_cache, nobody):
    data.load(of("digits"))
    (entry,) = cache_entries.entries()
    os.utime(entry.path / decoded_cache.INDEX, (0, 0))
    assert cache_entries.entries()[0].used.year == 1970
    data.load(of("digits"))
    assert cache_entries.entries()[0].used >= entry.used


def test_an_entry_in_use_stays_and_goes_afterwards(own_cache, nobody):
    first = data.load(of("digits"))
    (entry,) = cache_entries.entries()
    with pytest.raises(Busy):
        cache_entries.delete(entry)
    nobody()
    (entry,) = cache_entries.entries()
    assert not entry.in_use
    cache_entries.delete(entry)
    assert list(own_cache.iterdir()) == [] and cache_entries.entries() == []
    assert data.load(of("digits")).digest == first.digest  # decoded again


def test_another_process_holds_what_it_has_loaded_until_it_ends(own_cache):
    user = subprocess.Popen([sys.executable, "-c", USER], stdout=subprocess.PIPE, text=True)
    try:
        assert user.stdout.readline() == "loaded\n"
        (entry,) = cache_entries.entries()
        assert entry.in_use
        with pytest.raises(Busy):
            cache_entries.delete(entry)
    finally:
        user.kill()
        user.communicate()
    (entry,) = cache_entries.entries()
    assert not entry.in_use
    cache_entries.delete(entry)


def test_an_entry_that_is_being_decoded_stays(own_cache, nobody):
    data.load(of("digits"))
    nobody()
    (entry,) = cache_entries.entries()
    with FileLock(entry.path.with_suffix(".lock")), pytest.raises(Busy):
        cache_entries.delete(entry)
    assert entry.path.is_dir()


def test_what_interrupted_decoding_left_is_an_entry(own_cache):
    staged = own_cache / ".0123456789abcdef.01234567.part"
    staged.mkdir(parents=True)
    (staged / "train.pixels.npy").write_bytes(b"x" * 1000)
    (entry,) = cache_entries.entries()
    assert (entry.data, entry.size, entry.images, entry.form) == (cache_entries.INTERRUPTED, 1000, None, "")
    cache_entries.delete(entry)
    assert list(own_cache.iterdir()) == []


@pytest.mark.parametrize("content", [b"{}", b"[]", b'{"data": 5, "images": "x", "form": 3}', b"\xff", b"[" * 9000])
def test_an_index_of_another_version_is_unknown(own_cache, content):
    entry = own_cache / "0123456789abcdef"
    entry.mkdir(parents=True)
    (entry / decoded_cache.INDEX).write_bytes(content)
    (listed,) = cache_entries.entries()
    assert listed.data in (cache_entries.UNKNOWN, cache_entries.INTERRUPTED) and listed.images is None
    cache_entries.delete(listed)
    assert cache_entries.entries() == []


def test_other_files_in_the_folder_stay(own_cache, tmp_path):
    own_cache.mkdir(parents=True)
    (tmp_path / "precious").mkdir()
    (own_cache / "notes.txt").write_text("mine")
    (own_cache / "0123456789abcdef").symlink_to(tmp_path / "precious")
    (own_cache / "0123456789abcdee.lock").write_text("")
    assert cache_entries.entries() == []


def test_without_a_cache_there_is_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "absent"))
    assert cache_entries.entries() == []
    monkeypatch.setenv("XDG_CACHE_HOME", "~nobody_here")
    assert cache_entries.entries() == []


def test_compiled_programs_are_one_entry_while_files_come_and_go(own_cache, tmp_path):
    programs = own_cache / "jax"
    programs.mkdir(parents=True)
    (programs / "one").write_bytes(bytes(100))
    os.utime(programs / "one", (2**33, 2**33))  # the last use of any of them
    (programs / "gone").symlink_to("nowhere")
    (entry,) = cache_entries.entries()
    assert (entry.data, entry.images, entry.in_use) == (cache_entries.PROGRAMS, None, False)
    assert entry.size >= 100 and entry.used.timestamp() == 2**33
    programs.rename(programs.with_name(f".jax.0123abcd{files.STAGED}"))  # an interrupted deletion
    (entry,) = cache_entries.entries()
    assert entry.data == cache_entries.PROGRAMS
    cache_entries.delete(entry)
    assert cache_entries.entries() == [] and list(own_cache.iterdir()) == []
