"""The checkpoint of a run: one file with the full state, the best weights and the history so far.

It is written to a staged file, synced, and renamed, so that it replaces the previous checkpoint atomically.
"""

import dataclasses
import hashlib
import json
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ablation.rundir import files
from ablation.training.metrics import EpochRow, Metrics

State = dict[str, np.ndarray]

HEADER = "header"  # the entry with everything except the arrays: a SHA-256, followed by the JSON that it covers
STATE, BEST = "state:", "best:"  # prefixes of the entries that hold arrays
DIGEST_LENGTH = 64  # hexadecimal digits of a SHA-256
DAMAGE = (  # errors that NumPy, zipfile and the dataclasses raise for a damaged file
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
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
)


@dataclass
class Checkpoint:
    """The progress of a run.

    step: steps done. rows: finished epochs. metrics, epoch_seconds: of the unfinished epoch; None and 0 between epochs.
    exactness: the environment class of all steps so far. code: digest of the code that computed them.
    state: all variables. best: the weights after the epoch with the highest validation accuracy.
    """

    step: int = 0
    rows: list[EpochRow] = field(default_factory=list)
    metrics: Metrics | None = None
    epoch_seconds: float = 0.0
    exactness: dict[str, Any] = field(default_factory=dict)
    code: str = ""
    state: State | None = None
    best: State | None = None


def is_finite(state: State) -> bool:
    """Return whether no array of the state contains NaN or infinity."""
    floats = [value for value in state.values() if value.dtype.kind == "f"]
    return all(np.isfinite(value).all() for value in floats)


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint to `path`, replacing the previous one atomically. Raises OSError."""
    arrays = _prefixed(STATE, checkpoint.state) | _prefixed(BEST, checkpoint.best)
    text = json.dumps({"checkpoint": _header(checkpoint), "arrays": _digests(arrays)}, allow_nan=False)
    header = hashlib.sha256(text.encode()).hexdigest() + text
    arrays[HEADER] = np.frombuffer(header.encode(), "uint8")
    with files.replacing(path) as file:
        np.savez(file, allow_pickle=False, **arrays)


def _header(checkpoint: Checkpoint) -> dict[str, Any]:
    """Everything except the arrays, as strict JSON."""
    without_arrays = dataclasses.replace(checkpoint, state=None, best=None)  # asdict would copy large arrays
    header = dataclasses.asdict(without_arrays)
    del header["state"], header["best"]
    return header


def _prefixed(prefix: str, state: State | None) -> State:
    return {prefix + path: value for path, value in (state or {}).items()}


def _digests(arrays: State) -> dict[str, str]:
    return {name: _digest(array) for name, array in arrays.items()}


def _digest(array: np.ndarray) -> str:
    """SHA-256 of an array's dtype, shape and bytes."""
    digest = hashlib.sha256(f"{array.dtype.str}{array.shape}".encode())
    digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def load_header(path: Path) -> Checkpoint | None:
    """Read a checkpoint without its arrays; None if there is none. Raises files.Unreadable for a damaged file."""
    return _read(path, with_arrays=False)


def load(path: Path) -> Checkpoint | None:
    """Read a checkpoint; None if there is none. Raises files.Unreadable for a damaged file."""
    return _read(path, with_arrays=True)


def _read(path: Path, with_arrays: bool) -> Checkpoint | None:
    try:
        # Opened here, because NumPy does not close a damaged archive.
        with open(path, "rb") as content, np.load(content, allow_pickle=False) as file:
            header = _parse_header(path, file[HEADER].tobytes().decode())
            checkpoint = _from_header(header["checkpoint"])
            if with_arrays:
                arrays = {name: file[name] for name in file.files if name != HEADER}
                if _digests(arrays) != header["arrays"]:
                    raise files.Unreadable(f"{path.name} does not match its checksums")
                checkpoint.state = _without_prefix(STATE, arrays)
                checkpoint.best = _without_prefix(BEST, arrays) or None
            return checkpoint
    except FileNotFoundError:
        return None
    except DAMAGE as error:
        raise files.Unreadable(f"{path.name}: {error}") from error


def _parse_header(path: Path, header: str) -> dict[str, Any]:
    digest, text = header[:DIGEST_LENGTH], header[DIGEST_LENGTH:]
    if hashlib.sha256(text.encode()).hexdigest() != digest:
        raise files.Unreadable(f"{path.name} does not match its checksum")
    return json.loads(text)


def _from_header(values: dict[str, Any]) -> Checkpoint:
    values["rows"] = [EpochRow(**row) for row in values["rows"]]
    if values["metrics"] is not None:
        values["metrics"] = Metrics(**values["metrics"])
    return Checkpoint(**values)


def _without_prefix(prefix: str, arrays: State) -> State:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
