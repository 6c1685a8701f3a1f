"""The fingerprint of a program's run: its command, flags, seed, metric, and the contents of its code and data."""

import functools
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ablation.config.program.spec import ProgramConfig
from ablation.errors import AblateError

FORMAT = 1
SKIPPED = ("__pycache__", "node_modules")  # folders within a folder of code or data, beside hidden ones
MOST_FILES = 100_000  # of one folder


def content(config: ProgramConfig) -> dict[str, Any]:
    """What shapes a run, as plain values. Raises AblateError if code or data cannot be read."""
    program = config.program
    return {
        "format": FORMAT,
        "command": list(program.command),
        "style": program.flags,
        "flags": config.flags,
        "seed": config.seed,
        "metric": vars(program.metric),
        "cwd": program.cwd,
        "code": digests(config, "code"),
        "data": digests(config, "data"),
    }


def digests(config: ProgramConfig, key: str) -> dict[str, str]:
    """The SHA-256 of files, and of the files below folders, by path as declared. Raises AblateError.

    key: `code` or `data`. Hidden files, caches and the outputs of runs below a folder are left out.
    """
    known, folder = {}, config.folder
    outputs = Path(folder, config.outputs).resolve()
    for declared in config.program.code if key == "code" else config.program.data:
        path = Path(folder, os.path.expanduser(declared))
        try:
            known[declared] = _digest_of_folder(path, outputs) if path.is_dir() else _digest_of_file(path)
        except OSError as error:
            raise AblateError(
                f"A path of study.{key} cannot be read ({error.strerror or error}: {error.filename or path}). Received "
                f"study.{key}: {declared}. Allowed: files and folders that exist below {folder}. Type for example "
                f"{key}: [train.py]"
            ) from error
    return known


def _digest_of_folder(folder: Path, outputs: Path) -> str:
    whole = hashlib.sha256()
    for number, file in enumerate(visible_files(folder, outputs)):
        if number >= MOST_FILES:
            raise OSError(f"more than {MOST_FILES:,} files below {folder}")
        whole.update(f"{file.relative_to(folder).as_posix()}\0{_digest_of_file(file)}\0".encode(errors="replace"))
    return whole.hexdigest()


def visible_files(folder: Path, outputs: Path | None = None) -> Iterator[Path]:
    """The files below a folder, in the order of their paths, without hidden ones, caches and the outputs of runs."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in SKIPPED and not name.startswith("."))
        if outputs is not None:
            folders[:] = [name for name in folders if Path(parent, name).resolve() != outputs]
        for name in sorted(names):
            if not name.startswith(".") and os.path.isfile(os.path.join(parent, name)):
                yield Path(parent, name)


def _digest_of_file(file: Path) -> str:
    status = file.stat()
    if not file.is_file():
        raise OSError(f"{file} is no file")
    return _known_digest(file, status.st_mtime_ns, status.st_size, status.st_ino)


@functools.lru_cache(maxsize=2 * MOST_FILES)
def _known_digest(file: Path, changed: int, size: int, number: int) -> str:
    """changed, size, number: of the file, so that a changed or replaced file is read again."""
    with open(file, "rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
