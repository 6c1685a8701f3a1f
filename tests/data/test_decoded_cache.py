"""Images are decoded once, whole, and by one process at a time."""

import dataclasses
import errno
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support import environments, images
from support.datasets import (
    count_decoding,
    folder,
    is_paragraph,
    of,
    output,
    python,
    same,
)

from ablation import data
from ablation.data import decoded_cache, file_hashes
from ablation.data.reporter import Silent
from ablation.data.sources.folder import Folder
from ablation.errors import AblateError
from ablation.rundir import files


def test_images_are_decoded_once(own_cache, tmp_path, monkeypatch):
    calls = count_decoding(monkeypatch, Folder)
    cfg = folder(images.folder(tmp_path / "root", {"train/a": 4, "train/b": 4, "test/a": 2, "test/b": 2}))
    first, second = data.load(cfg), data.load(cfg)
    assert calls == ["train", "test"]
    same(first, second)
    data.load(dataclasses.replace(cfg, holdout=0.5, limit=3, augment="crop_flip", validation="test"))
    assert calls == ["train", "test"]  # the same pixels, split another way
    data.load(dataclasses.replace(cfg, image_size=4))
    data.load(dataclasses.replace(cfg, channels=1))
    assert calls == ["train", "test"] * 3


@pytest.fixture
def heard(monkeypatch):
    """A reporter, and the lines that it was given."""
    lines = []
    reporter = Silent()
    reporter.say = lines.append
    return reporter, lines


def blocked_by_a_file(home: Path) -> None:
    (home / "ablate").write_text("no directory")


def below_a_file(home: Path) -> None:
    home.rmdir()
    home.write_text("no directory")


def below_a_link_to_nothing(home: Path) -> None:
    home.rmdir()
    home.symlink_to(home.with_name("nothing"))


def a_link_to_nothing(home: Path) -> None:
    (home / "ablate").symlink_to(home / "nothing")


def locks_that_are_folders(home: Path) -> None:
    for name in ENTRIES:
        (home / "ablate" / f"{name}.lock").mkdir(parents=True)


def locks_that_lead_nowhere(home: Path) -> None:
    (home / "ablate").mkdir()
    for name in ENTRIES:
        (home / "ablate" / f"{name}.lock").symlink_to("nothing")


def entries_that_are_files(home: Path) -> None:
    (home / "ablate").mkdir()
    for name in ENTRIES:
        (home / "ablate" / name).write_text("no directory")


ENTRIES: list[str] = []  # the names of what the test below caches
SPOILERS = [blocked_by_a_file, below_a_file, below_a_link_to_nothing, a_link_to_nothing]
SPOILERS += [locks_that_are_folders, locks_that_lead_nowhere, entries_that_are_files]


@pytest.mark.parametrize("spoil", SPOILERS)
def test_without_a_usable_cache_the_data_is_the_same(own_cache, tmp_path, monkeypatch, heard, spoil):
    reporter, lines = heard
    cfg = folder(images.folder(tmp_path / "root", {"a": 5, "b": 4}), channels=1, image_size=5)
    kept = data.load(cfg)
    ENTRIES[:] = [path.name for path in own_cache.iterdir() if path.is_dir()]
    home = tmp_path / "home"
    home.mkdir()
    spoil(home)
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    calls = count_decoding(monkeypatch, Folder)
    same(kept, data.load(cfg, reporter))
    assert set(calls) == {"train"} and len(lines) == 1
    assert f"because {home / 'ablate'} cannot be used (" in lines[0] and "XDG_CACHE_HOME" in lines[0]


@pytest.mark.parametrize("place", ["/dev/null/x", "/proc/no_such_place", "/tmp/" + "x" * 300, "/tmp" + "/x" * 3000])
def test_a_cache_that_cannot_be_made_is_said_before_a_sweep_and_by_each_run(tmp_path, monkeypatch, heard, place):
    reporter, lines = heard
    monkeypatch.setenv("XDG_CACHE_HOME", place)
    problem = data.caching_problem()
    assert problem is not None and f"{place}/ablate cannot be used (" in problem
    assert len(data.load(of("digits"), reporter).train) == 1078
    assert len(lines) == 1 and problem in lines[0]


def test_a_cache_that_works_is_no_problem(own_cache):
    assert data.caching_problem() is None and list(own_cache.iterdir()) == []


