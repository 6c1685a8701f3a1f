"""SIGKILL at a random moment of training; the same command then ends bit for bit where the undisturbed run ends."""

import json
import random
from itertools import cycle, islice
from pathlib import Path

from faults import arena

CASES, MUTANT, MUTANT_CASES = 50, "forget_noise", 4
GOAL = "resumed runs identical to the undisturbed one (weights, optimizer, history), no epoch missing or doubled"
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
    draw = random.Random(0)
    planned = [(i, name, draw.random()) for i, name in enumerate(names)]

    def one(case: tuple[int, str, float]) -> str | None:
        i, name, moment = case
        here = place / f"case_{i}"
        here.mkdir()
        overrides = [*_overrides(name), *([arena.OFTEN] if i % 2 else [])]
        after = seconds[name] * moment
        while True:  # a machine that is quicker now has finished before: kill earlier
            code, said = arena.call(here, overrides, kill_after=after, state=str(here / "state.npz"), **hooks)
            if code == -9:
                break
            if code or after < 0.01:
                return f"{name}: ended with {code} before it was killed: {said[-300:]}"
            overrides, after = [*overrides[:-1], overrides[-1], "rerun=true"], after * 0.7
        code, said = arena.call(
            here, [o for o in overrides if o != "rerun=true"], state=str(here / "state.npz"), **hooks
        )
        if code:
            return f"{name}: resumed, it ended with {code}: {said[-300:]}"
        directory = max(arena.rundir.find([here / "outputs"]), key=lambda p: p.stat().st_mtime)
        differs = arena.differences(whole[name], arena.result(directory, here / "state.npz"))
        return differs and f"{name} killed {after:.2f} s after the first step: {differs}"

    outcome = arena.each(planned, one, "kill")
    outcome.notes["networks"] = sorted(set(names))
    return outcome


def _overrides(name: str) -> list[str]:
    return [*arena.NETWORKS[name], *arena.QUICK, f"train.epochs={EPOCHS.get(name, 30)}"]
