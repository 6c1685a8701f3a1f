"""JAX's compilation cache: what it keeps, for whom, and that nothing in it can stop a run."""

import os
import subprocess
import sys

import pytest

from ablation.rundir import files
from ablation.runtime import compilation_cache
from ablation.runtime.compilation_cache import CompilationCache

PROCESS = """
import sys
from ablation.runtime import compilation_cache
import jax
compilation_cache.start(int(sys.argv[1]))
counts = {"hits": 0, "misses": 0}
def note(event, **_):
    name = event.removeprefix("/jax/compilation_cache/cache_")
    if name in counts:
        counts[name] += 1
jax.monitoring.register_event_listener(note)
result = jax.jit(lambda x: jax.numpy.sin(x).sum())(jax.numpy.arange(1000.0))
print(result.item().hex(), counts["hits"] > 0, counts["misses"] > 0)
"""


@pytest.fixture
def cache(tmp_path):
    return CompilationCache(tmp_path, "a processor")


def test_a_program_is_found_by_its_key_and_scope(cache, tmp_path):
    cache.put("jit_step", b"program")
    assert cache.get("jit_step") == b"program" and cache.get("jit_test") is None
    assert CompilationCache(tmp_path, "another processor").get("jit_step") is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:20],
        lambda content: content[:-1],
        lambda content: content[:-1] + bytes([content[-1] ^ 1]),
        lambda content: bytes([content[0] ^ 1]) + content[1:],
    ],
)
def test_a_damaged_program_is_not_loaded_and_goes(cache, tmp_path, damage):
    cache.put("jit_step", b"program")
    (path,) = tmp_path.iterdir()
    path.write_bytes(damage(path.read_bytes()))
    assert cache.get("jit_step") is None and list(tmp_path.iterdir()) == []
    cache.put("jit_step", b"program")
    assert cache.get("jit_step") == b"program"


def test_no_error_of_the_disk_stops_a_run(cache, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError("full")

    cache.put("jit_step", b"program")
    monkeypatch.setattr(os, "utime", full)
    assert cache.get("jit_step") == b"program"
    monkeypatch.setattr(files, "replace", full)
    cache.put("jit_test", b"program")
    assert cache.get("jit_test") is None
    gone = CompilationCache(tmp_path / "gone", "a processor")
    gone.put("jit_step", b"program")
    assert gone.get("jit_step") is None


def test_a_damaged_program_is_not_loaded_where_it_cannot_be_deleted(cache, tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError("read-only")

    cache.put("jit_step", b"program")
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-1] + b"M")
    monkeypatch.setattr(type(path), "unlink", refuse)
    assert cache.get("jit_step") is None and path.exists()


def test_a_program_is_only_loaded_under_its_own_name_and_from_its_owner(cache, monkeypatch):
    cache.put("jit_step", b"program")
    cache._path("jit_test").write_bytes(cache._path("jit_step").read_bytes())
    assert cache.get("jit_test") is None
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    assert cache.get("jit_step") is None and cache._path("jit_step").exists()


def test_pruning_leaves_folders_and_what_it_may_not_delete(cache, tmp_path, monkeypatch):
    (tmp_path / "folder").mkdir()
    os.utime(tmp_path / "folder", (0, 0))
    for key in ("old", "new"):
        cache.put(key, bytes(100))
    os.utime(cache._path("old"), (1, 1))
    compilation_cache.prune(tmp_path, 0)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_without_the_private_part_of_jax_nothing_is_kept(tmp_path, monkeypatch):
    jax = pytest.importorskip("jax")
    from jax._src import compilation_cache as private

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    before = jax.config.jax_compilation_cache_dir
    monkeypatch.delattr(private, "get_file_cache")
    compilation_cache.start(1)
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(jax, "__version_info__", (0, 10, 1))
    compilation_cache.start(1)
    assert jax.config.jax_compilation_cache_dir == before and not (tmp_path / "ablate").exists()


def test_the_least_recently_used_go_first(cache, tmp_path):
    for age, key in enumerate(("new", "middle", "old")):
        cache.put(key, bytes(100))
        os.utime(cache._path(key), (10_000 - age, 10_000 - age))
    cache.get("old")  # used now
    size = 100 + compilation_cache.DIGEST
    compilation_cache.prune(tmp_path, 2 * size)
    assert [cache.get(key) is not None for key in ("new", "middle", "old")] == [True, False, True]
    compilation_cache.prune(tmp_path, 2 * size - 1)
    assert [cache.get(key) is not None for key in ("new", "middle", "old")] == [False, False, True]


def test_a_process_prunes_before_it_adds(tmp_path, monkeypatch):
    monkeypatch.setattr(compilation_cache, "LIMIT", 300)
    for number in range(6):
        CompilationCache(tmp_path, "a processor").put(str(number), bytes(100))
        os.utime(CompilationCache(tmp_path, "a processor")._path(str(number)), (number, number))
    assert len(list(tmp_path.iterdir())) == 3


def test_only_a_folder_of_one_s_own_is_safe(tmp_path):
    folder = tmp_path / "cache" / "jax"
    assert compilation_cache.is_safe(folder) and folder.stat().st_mode & 0o777 == 0o700
    for mode, is_safe in ((0o755, True), (0o775, False), (0o757, False)):
        folder.chmod(mode)
        assert compilation_cache.is_safe(folder) is is_safe
    (tmp_path / "link").symlink_to(folder)
    (tmp_path / "file").touch()
    assert not compilation_cache.is_safe(tmp_path / "link")
    assert not compilation_cache.is_safe(tmp_path / "file")
    assert not compilation_cache.is_safe(tmp_path / "file" / "jax")


def process(cache, threads=1, **environment):
    """What a process prints: the result, whether it loaded a program, and whether it kept one."""
    command = [sys.executable, "-W", "error", "-c", PROCESS, str(threads)]
    done = subprocess.run(
        command, env=os.environ | {"XDG_CACHE_HOME": str(cache)} | environment, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()


def test_a_second_process_loads_what_the_first_compiled(tmp_path):
    pytest.importorskip("jax")
    result, *first = process(tmp_path)
    assert first == ["False", "True"]
    assert process(tmp_path) == [result, "True", "False"]
    assert process(tmp_path, threads=2)[1:] == ["False", "True"]  # another program
    for path in (tmp_path / "ablate" / files.COMPILED).iterdir():
        path.write_bytes(path.read_bytes()[:-1])
    assert process(tmp_path) == [result, "False", "True"]
    assert process(tmp_path) == [result, "True", "False"]


def test_the_user_s_own_wish_comes_first(tmp_path):
    pytest.importorskip("jax")
    _, *counts = process(tmp_path / "cache", JAX_COMPILATION_CACHE_DIR=str(tmp_path / "own"))
    assert not (tmp_path / "cache").exists() and counts[0] == "False"
    process(tmp_path / "cache", JAX_ENABLE_COMPILATION_CACHE="false")
    assert not (tmp_path / "cache").exists()


def test_where_the_folder_cannot_be_used_nothing_is_kept_or_said(tmp_path):
    pytest.importorskip("jax")
    (tmp_path / "ablate").touch()
    assert process(tmp_path)[1] == "False"
