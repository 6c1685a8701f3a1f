"""One file that holds a run as it stands: the whole state, the best weights and the history so far."""

import io
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ablation import rundir
from ablation.training.engine import State


@dataclass
class Standing:
    """Where a run stands. rows: the finished epochs; best: the weights of the best one; seconds: spent training."""

    step: int = 0
    state: State | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)
    best: State | None = None
    epoch_seconds: float = 0.0  # of the epoch begun, where the run stopped inside one


def save(directory: Path, standing: Standing) -> None:
    """Replace the checkpoint by a new one, whole or not at all. Raises OSError."""
    rest = {"step": standing.step, "rows": standing.rows, "epoch_seconds": standing.epoch_seconds}
    arrays = {f"state:{path}": value for path, value in (standing.state or {}).items()}
    arrays |= {f"best:{path}": value for path, value in (standing.best or {}).items()}
    arrays["rest"] = np.frombuffer(json.dumps(rest).encode(), "uint8")
    content = io.BytesIO()
    np.savez(content, **arrays)
    rundir.replace(directory / rundir.CHECKPOINT, content.getbuffer())


def load(directory: Path) -> Standing | None:
    """The standing of the last checkpoint; None when there is none. Raises rundir.Unreadable for a damaged one."""
    try:
        with np.load(directory / rundir.CHECKPOINT, allow_pickle=False) as file:
            arrays = dict(file)
        rest = json.loads(arrays.pop("rest").tobytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise rundir.Unreadable(f"{rundir.CHECKPOINT}: {error}") from error
    state, best = ({k.partition(":")[2]: v for k, v in arrays.items() if k.startswith(p)} for p in ("state:", "best:"))
    return Standing(rest["step"], state, rest["rows"], best or None, rest["epoch_seconds"])


def remove(directory: Path) -> None:
    """A completed run needs none."""
    (directory / rundir.CHECKPOINT).unlink(missing_ok=True)
