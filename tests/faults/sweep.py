"""A sweep of good and bad jobs whose driver is killed on the way: good runs complete, once, and bad ones are told.

Ten jobs are bad in ten ways; thirty of the good ones train; the others leave a record and train nothing.
"""

import os
import random
import signal
import subprocess
import time
from pathlib import Path

from ablation.rundir import discovery, record
from ablation.rundir.record import RunRecord
from faults import arena
from faults.drive import BAD

CASES, MUTANT, MUTANT_CASES = 100, ("forget_done", "no_end"), 16
GOAL = "jobs as they should be after 20 kills of the driver: 90 completed once, 10 told with reason and log, no orphans"
KINDS = (*BAD, "nan")
TRAINED, KILLS = 0.3, 20
TIMEOUT, SHORT_TIMEOUT = 30, 15  # seconds that a job may take: a good one needs two or three on an idle machine
TINY = ["model=resnet_cifar", "model.depth=8", "model.width=2", "data.limit=200", "train.epochs=1", "threads=1"]
GROWTH = 100  # kB of the driver's memory per job


def prove(place: Path, cases: int, mutant: str | None) -> arena.Outcome:
    bad = KINDS if cases >= 100 else ("exception", "kill", "hang")
    good = cases - len(bad)
    order = ["good"] * round(TRAINED * cases) + ["idle"] * (good - round(TRAINED * cases)) + list(bad)
    random.Random(0).shuffle(order)
    if mutant:  # something that cannot end by itself is there when the driver is killed
        order.sort(key=lambda kind: kind != "hang")
    jobs = {str(seed): kind for seed, kind in enumerate(order)}
    overrides = [
        "-m",
        *TINY,
        f"seed={','.join(jobs)}",
        "n_jobs=2",
        f"job_timeout={TIMEOUT if cases >= CASES else SHORT_TIMEOUT}",
    ]
    hooks = {"jobs": jobs, **({"mutant": mutant} if mutant else {})}
    sweep = _Sweep(place, overrides, hooks)
    kills, orphans = max(2, KILLS * cases // CASES), 0
    draw = random.Random(1)
    for _ in range(kills):
        orphans += sweep.kill(draw.uniform(0, 4))
    code, said = sweep.finish()
    outcome = arena.Outcome()
    records = sweep.records()
    for seed, kind in jobs.items():
        outcome.count(_judge(place, kind, records.get(int(seed)), said, sweep.repeated.get(int(seed))))
    outcome.count(None if code == 2 else f"the sweep ended with {code}: {said[-300:]}")
    outcome.count(f"{orphans} processes outlived their driver" if orphans else None)
    growth = sweep.growth()
    outcome.count(f"the driver grew by {growth:.0f} kB a job" if growth > GROWTH else None)
    outcome.notes |= {"driver killed": kills, "orphans": orphans, "driver's growth, kB a job": round(growth, 1)}
    return outcome


def _judge(place: Path, kind: str, record: RunRecord | None, said: str, repeated: bool | None) -> str | None:
    status = record.status if record else "nothing"
    if kind in ("good", "idle"):
        if status != "completed":
            return f"a {kind} run ended as {status}"
        return "a completed run was done again" if repeated else None
    wanted = {"nan": "diverged"}.get(kind, "failed")
    if status != wanted and (kind, status) != ("hang", "interrupted"):  # it left where it was, and can go on
        return f"{kind} ended as {status}"
    told = [line for line in said.splitlines() if record.fingerprint[:10] in line and wanted in line]
    logs = [place / line.rpartition("Log: ")[2].strip() for line in told if "Log: " in line]
    listed = bool(logs) and all(log.is_file() and log.stat().st_size for log in logs)
    return None if listed else f"{kind} is not listed with a reason and a log: {told}"


class _Sweep:
    def __init__(self, place: Path, overrides: list[str], hooks: dict):
        self.place, self.overrides, self.hooks = place, overrides, hooks
        self.completed: dict[int, str] = {}
        self.repeated: dict[int, bool] = {}
        self.memory: list[tuple[int, int]] = []  # (jobs done by this driver, kB)

    def kill(self, after: float) -> int:
        """Start the driver, kill it so long after its first job began, and count what outlives it."""
        process = self._start(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        ran = self._ran()
        while process.poll() is None and self._ran() == ran:
            time.sleep(0.05)
        time.sleep(after)
        process.kill()
        process.wait()
        until = time.monotonic() + 14
        while (left := marked(self.place)) and time.monotonic() < until:
            time.sleep(0.1)
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        self._compare()
        return len(left)

    def finish(self) -> tuple[int, str]:
        """Run to the end, with an eye on the driver's memory."""
        log = self.place / "said.txt"
        with open(log, "w") as file:
            process = self._start(stdout=file, stderr=file)
            before = len(self.completed)
            while process.poll() is None:
                done = len(self._completed()) - before
                if done >= 5:  # it has taken what it needs
                    self.memory.append((done, _resident(process.pid)))
                time.sleep(0.5)
        self._compare()
        return process.returncode, log.read_text()

    def growth(self) -> float:
        """kB a job of the driver that ran the most."""
        last = max((done for done, _ in self.memory), default=0)
        rows = [
            row for row in self.memory if row[1] and row[0] < last
        ]  # then it draws the table, which takes libraries
        if len(rows) < 2 or rows[-1][0] == rows[0][0]:
            return 0.0
        return (rows[-1][1] - rows[0][1]) / (rows[-1][0] - rows[0][0])

    def records(self) -> dict[int, RunRecord]:
        """By seed."""
        found = map(record.read_record, discovery.find([self.place / "outputs"]))
        return {record.seed: record for record in found}

    def _start(self, **streams):
        return arena.start(self.place, self.overrides, **streams, **self.hooks)

    def _ran(self) -> int:
        file = self.place / "ran.txt"
        return file.stat().st_size if file.exists() else 0

    def _completed(self) -> dict[int, str]:
        return {seed: run.checksum for seed, run in self.records().items() if run.status == "completed"}

    def _compare(self) -> None:
        """A completed run's record never changes again."""
        now = self._completed()
        self.repeated |= {seed: True for seed, old in self.completed.items() if now.get(seed) != old}
        self.completed = now


def marked(place: Path) -> list[int]:
    """The processes that were started in a folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and os.readlink(entry / "cwd") == str(place):
                found.append(int(entry.name))
        except OSError:
            continue
    return [pid for pid in found if _alive(pid)]


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def _resident(pid: int) -> int:
    """kB."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)