def test_a_read_only_cache_is_read(own_cache, tmp_path, monkeypatch, heard):
    """As an image of a container brings it: no lock can be made there, and none is needed."""
    reporter, lines = heard
    cfg = folder(images.folder(tmp_path / "root", {"a": 5, "b": 4}))
    kept = data.load(cfg)

    def refuse(path, *arguments, **keywords):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(decoded_cache, "FileLock", refuse)
    calls = count_decoding(monkeypatch, Folder)
    same(kept, data.load(cfg, reporter))
    assert calls == [] and lines == []


@pytest.mark.integration
def test_what_another_user_has_cached_for_himself_is_decoded_again(own_cache, tmp_path):
    """Two users of one folder, the first with umask 077."""
    if not environments.has_unknown_user():
        pytest.skip("no user namespaces here")
    cfg = folder(images.folder(tmp_path / "root", {"a": 5, "b": 4}))
    kept = data.load(cfg)
    environments.make_private(own_cache)
    script = """
lines = []
class Reporter(type(data.dataset.SILENT)):
    say = lines.append
print(data.load(cfg, Reporter()).digest, len(lines), "Permission denied" in lines[0])
"""
    before = environments.UNKNOWN_USER
    assert output(python(script, cfg, before=before)).split() == [kept.digest, "1", "True"]


def test_a_half_written_entry_is_repaired(own_cache, tmp_path, monkeypatch):
    cfg = folder(images.folder(tmp_path / "root", {"a": 5, "b": 5}))
    whole = data.load(cfg)
    (entry,) = (p for p in own_cache.iterdir() if p.is_dir())
    for name in (decoded_cache.INDEX, "train.labels.npy", "train.pixels.npy"):
        (entry / name).unlink()
    (entry / "train.pixels.npy").write_bytes(b"half")  # a new file: the old one is still being read
    calls = count_decoding(monkeypatch, Folder)
    same(whole, data.load(cfg))
    same(whole, data.load(cfg))
    assert calls == ["train"]
    assert [p for p in own_cache.iterdir() if p.is_dir()] == [entry]


def test_what_cannot_be_decoded_leaves_nothing_behind(own_cache, tmp_path):
    cfg = folder(images.folder(tmp_path / "root", {"a": 5, "b": 5}))
    broken = tmp_path / "root" / "b" / "3.png"
    whole = broken.read_bytes()
    broken.write_bytes(whole[:60])
    with pytest.raises(AblateError):
        data.load(cfg)
    assert [p for p in own_cache.iterdir() if p.is_dir()] == []
    broken.write_bytes(whole)
    assert len(data.load(cfg).train) == 8


@pytest.mark.parametrize("damage", ["cut", "gone", "index"])
def test_a_damaged_entry_is_repaired(own_cache, tmp_path, damage):
    """As after a power cut: a directory entry may reach the disk before what it names."""
    cfg = folder(images.folder(tmp_path / "root", {"a": 5, "b": 5}))
    whole = data.load(cfg)
    (entry,) = (p for p in own_cache.iterdir() if p.is_dir())
    pixels = entry / "train.pixels.npy"
    content = pixels.read_bytes()
    if damage == "index":
        (entry / decoded_cache.INDEX).write_text("")
    else:
        pixels.unlink()
    if damage == "cut":
        pixels.write_bytes(content[:200])
    same(whole, data.load(cfg))


def test_decoding_that_is_interrupted_leaves_nothing_behind(own_cache, tmp_path, monkeypatch):
    cfg = folder(images.folder(tmp_path / "root", {"a": 5, "b": 5}))
    examples = Folder.examples

    def interrupted(self, part):
        yield from [next(examples(self, part))]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Folder, "examples", interrupted)
        with pytest.raises(KeyboardInterrupt):
            data.load(cfg)
    assert [p for p in own_cache.iterdir() if p.is_dir()] == []
    assert len(data.load(cfg).train) == 8


def full(file, array):
    raise OSError(errno.ENOSPC, "No space left on device", str(file))


def test_on_a_disk_that_fills_up_images_are_kept_in_memory(own_cache, tmp_path, monkeypatch, heard):
    reporter, lines = heard
    monkeypatch.setattr(np, "save", full)
    loaded = data.load(folder(images.folder(tmp_path / "root", {"a": 5, "b": 5})), reporter)
    assert len(loaded.train) == 8
    assert len(lines) == 1 and f"{own_cache} cannot be used (No space left on device)" in lines[0]
    assert [p for p in own_cache.iterdir() if p.is_dir()] == []


