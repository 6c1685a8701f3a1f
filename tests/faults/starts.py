"""Many starts at once: one trains, the others leave with code 75, at once and without TensorFlow; seeds never meet."""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

from ablation.rundir import claim as rundir_claim
from ablation.rundir import discovery
from ablation.rundir import record as rundir_record
from faults import arena

CASES, MUTANT, MUTANT_CASES = 64, "no_lock", 6
GOAL = "of 64 starts one trains and 63 leave with code 75 (< 2 s of processor time, no TensorFlow); 64 seeds, 64 places"
TINY = [*arena.NETWORKS["residual"], *arena.QUICK, "train.epochs=2"]
SECONDS = 2.0  # of processor time
HOLDERS = 10  # that are killed, where all cases are tried
WAIT = 1.0  # seconds that a killed holder may block the next


def prove(place: Path, cases: int, mutant: str | None) -> arena.Outcome:
    hooks = {"mutant": mutant} if mutant else {}
    outcome = _same(place, cases, hooks)
    if not mutant:
        _seeds(place, cases, outcome)
        _killed_holders(place, max(1, HOLDERS * cases // CASES), outcome)
    return outcome


def _same(place: Path, cases: int, hooks: dict) -> arena.Outcome:
    outcome, ended = arena.Outcome(), []
    running = {}
    for i in range(cases):
        report = place / f"report_{i}.json"
        process = subprocess.Popen(
            arena.command(TINY, report=str(report), **hooks),
            cwd=place,
            env=arena.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        running[process.pid] = process, report
    while running:
        pid, status, usage = os.wait4(-1, 0)
        if pid in running:
            process, report = running.pop(pid)
            process.returncode = os.waitstatus_to_exitcode(status)
            ended.append((process.returncode, usage.ru_utime + usage.ru_stime, json.loads(report.read_text())))
    trained = [code for code, _, _ in ended if code != 75]
    outcome.count(None if trained == [0] else f"trained or said so, or failed: {trained}")
    for code, seconds, report in ended:
        if code == 75:
            wrong = seconds >= SECONDS or report["tensorflow"]
            outcome.count(f"left after {seconds:.1f} s, TensorFlow {report['tensorflow']}" if wrong else None)
    left = [seconds for code, seconds, _ in ended if code == 75]
    outcome.notes["processor seconds of those that left, most"] = round(max(left, default=0), 2)
    outcome.cases = max(outcome.cases, cases)
    return outcome


def _seeds(place: Path, cases: int, outcome: arena.Outcome) -> None:
    here = place / "seeds"
    here.mkdir()
    started = [arena.start(here, [*TINY, f"seed={i}"], idle=True) for i in range(cases)]
    codes = [process.communicate() and process.returncode for process in started]
    found = discovery.find([here / "outputs"])
    seeds = {rundir_record.read_record(path).seed for path in found}
    right = codes == [0] * cases and len(found) == cases and seeds == set(range(cases))
    outcome.count(None if right else f"{len(found)} directories of {cases} seeds, codes {sorted(set(codes))}")


def _killed_holders(place: Path, holders: int, outcome: arena.Outcome) -> None:
    here = place / "holders"
    here.mkdir()
    waits = []
    for _ in range(holders):
        holder = arena.start(here, TINY, idle=True, seconds=60)
        while not discovery.find([here / "outputs"]):
            time.sleep(0.02)
        time.sleep(0.2)
        assert arena.call(here, TINY, idle=True)[0] == 75
        holder.kill()
        holder.communicate()
        (name,) = [p.name for p in discovery.find([here / "outputs"])]
        began = time.monotonic()
        with rundir_claim.claim(here / "outputs", name):
            waits.append(time.monotonic() - began)
        for path in (here / "outputs").glob(f"{name}*"):
            shutil.rmtree(path)
    outcome.count(None if max(waits) < WAIT else f"a killed holder blocked for {max(waits):.2f} s")
