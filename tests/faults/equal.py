"""Two runs of one command, for every family: equal weights, optimizer state and history, byte for byte."""

from pathlib import Path

from faults import arena

CASES, MUTANT, MUTANT_CASES = 8, "free_order", 1
GOAL = "families whose two runs are equal byte for byte, with shuffle and augmentation"


def prove(place: Path, cases: int, mutant: str | None) -> arena.Outcome:
    hooks = {"mutant": mutant} if mutant else {}

    def one(name: str) -> str | None:
        results = []
        for twin in ("one", "other"):
            here = place / f"{name}_{twin}"
            here.mkdir()
            overrides = [*arena.NETWORKS[name], *arena.QUICK, "train.epochs=3"]
            code, said = arena.call(here, overrides, state=str(here / "state.npz"), **hooks)
            if code:
                return f"{name}: {said[-300:]}"
            results.append(arena.result(arena.only_run(here / "outputs"), here / "state.npz"))
        differs = arena.differences(*results)
        return differs and f"{name}: {differs}"

    return arena.each(list(arena.NETWORKS)[:cases], one, "equal")