def test_images_that_fit_neither_on_the_disk_nor_into_memory_are_refused(own_cache, tmp_path, monkeypatch):
    def too_large(source, name, pixels, reporter):
        if isinstance(pixels, np.memmap):
            return decode(source, name, pixels, reporter)
        raise MemoryError

    decode = decoded_cache._decode

    cfg = folder(images.folder(tmp_path / "root", {"a": 5, "b": 5}))
    monkeypatch.setattr(np, "save", full)
    monkeypatch.setattr(decoded_cache, "_decode", too_large)
    with pytest.raises(AblateError) as error:
        data.load(cfg)
    is_paragraph(error, "No space left on device", "1.92 kB", "XDG_CACHE_HOME=")


@pytest.mark.integration
def test_a_disk_without_room_for_the_pixels_is_left_alone(tmp_path):
    """On a disk of 1 MB in a mount namespace of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o size=1m tmpfs "$0" && exec "$@"', str(disk)]
    if not shutil.which("unshare") or subprocess.run([*mounted, "true"], capture_output=True).returncode:
        pytest.skip("no mount namespaces here")
    cfg = folder(images.folder(tmp_path / "root", {"a": 5, "b": 5}), image_size=300)
    script = f"""
import os
lines = []
class Reporter(type(data.dataset.SILENT)):
    say = lines.append
loaded = data.load(cfg, Reporter())
left = [entry.name for entry in os.scandir({str(disk / "ablate")!r}) if entry.is_dir()]
print(len(loaded.train), len(lines), "No space left" in lines[0], left)
"""
    done = python(script, cfg, before=mounted, XDG_CACHE_HOME=str(disk))
    assert output(done).split() == ["8", "1", "True", "[]"]


@pytest.mark.integration
def test_two_processes_at_once_decode_once(own_cache, tmp_path):
    cfg = folder(images.folder(tmp_path / "root", {"a": 15, "b": 15}))
    script = f"""
import pathlib, time
from ablation.data.sources.folder import Folder
here, examples = pathlib.Path({str(tmp_path)!r}), Folder.examples
def slowly(self, part):
    with open(here / "decoded", "a") as file:
        file.write(part + " ")
    for example in examples(self, part):
        time.sleep(0.03)
        yield example
Folder.examples = slowly
print("ready", flush=True)
while not (here / "go").exists():
    time.sleep(0.01)
print(data.load(cfg).digest)
"""
    both = [python(script, cfg) for _ in range(2)]
    for process in both:
        assert process.stdout.readline() == "ready\n"
    (tmp_path / "go").touch()
    digests = {output(process).strip() for process in both}
    assert (tmp_path / "decoded").read_text() == "train "
    assert len([p for p in own_cache.iterdir() if p.is_dir()]) == 1
    assert digests == {data.load(cfg).digest}


def test_images_become_squares_without_aliasing():
    stripes = np.zeros((64, 32, 3), "uint8")
    stripes[::2] = 255
    small = decoded_cache.fit(stripes, (8, 8, 3))
    assert (small.shape, small.dtype) == ((8, 8, 3), np.uint8)
    assert abs(small.astype(int) - 128).max() < 20  # sampling every eighth row would see one colour only
    left = np.zeros((10, 40, 3), "uint8")
    left[:, :20] = 200
    squashed = decoded_cache.fit(left, (4, 4, 3))[..., 0]
    assert squashed[:, 0].min() > 190 and squashed[:, 3].max() < 10  # the whole width, not a crop
    assert decoded_cache.fit(Image.fromarray(left), (4, 4, 3))[..., 0].tolist() == squashed.tolist()


def test_grey_and_colour():
    colours = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [9, 9, 9]]], "uint8")
    grey = decoded_cache.fit(colours, (2, 2, 1))
    assert grey.shape == (2, 2, 1) and grey.reshape(-1).tolist() == [76, 150, 29, 9]  # ITU-R 601-2
    assert decoded_cache.fit(grey, (2, 2, 3)).tolist() == np.repeat(grey, 3, axis=2).tolist()
    assert decoded_cache.fit(colours, (2, 2, 3)).tolist() == colours.tolist()
    assert decoded_cache.fit(images.pictures(1, 9, 1)[0], (4, 4, 3)).shape == (4, 4, 3)


def test_without_a_home_folder_images_are_decoded_into_memory_and_that_is_said(monkeypatch, heard):
    """As `docker run --user 12345` does: no HOME, and a user id that the system does not know."""
    import pwd

    def unknown(uid):
        raise KeyError(uid)

    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    reporter, lines = heard
    assert files.cache_home() is None
    loaded = data.load(of("digits"), reporter)
    assert len(loaded.train) == 1078 and len(lines) == 1 and "no home folder" in lines[0]
    assert file_hashes.below(Path("nowhere")).path is None
