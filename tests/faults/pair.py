"""Two drivers, started on one sweep of twenty runs: they share the work, and every run is run exactly once."""

import time
from collections import Counter
from pathlib import Path

from ablation.rundir import discovery, record
from faults import arena

CASES, MUTANT, MUTANT_CASES = 20, "no_lock", 8
GOAL = "runs of one sweep that two drivers ran exactly once, both telling that all are completed"
TINY = ["model=resnet_cifar", "model.depth=8", "model.width=2", "data.limit=200", "train.epochs=1", "threads=1"]


def prove(place: Path, cases: int, mutant: str | None) -> arena.Outcome:
    hooks = {"jobs": {str(seed): "good" if seed % 4 == 0 else "idle" for seed in range(cases)}}
    hooks |= {"mutant": mutant} if mutant else {}
    overrides = ["-m", *TINY, f"seed={','.join(hooks['jobs'])}"]
    drivers = [arena.start(place, overrides, **hooks)]
    time.sleep(0.3)
    drivers.append(arena.start(place, overrides, **hooks))
    said = ["".join(driver.communicate(timeout=600)) for driver in drivers]
    ran = Counter((place / "ran.txt").read_text().split())
    outcome = arena.Outcome()
    for run in discovery.find([place / "outputs"]):
        status = record.read_record(run).status
        told = all(run.name in text for text in said)
        right = status == "completed" and ran[run.name] == 1 and told
        outcome.count(None if right else f"{run.name}: {status}, run {ran[run.name]} times")
    codes = [driver.returncode for driver in drivers]
    outcome.count(None if len(ran) == cases and codes == [0, 0] else f"{len(ran)} runs, codes {codes}: {said}")
    return outcome
