"""SIGKILL at a random moment of training; the same command then ends bit for bit where the undisturbed run ends."""

import json
import random
import shutil
from itertools import cycle, islice
from pathlib import Path

from ablation.rundir import layout
from ablation.rundir import record as rundir_record
from ablation.training import checkpoint
from faults import arena

CASES, MUTANT, MUTANT_CASES = 50, "forget_noise", 4
GOAL = "resumed runs identical to the undisturbed one (weights, optimizer, history), no epoch missing or doubled"
OFTEN = "checkpoint_minutes=0.0001"  # minutes: a commit every three steps, in the middle of epochs of seventeen
EPOCHS = {"resnet34": 6, "plain34": 6, "shake": 16}


def prove(place: Path, cases: int, mutant: str | None) -> arena.Outcome:
    names = ["shake"] if mutant else [*("residual", "plain", "shake", "vgg") * 3, "resnet34", "plain34"]
    hooks = {"mutant": mutant} if mutant else {}
    whole, seconds = {}, {}
    names = list(islice(cycle(names), cases))
    for name in dict.fromkeys(names):
        here = place / f"whole_{name}"
        here.mkdir()
        report = here / "report.json"
        code, said = arena.call(here, _overrides(name), state=str(here / "state.npz"), report=str(report))
        if code:
            raise RuntimeError(said)
        phases = json.loads(report.read_text())["phases"]
        seconds[name] = phases["trained"] - phases["step"]
        whole[name] = arena.result(arena.only_run(here / "outputs"), here / "state.npz")
    draw, middle = random.Random(0), []
    planned = [(i, name, draw.random(), draw.random() < 2 / 3) for i, name in enumerate(names)]

    def one(case: tuple[int, str, float, bool]) -> str | None:
        i, name, moment, often = case
        here = place / f"case_{i}"
        here.mkdir()
        overrides = [*_overrides(name), *([OFTEN] if often else [])]
        chunk = {"chunk": 3} if often else {}
        after = seconds[name] * moment
        while (ended := arena.call(here, overrides, kill_after=after, **chunk, **hooks))[0] != -9 or _completed(here):
            if ended[0] not in (0, -9) or after < 0.01:
                return f"{name}: ended with {ended[0]} before it was killed: {ended[1][-300:]}"
            shutil.rmtree(here / "outputs")  # the machine is quicker now and was done before: kill earlier
            after *= 0.7
        standing = checkpoint.load_header(arena.only_run(here / "outputs") / layout.CHECKPOINT)
        middle.append(standing is not None and bool(standing.metrics))
        code, said = arena.call(here, overrides, state=str(here / "state.npz"), **hooks)
        if code:
            return f"{name}: resumed, it ended with {code}: {said[-300:]}"
        if standing is not None and f"resuming at step {standing.step}" not in said:
            return f"{name}: it did not go on at step {standing.step}"
        differs = arena.differences(whole[name], arena.result(arena.only_run(here / "outputs"), here / "state.npz"))
        return differs and f"{name} killed {after:.2f} s after the first step: {differs}"

    outcome = arena.each(planned, one, "kill")
    if not mutant and cases == CASES:
        few = sum(middle) < cases / 4
        outcome.count(f"only {sum(middle)} of {cases} resumed in the middle of an epoch" if few else None)
    outcome.notes |= {"networks": sorted(set(names)), "resumed in the middle of an epoch": sum(middle)}
    return outcome


def _completed(here: Path) -> bool:
    """Was it killed while it was closing, with nothing left to resume?"""
    return rundir_record.read_record(arena.only_run(here / "outputs")).status == "completed"


def _overrides(name: str) -> list[str]:
    return [*arena.NETWORKS[name], *arena.QUICK, f"train.epochs={EPOCHS.get(name, 30)}"]
