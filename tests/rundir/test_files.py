"""The one way to write whole or not at all, and the one to read what another may have put there."""

import os
from pathlib import Path

import pytest

from ablation.rundir import files


def test_a_folder_appears_whole_and_takes_the_place_of_an_earlier_one(tmp_path):
    place = tmp_path / "kept"
    for text in ("one", "two"):
        with files.replacing_folder(place) as staged:
            (staged / text).write_text(text)
            assert not (place / text).exists()
        assert [path.name for path in place.iterdir()] == [text] and list(tmp_path.iterdir()) == [place]


def test_of_a_folder_that_is_not_filled_nothing_is_left(tmp_path):
    place = tmp_path / "kept"
    with files.replacing_folder(place) as staged:
        (staged / "one").write_text("one")
    with pytest.raises(OSError, match="full"), files.replacing_folder(place) as staged:
        (staged / "two").write_text("two")
        raise OSError("full")
    assert [path.name for path in place.iterdir()] == ["one"] and list(tmp_path.iterdir()) == [place]


@pytest.mark.parametrize(("most", "expected"), [(3, b"789"), (10, b"0123456789"), (99, b"0123456789")])
def test_the_tail_of_a_file(tmp_path, most, expected):
    (tmp_path / "log").write_bytes(b"0123456789")
    assert files.read_tail(tmp_path / "log", most) == expected


def test_the_tail_of_an_empty_file_is_empty(tmp_path):
    (tmp_path / "log").touch()
    assert files.read_tail(tmp_path / "log", 9) == b""


def test_no_link_and_no_pipe_is_read(tmp_path):
    (tmp_path / "file").write_text("secret")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    os.mkfifo(tmp_path / "pipe")
    for read in (files.read_bounded, lambda path: files.read_tail(path, 9)):
        with pytest.raises(files.Unreadable, match="link"):
            read(tmp_path / "link")
        for name in ("pipe", "gone", "."):
            with pytest.raises(OSError):
                read(tmp_path / name)


def test_a_file_of_more_bytes_than_are_read_is_refused(tmp_path):
    (tmp_path / "file").write_bytes(bytes(11))
    with pytest.raises(files.Unreadable, match="larger"):
        files.read_bounded(tmp_path / "file", 10)


def test_the_cache_is_below_xdg_cache_home_or_home(monkeypatch, tmp_path):
    assert files.cache_home() == Path(os.environ["XDG_CACHE_HOME"]) / "ablate"
    monkeypatch.setenv("HOME", str(tmp_path))
    for unset in ("", None):
        monkeypatch.setenv("XDG_CACHE_HOME", "") if unset == "" else monkeypatch.delenv("XDG_CACHE_HOME")
        assert files.cache_home() == tmp_path / ".cache" / "ablate"


@pytest.mark.parametrize(
    ("typed", "place"), [("mine", "{work}/mine"), ("~/mine", "{home}/mine"), ("~nobody_here", None)]
)
def test_a_cache_may_be_relative_or_below_home(monkeypatch, tmp_path, typed, place):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", typed)
    expected = place and Path(place.format(work=tmp_path, home=tmp_path / "home")) / "ablate"
    assert files.cache_home() == expected
