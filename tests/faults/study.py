"""Studies whose driver is killed on the way, under three launchers: they end whole, and nothing is run twice."""

import random
import signal
import subprocess
import time
from pathlib import Path

from ablation.rundir import discovery, files, layout, record, study_plan
from faults import arena

CASES, MUTANT, MUTANT_CASES = 6, "forget_done", 1
GOAL = (
    "studies (quickstart, resnet_components; own, joblib, basic launcher) that end whole after two kills, no run twice"
)
SMALL = ["model.repeats=[1,1,1]", "model.width=4", "data=digits", "train=quickstart", "train.epochs=2", "threads=1"]
STUDIES = {"quickstart": ["study.seeds=3"], "resnet_components": ["study.seeds=1"]}
LAUNCHERS = {
    "own": ["n_jobs=2"],
    "joblib": ["hydra/launcher=joblib", "hydra.launcher.n_jobs=2"],
    "basic": ["hydra/launcher=basic"],
}
KILLS = 2


def prove(place: Path, cases: int, mutant: str | None) -> arena.Outcome:
    hooks = {"mutant": mutant} if mutant else {}
    draw, outcome = random.Random(0), arena.Outcome()
    some = [(study, launcher) for launcher in LAUNCHERS for study in STUDIES][:cases]
    for study, launcher in some:
        here = place / f"{study}_{launcher}"
        here.mkdir()
        words = ["-m", f"+study={study}", *STUDIES[study], *SMALL, *LAUNCHERS[launcher]]
        told = _whole(here, study, words, draw, hooks)
        outcome.count(told and f"{study} under {launcher}: {told}")
    return outcome


def _whole(here: Path, study: str, words: list[str], draw: random.Random, hooks: dict) -> str | None:
    done: dict[str, bytes] = {}
    for _ in range(KILLS):
        if not _killed(here, words, len(done), draw, hooks):
            return "it ended before it could be killed"
        time.sleep(1.5)  # what it left ends by itself
        done |= _completed(here)
    code, said = arena.call(here, words, **hooks)
    if code:
        return f"code {code}: {said[-400:]}"
    planned = study_plan.read_plan(layout.plan_path(here / "outputs", study))
    wanted = planned.fingerprints()
    records = [record.read_record(run) for run in discovery.find([here / "outputs"])]
    if sorted(record.fingerprint for record in records) != sorted(wanted):
        return f"{len(records)} runs of {len(wanted)}"
    if {record.status for record in records} != {"completed"}:
        return str([record.status for record in records])
    now = _completed(here)
    if again := [name for name in done if now[name] != done[name]]:
        return f"{len(again)} runs were run again"
    code, said = arena.call(here, words, **hooks)
    return None if code == 0 and "nothing left to do" in said and _completed(here) == now else f"again: {said[-300:]}"


def _killed(here: Path, words: list[str], before: int, draw: random.Random, hooks: dict) -> bool:
    """Kill the driver somewhat after one more run was completed."""
    process = arena.start(here, words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **hooks)
    while process.poll() is None and len(_completed(here)) <= before:
        time.sleep(0.05)
    time.sleep(draw.uniform(0, 1.5))
    alive = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return alive


def _completed(here: Path) -> dict[str, bytes]:
    found = {}
    for run in discovery.find([here / "outputs"]):
        try:
            if record.read_record(run).status == "completed":
                found[run.name] = (run / layout.RECORD).read_bytes()
        except files.Unreadable:
            continue
    return found
