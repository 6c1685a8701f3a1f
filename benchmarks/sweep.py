"""Time a sweep with the project's launcher against one fresh process per run.

    .venv/bin/python benchmarks/sweep.py [--rounds 3] [--network cifar|34]

warm: `ablate -m` with 2 networks x 4 seeds, one epoch of digits each, one run at a time
cold: the same eight runs through joblib, each in a fresh `ablate` process, one at a time

The arms alternate. Check: weights and histories are bit-exact between the arms. Printed: seconds of the sweep (median,
range) and the ratio of the medians.
"""

import argparse
import itertools
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed

from ablation.rundir import discovery, history, layout, record

ABLATE = Path(sys.executable).with_name("ablate")
NETWORKS = {
    "cifar": (["plain_cifar", "resnet_cifar"], ["model.depth=20", "model.width=8"]),
    "34": (["plain34", "resnet34"], ["model.width=8"]),
}
SEEDS = range(4)


def warm(place: Path, models: list[str], words: list[str]) -> None:
    call(place, ["-m", f"model={','.join(models)}", f"seed={','.join(map(str, SEEDS))}", "n_jobs=1", *words])


def cold(place: Path, models: list[str], words: list[str]) -> None:
    cells = [[f"model={model}", f"seed={seed}", *words] for model, seed in itertools.product(models, SEEDS)]
    Parallel(n_jobs=1)(delayed(call)(place, cell) for cell in cells)


def call(place: Path, words: list[str]) -> None:
    subprocess.run([ABLATE, *words], cwd=place, check=True, capture_output=True)


def results(place: Path) -> dict[str, object]:
    """Return the histories and weights of all runs."""
    values = {}
    for run in discovery.find([place / "outputs"]):
        rows = history.read_history(run, record.read_record(run))
        values[run.name] = [(row["loss"], row["val_loss"], row["val_accuracy"]) for row in rows]
        with np.load(run / layout.WEIGHTS) as arrays:
            values |= {f"{run.name} {name}": arrays[name].tobytes() for name in arrays}
    return values


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--network", choices=NETWORKS, default="cifar")
    options = parser.parse_args()
    models, more = NETWORKS[options.network]
    words = [*more, "train=quickstart", "train.epochs=1"]
    seconds: dict[str, list[float]] = {"warm": [], "cold": []}
    for _ in range(options.rounds):
        kept = {}
        for name, arm in (("warm", warm), ("cold", cold)):
            with tempfile.TemporaryDirectory() as folder:
                began = time.perf_counter()
                arm(Path(folder), models, words)
                seconds[name].append(time.perf_counter() - began)
                kept[name] = results(Path(folder))
        if kept["warm"] != kept["cold"] or len(kept["warm"]) < 2 * len(SEEDS):
            sys.exit("The arms give different results, so the timings are not valid")
    median = {name: statistics.median(values) for name, values in seconds.items()}
    for name, values in seconds.items():
        print(f"{name:6}{median[name]:8.1f} s   ({min(values):.1f} – {max(values):.1f})")
    print(f"ratio {median['warm'] / median['cold']:8.3f}")


if __name__ == "__main__":
    main()
