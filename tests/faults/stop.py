"""SIGTERM and Ctrl-C to a sweep's driver with jobs running: every job commits, and the same command ends equally."""

import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np

from ablation.rundir import discovery, history, layout
from ablation.rundir import record as rundir_record
from ablation.runtime.signals import CODES
from faults import arena
from faults.sweep import marked

CASES, MUTANT, MUTANT_CASES = 12, "deaf", 2
GOAL = "stopped sweeps of four runs, two at once, with code 143 or 130, nothing left running, and the same end resumed"
PATIENCE = 15.0  # seconds; a committing job here takes less
SWEEP = ["-m", "model=resnet_cifar,shake26", "model.depth=8", "model.width=4", "seed=0,1", "train=quickstart"]
SWEEP += ["train.epochs=40", "data.augment=crop_flip", "threads=1", "n_jobs=2"]


def prove(place: Path, cases: int, mutant: str | None) -> arena.Outcome:
    hooks = {"mutant": mutant} if mutant else {}
    whole = place / "whole"
    whole.mkdir()
    began = time.monotonic()
    code, said = arena.call(whole, SWEEP)
    seconds = time.monotonic() - began
    if code:
        raise RuntimeError(said)
    expected = _results(whole)
    draw, outcome, statuses = random.Random(0), arena.Outcome(), {}
    for i in range(cases):
        here, number = place / f"case_{i}", signal.SIGINT if i % 3 == 0 else signal.SIGTERM
        process = _started(here, draw.uniform(0, 0.6) * seconds, hooks)
        outcome.count(_stop(here, process, number, expected, statuses))
    outcome.notes |= {"runs when stopped": statuses}
    return outcome


def _started(here: Path, after: float, hooks: dict) -> subprocess.Popen:
    """A sweep so long after its first job began; sooner where it was done before."""
    while True:
        here.mkdir()
        process = arena.start(here, SWEEP, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **hooks)
        while process.poll() is None and not list(here.glob("outputs/.jobs/*.log")):
            time.sleep(0.05)
        time.sleep(after)
        if process.poll() is None:
            return process
        shutil.rmtree(here)
        after *= 0.6


def _stop(here: Path, process, number: signal.Signals, expected: dict, statuses: dict) -> str | None:
    process.send_signal(number)
    try:
        code = process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        return f"{number.name}: the driver did not stop"
    if left := marked(here):
        return f"{number.name}: {len(left)} processes were left"
    records = [rundir_record.read_record(run) for run in discovery.find([here / "outputs"])]
    for record in records:
        statuses[record.status] = statuses.get(record.status, 0) + 1
    if code != CODES[number] or not {record.status for record in records} <= {"interrupted", "completed"}:
        return f"{number.name}: code {code}, {[record.status for record in records]}"
    code, said = arena.call(here, SWEEP)
    if code:
        return f"resumed, it ended with {code}: {said[-300:]}"
    return arena.differences(expected, _results(here))


def _results(place: Path) -> dict:
    """Weights and histories of a sweep's runs."""
    found = {}
    for run in discovery.find([place / "outputs"]):
        rows = history.read_history(run, rundir_record.read_record(run))
        found[f"{run.name} history"] = [{k: v for k, v in row.items() if "second" not in k} for row in rows]
        with np.load(run / layout.WEIGHTS) as arrays:
            found |= {f"{run.name} {name}": arrays[name].tobytes() for name in arrays}
    return found
