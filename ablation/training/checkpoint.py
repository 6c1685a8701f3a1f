"""One file that holds a run as it stands: the whole state, the best weights and the history so far.

One file is one commit: staged beside the old one, synced, renamed over it. Until the rename the old one stands.
"""

import hashlib
import json
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ablation.rundir import files, layout

State = dict[str, np.ndarray]


def finite(state: State) -> bool:
    """Is every number one?"""
    return all(np.isfinite(value).all() for value in state.values() if value.dtype.kind == "f")


REST = "rest"
DAMAGE = (  # what NumPy and zipfile raise for a file that is not what was written
    *(
        OSError,
        ValueError,
        TypeError,
        KeyError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        MemoryError,
        IndexError,
        AttributeError,
    ),
    *(zipfile.BadZipFile, zlib.error, struct.error),
)


@dataclass
class Checkpoint:
    """Where a run stands."""

    step: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)  # of the finished epochs
    metrics: dict[str, float] = field(default_factory=dict)  # of the epoch begun
    epoch_seconds: float = 0.0  # spent on the epoch begun
    exactness: dict[str, Any] = field(default_factory=dict)  # in which it was computed so far
    code: str = ""  # digest of the code that computed it
    state: State | None = None
    best: State | None = None  # weights of the best epoch


def save(directory: Path, standing: Checkpoint) -> None:
    """Replace the checkpoint by a new one, whole or not at all. Raises OSError."""
    arrays = {f"state:{path}": value for path, value in (standing.state or {}).items()}
    arrays |= {f"best:{path}": value for path, value in (standing.best or {}).items()}
    rest = {k: v for k, v in vars(standing).items() if k not in ("state", "best")}
    text = json.dumps({"standing": rest, "arrays": {k: _digest(v) for k, v in arrays.items()}}, allow_nan=False)
    arrays[REST] = np.frombuffer(f"{hashlib.sha256(text.encode()).hexdigest()}{text}".encode(), "uint8")
    with files.replacing(directory / layout.CHECKPOINT) as file:
        np.savez(file, **arrays)


def _digest(array: np.ndarray) -> str:
    """Of type, shape and bytes."""
    digest = hashlib.sha256(f"{array.dtype.str}{array.shape}".encode())
    digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()


def load_header(directory: Path) -> Checkpoint | None:
    """The standing without its arrays; None when there is no checkpoint. Raises rundir.Unreadable."""
    return _read(directory, arrays=False)


def load(directory: Path) -> Checkpoint | None:
    """The standing of the last checkpoint; None when there is none. Raises rundir.Unreadable for a damaged one."""
    return _read(directory, arrays=True)


def _read(directory: Path, arrays: bool) -> Checkpoint | None:
    try:
        with np.load(directory / layout.CHECKPOINT, allow_pickle=False) as file:
            told = file[REST].tobytes().decode()
            digest, text = told[:64], told[64:]
            if hashlib.sha256(text.encode()).hexdigest() != digest:
                raise files.Unreadable(f"{layout.CHECKPOINT} does not match its checksum")
            rest = json.loads(text)
            standing = Checkpoint(**rest["standing"])
            if arrays:
                if {k: _digest(file[k]) for k in file.files if k != REST} != rest["arrays"]:
                    raise files.Unreadable(f"{layout.CHECKPOINT} does not match its checksums")
                standing.state = {k.removeprefix("state:"): file[k] for k in file.files if k.startswith("state:")}
                standing.best = {k.removeprefix("best:"): file[k] for k in file.files if k.startswith("best:")} or None
            return standing
    except FileNotFoundError:
        return None
    except DAMAGE as error:
        raise files.Unreadable(f"{layout.CHECKPOINT}: {error}") from error
