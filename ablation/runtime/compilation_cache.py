"""JAX's compilation cache, below the user's cache folder: a program that an earlier process compiled is only loaded.

JAX decides what to keep, and under which key. Here its files are bounded, checked when they are read, and kept apart by
processor and number of threads: the compiler looks at both, and JAX's key has neither.
"""

import contextlib
import hashlib
import os
import stat
import warnings
from pathlib import Path

from ablation.rundir import files
from ablation.runtime import machine

LIMIT = 512 * 2**20  # bytes of all programs, when a process begins to add some
DIGEST = 32  # bytes of SHA-256, before the program
OWN = ("JAX_COMPILATION_CACHE_DIR", "JAX_ENABLE_COMPILATION_CACHE")  # the user's own wish, which JAX reads itself


class CompilationCache:
    """The files of compiled programs, as JAX reads and writes them.

    scope: what else a program depends on, besides JAX's key. None of its methods raises an error: without a program,
    JAX compiles one.
    """

    def __init__(self, folder: Path, scope: str):
        self.folder, self.scope = folder, scope
        self._is_pruned = False

    def get(self, key: str) -> bytes | None:
        """The program of a key; None if there is none. Deletes a damaged file."""
        path = self._path(key)
        try:
            content = files.read_bounded(path, LIMIT)
        except (OSError, files.Unreadable):
            return None
        digest, program = content[:DIGEST], content[DIGEST:]
        with contextlib.suppress(OSError):
            if hashlib.sha256(program).digest() != digest:
                path.unlink()
                return None
            os.utime(path)  # its last use
        return program

    def put(self, key: str, value: bytes) -> None:
        """Keep a program, where the folder allows it."""
        with contextlib.suppress(OSError):
            if not self._is_pruned:
                self._is_pruned = True
                prune(self.folder, LIMIT)
            files.replace(self._path(key), hashlib.sha256(value).digest() + value, lasting=False)

    def _path(self, key: str) -> Path:
        return self.folder / hashlib.sha256(f"{self.scope}\n{key}".encode()).hexdigest()


def prune(folder: Path, limit: int) -> None:
    """Delete the programs that were used least recently until all take at most `limit` bytes. Raises OSError."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):  # another process deleted it
                status = entry.stat(follow_symlinks=False)
                found.append((status.st_mtime, status.st_size, entry.path))
    total = sum(size for _, size, _ in found)
    for _, size, path in sorted(found):
        if total <= limit:
            break
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        total -= size


def start(threads: int) -> None:
    """Let JAX keep compiled programs for later processes, unless the user decided about it or the folder is unsafe.

    threads: of XLA's thread pool.
    """
    home = files.cache_home()
    if home is None or any(name in os.environ for name in OWN):
        return
    folder = home / files.COMPILED
    if not is_safe(folder):
        return
    import jax
    from jax._src import compilation_cache

    cache = CompilationCache(folder, f"{machine.processor_name()} {machine.features()} {threads}")
    compilation_cache.get_file_cache = lambda path: (cache, path)
    warnings.filterwarnings("ignore", message="Error (reading|writing) persistent compilation cache entry")
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_enable_xla_caches", "none")


def is_safe(folder: Path) -> bool:
    """Whether the folder can be made or exists, and nobody else can write to it: a loaded program runs."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = os.lstat(folder)
    except OSError:
        return False
    others = stat.S_IWGRP | stat.S_IWOTH
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & others
