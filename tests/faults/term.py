"""SIGTERM and Ctrl-C at a random moment, from start to end: the documented code and state, and an equal end."""

import random
import signal
import subprocess
import time
from itertools import cycle, islice
from pathlib import Path

from ablation.rundir import discovery, layout
from ablation.rundir import record as rundir_record
from ablation.runtime.signals import CODES
from ablation.training import checkpoint
from faults import arena

CASES, MUTANT, MUTANT_CASES = 60, "deaf", 2
GOAL = "stopped at random phases with the documented code and state, within five seconds; resumed runs identical"
NAMES = ("residual", "shake", "vgg", "plain")
EPOCHS = 20
PATIENCE = 5.0  # seconds; a batch here takes less


def prove(place: Path, cases: int, mutant: str | None) -> arena.Outcome:
    hooks = {"mutant": mutant} if mutant else {}
    whole, seconds = {}, {}
    for name in NAMES:
        here = place / f"whole_{name}"
        here.mkdir()
        began = time.monotonic()
        arena.call(here, _overrides(name), state=str(here / "state.npz"))
        seconds[name] = time.monotonic() - began
        whole[name] = arena.result(arena.only_run(here / "outputs"), here / "state.npz")
    draw, phases, slowest = random.Random(1), {}, [0.0]
    numbers = cycle([*[signal.SIGTERM] * 5, signal.SIGINT])  # 50 and 10
    moments = [draw.uniform(0.5, 0.8) if mutant else draw.random() for _ in range(cases)]
    planned = list(zip(range(cases), islice(cycle(NAMES), cases), numbers, moments, strict=False))

    def one(case: tuple[int, str, signal.Signals, float]) -> str | None:
        i, name, number, moment = case
        here = place / f"case_{i}"
        here.mkdir()
        process = arena.start(here, _overrides(name), state=str(here / "state.npz"), **hooks)
        try:
            process.wait(0.15 + moment * seconds[name])  # the interpreter itself needs a moment to begin
        except subprocess.TimeoutExpired:
            process.send_signal(number)
        began = time.monotonic()
        out, err = process.communicate(timeout=120)
        slowest[0] = max(slowest[0], took := time.monotonic() - began)
        code = process.returncode if process.returncode >= 0 else 128 - process.returncode  # as a shell tells it
        told = f"{name}, {number.name} at {moment:.2f}: code {code}"
        found = discovery.find([here / "outputs"])
        status = rundir_record.read_record(found[0]).status if found else "nothing"
        phase = _phase(found[0], status) if found else "before the claim"
        phases[phase] = phases.get(phase, 0) + 1
        wanted = {"completed": 0}.get(status, CODES[number])
        if code != wanted or status not in ("nothing", "interrupted", "completed"):
            return f"{told} with status {status}: {(out + err)[-200:]}"
        if "Traceback" in out + err:
            return f"{told}: {(out + err)[-300:]}"
        if status == "completed" and moment < 0.7:
            return f"{told}: did not stop"
        if took > PATIENCE:
            return f"{told} after {took:.1f} s"
        code, said = arena.call(here, _overrides(name), state=str(here / "state.npz"))
        if code:
            return f"{told}; resumed, it ended with {code}: {said[-200:]}"
        differs = arena.differences(whole[name], arena.result(arena.only_run(here / "outputs"), here / "state.npz"))
        return differs and f"{told}; resumed, {differs} differ"

    outcome = arena.each(planned, one, "term")
    outcome.notes |= {"stopped while": phases, "slowest exit, s": round(slowest[0], 2)}
    return outcome


def _phase(directory: Path, status: str) -> str:
    """Where the signal found it, by what it left."""
    if status == "completed":
        return "closing, completed"
    if rundir_record.read_record(directory).network is None:
        return "importing"
    standing = checkpoint.load_header(directory / layout.CHECKPOINT)
    if standing is None:
        return "tracing"
    if len(standing.rows) == EPOCHS:
        return "testing"
    return "training" if standing.metrics else "at a commit"


def _overrides(name: str) -> list[str]:
    return [*arena.NETWORKS[name], *arena.QUICK, f"train.epochs={EPOCHS}"]
