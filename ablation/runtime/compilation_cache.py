"""JAX's compilation cache, below the user's cache folder, so that a second process does not compile a program again.

JAX decides which programs to cache, and under which key. Here their total size is limited, they are verified when they
are read, and each processor and number of threads has its own: both affect the compiled code, but not JAX's key.
"""

import contextlib
import hashlib
import os
import platform
import stat
import warnings
from pathlib import Path

from ablation.rundir import files
from ablation.runtime import machine

LIMIT = 512 * 2**20  # bytes of all programs; beyond it, the least recently used ones are deleted
DIGEST = 32  # bytes of SHA-256, before the program
OLDEST = (0, 10, 2)  # of JAX; earlier ones log errors on processors with AVX-512 (jax#38445), or crash on macOS
OWN = (
    "JAX_COMPILATION_CACHE",
    "JAX_ENABLE_COMPILATION_CACHE",
    "JAX_PERSISTENT_CACHE",
)  # prefixes of JAX's own environment variables


class CompilationCache:
    """The files of compiled programs, as JAX reads and writes them.

    scope: what else a program depends on, besides JAX's key. None of its methods raises an error: without a program,
    JAX compiles one.
    """

    def __init__(self, folder: Path, scope: str):
        self.folder, self.scope = folder, scope
        self._room = 0  # bytes that may be added before the next look at the size of all programs

    def get(self, key: str) -> bytes | None:
        """The program of a key; None if this user has not cached it. Deletes a damaged file."""
        path = self._path(key)
        try:
            with files.open_regular(path) as file:
                status = os.fstat(file.fileno())
                if status.st_uid != os.getuid() or status.st_size > LIMIT:
                    return None
                content = file.read(status.st_size) or b""
        except (OSError, files.Unreadable):
            return None
        if content[:DIGEST] != _digest(path, content[DIGEST:]):
            with contextlib.suppress(OSError):
                path.unlink()
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # its last use
        return content[DIGEST:]

    def put(self, key: str, value: bytes) -> None:
        """Cache a program, if the folder is writable."""
        path = self._path(key)
        with contextlib.suppress(OSError):
            if self._room < len(value):
                prune(self.folder, LIMIT)
                self._room = LIMIT // 8
            self._room -= len(value)
            files.replace(path, _digest(path, value) + value, lasting=False)

    def _path(self, key: str) -> Path:
        return self.folder / hashlib.sha256(f"{self.scope}\n{key}".encode()).hexdigest()


def _digest(path: Path, program: bytes) -> bytes:
    """SHA-256 of a program and its file's name, so that a file under another name is not loaded."""
    return hashlib.sha256(path.name.encode() + program).digest()


def prune(folder: Path, limit: int) -> None:
    """Delete the programs that were used least recently until all take at most `limit` bytes. Raises OSError."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):  # another process deleted it
                if entry.is_file(follow_symlinks=False):
                    status = entry.stat(follow_symlinks=False)
                    found.append((status.st_mtime, status.st_size, entry.path))
    total = sum(size for _, size, _ in found)
    for _, size, path in sorted(found):
        if total <= limit:
            break
        with contextlib.suppress(OSError):
            os.unlink(path)
            total -= size


def start(threads: int) -> None:
    """Let JAX cache compiled programs, unless the user has configured JAX's own cache or the folder is unsafe.

    threads: of XLA's thread pool. Does nothing with a version of JAX that is too old or lacks the cache's interface.
    """
    home = files.cache_home()
    if home is None or any(name.startswith(OWN) for name in os.environ):
        return
    import jax

    try:
        from jax._src import compilation_cache
    except ImportError:
        return
    folder = home / files.COMPILED
    if jax.__version_info__ < OLDEST or not hasattr(compilation_cache, "get_file_cache") or not is_safe(folder):
        return
    cache = CompilationCache(folder, f"{_processor()} {threads}")
    compilation_cache.get_file_cache = lambda path: (cache, path)
    warnings.filterwarnings("ignore", message="Error (reading|writing) persistent compilation cache entry")
    with contextlib.suppress(AttributeError):  # a setting that JAX no longer has; only the last one enables the cache
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
        jax.config.update("jax_persistent_cache_enable_xla_caches", "none")
        jax.config.update("jax_compilation_cache_dir", str(folder))


def _processor() -> str:
    """A description of the processor: compiled code depends on it."""
    is_named = platform.machine() in ("x86_64", "AMD64")  # other systems do not state the model
    return f"{machine.processor_name()} {machine.features()} {'' if is_named else platform.node()}"


def is_safe(folder: Path) -> bool:
    """Whether the folder exists or can be created, and only this user can write to it: a loaded program is executed."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = os.lstat(folder)
    except OSError:
        return False
    others = stat.S_IWGRP | stat.S_IWOTH
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & others
