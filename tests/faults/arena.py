"""What the proofs share: starting commands, reading what they left, comparing it bit for bit."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import track
from support import hooks

from ablation.rundir import discovery, history, layout
from ablation.rundir import record as rundir_record

TESTS = Path(__file__).resolve().parents[1]
AT_ONCE = 2
QUICK = ["train=quickstart", "data.augment=crop_flip", "threads=1"]
NETWORKS = {  # real but shallow, with everything that has a state of its own
    "residual": ["model=resnet_cifar", "model.depth=8", "model.width=4"],
    "plain": ["model=plain_cifar", "model.depth=8", "model.width=4"],
    "shake": ["model=shake26", "model.depth=8", "model.width=4", "model.dropout=0.2"],
    "vgg": ["model=vgg16", "model.repeats=[1,1,1]", "model.width=8", "model.head=global_pool", "model.norm=batch"],
    "bottleneck": ["model=resnet50", "model.width=4", "model.repeats=[1,1,1]"],
    "vgg_head": ["model=vgg16", "model.repeats=[1,1]", "model.width=4", "model.dropout=0.2"],
    "resnet34": ["model=resnet34", "model.width=4"],
    "plain34": ["model=plain34", "model.width=4"],
}


class Skipped(Exception):
    """This machine lacks what the proof needs."""


@dataclass
class Outcome:
    """How many cases came out right, and the first few that did not."""

    cases: int = 0
    right: int = 0
    wrong: list[str] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)

    def count(self, told: str | None) -> None:
        """told: what went wrong, or None."""
        self.cases += 1
        self.right += told is None
        if told is not None:
            self.wrong.append(told)


def prove(proof: Any, place: Path, cases: int, mutant: str | None = None) -> Outcome:
    """Run a proof. Raises hooks.Gone where a hook of it found nothing in the program, or its mutant was not applied."""
    notes = place.with_name(f"{place.name}_notes.txt")
    os.environ[hooks.NOTES] = str(notes)
    try:
        try:
            outcome = proof.prove(place, cases, mutant)
        finally:
            hooks.look(notes)
        hooks.look(notes, mutant)
    finally:
        del os.environ[hooks.NOTES]
        notes.unlink(missing_ok=True)
    return outcome


def command(overrides: Sequence[str], before: Sequence[str] = (), **planned: Any) -> list[str]:
    return [*before, sys.executable, "-m", "faults.drive", json.dumps(planned), *overrides]


def start(
    place: Path,
    overrides: Sequence[str],
    before: Sequence[str] = (),
    stdout: Any = subprocess.PIPE,
    stderr: Any = subprocess.PIPE,
    **planned: Any,
) -> subprocess.Popen:
    """Start `ablate` with hooks in a folder."""
    return subprocess.Popen(
        command(overrides, before, **planned),
        cwd=place,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        text=True,
        errors="replace",
    )


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(TESTS), "TF_CPP_MIN_LOG_LEVEL": "3", "COLUMNS": "200"}


def call(place: Path, overrides: Sequence[str], before: Sequence[str] = (), **planned: Any) -> tuple[int, str]:
    """Run to its end; the exit code, and what it said."""
    process = start(place, overrides, before, **planned)
    out, err = process.communicate(timeout=300)
    return process.returncode, out + err


def each(cases: Iterable, prove: Callable[[Any], str | None], text: str, at_once: int = AT_ONCE) -> Outcome:
    """Prove every case, some at a time, under a bar."""
    cases, outcome = list(cases), Outcome()
    with ThreadPoolExecutor(at_once) as pool:
        for told in track(pool.map(prove, cases), text, len(cases), transient=True):
            outcome.count(told)
    return outcome


def only_run(outputs: Path) -> Path:
    (found,) = discovery.find([outputs])
    return found


def result(directory: Path, state: Path) -> dict[str, Any]:
    """Everything that two equal runs share bit for bit: {name: bytes}."""
    record = rundir_record.read_record(directory)
    told = {"status": record.status, "metrics": record.metrics.scores, "exact": record.is_exact}
    rows = history.read_history(directory, record)
    told["history"] = [{k: v for k, v in row.items() if k not in ("seconds", "images_per_second")} for row in rows]
    for file in (directory / layout.WEIGHTS, directory / layout.CORRECT, state):
        with np.load(file) as arrays:
            told |= {f"{file.name} {k}": (arrays[k].dtype.str, arrays[k].shape, arrays[k].tobytes()) for k in arrays}
    return told


def differences(one: dict[str, Any], other: dict[str, Any]) -> str | None:
    """The names of what differs; None where nothing does."""
    names = [k for k in {**one, **other} if one.get(k) != other.get(k)]
    return ", ".join(names[:4]) or None
