"""Time a sweep with the project's launcher against one fresh process per run.

    .venv/bin/python benchmarks/sweep.py [--network cifar|34] [--seeds 8] [--epochs 2] [--jobs 1] [--rounds 1]

warm: `ablate -m` with 2 networks on digits
cold: the same runs through joblib, each in a fresh `ablate` process, with the same number of jobs at a time

The arms alternate. Check: weights, losses and accuracies of every run are bit-equal between the arms. Printed: seconds
of the sweep (median, range), the ratio of the medians, and the training steps that the sweep traced, which are counted
in a sweep of their own.
"""

import argparse
import itertools
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed

from ablation.rundir import discovery, history, layout, record
from ablation.runtime import machine
from benchmarks.bench import processes

ABLATE = Path(sys.executable).with_name("ablate")
NETWORKS = {
    "cifar": (["plain_cifar", "resnet_cifar"], ["model.depth=20", "model.width=8"]),
    "34": (["plain34", "resnet34"], ["model.width=8"]),
}


@dataclass(frozen=True)
class Sweep:
    """Two networks, each with several seeds. jobs: at a time; the cores are shared between them."""

    network: str = "cifar"
    seeds: int = 8
    epochs: int = 2
    jobs: int = 1

    @property
    def models(self) -> list[str]:
        return NETWORKS[self.network][0]

    @property
    def runs(self) -> int:
        return len(self.models) * self.seeds

    def words(self) -> list[str]:
        """The overrides of every run. The number of threads changes results, so both arms have the same."""
        threads = max(1, machine.cores() // self.jobs)
        return [*NETWORKS[self.network][1], "train=quickstart", f"train.epochs={self.epochs}", f"threads={threads}"]


@dataclass
class Measured:
    """Seconds of each round, and the training steps that the sweep traced."""

    warm: list[float] = field(default_factory=list)
    cold: list[float] = field(default_factory=list)
    traces: int = 0


def warm(sweep: Sweep, place: Path) -> None:
    subprocess.run(warm_command(sweep), cwd=place, check=True, capture_output=True)


def warm_command(sweep: Sweep) -> list[str | Path]:
    seeds = ",".join(map(str, range(sweep.seeds)))
    return [ABLATE, "-m", f"model={','.join(sweep.models)}", f"seed={seeds}", f"n_jobs={sweep.jobs}", *sweep.words()]


def cold(sweep: Sweep, place: Path) -> None:
    """Start one process per run."""
    calls = []
    for model, seed in itertools.product(sweep.models, range(sweep.seeds)):
        command = [ABLATE, f"model={model}", f"seed={seed}", *sweep.words()]
        calls.append(delayed(subprocess.run)(command, cwd=place, check=True, capture_output=True))
    Parallel(n_jobs=sweep.jobs, backend="threading")(calls)


def results(place: Path) -> dict[str, object]:
    """Return the histories and weights of all runs."""
    values = {}
    for run in discovery.find([place / "outputs"]):
        rows = history.read_history(run, record.read_record(run))
        values[run.name] = [(row["loss"], row["val_loss"], row["val_accuracy"]) for row in rows]
        with np.load(run / layout.WEIGHTS) as arrays:
            values |= {f"{run.name} {name}": arrays[name].tobytes() for name in arrays}
    return values


def measure(sweep: Sweep, rounds: int) -> Measured:
    """Time both arms in turns, and count traces. Raises SystemExit if a run has other results in one of them."""
    measured = Measured()
    for _ in range(rounds):
        found = {}
        for arm, seconds in ((warm, measured.warm), (cold, measured.cold)):
            with tempfile.TemporaryDirectory() as folder:
                began = time.perf_counter()
                arm(sweep, Path(folder))
                seconds.append(time.perf_counter() - began)
                found[arm] = results(Path(folder))
        require_equal(found[warm], found[cold], sweep.runs)
    measured.traces = count_step_traces(sweep)
    return measured


def require_equal(swept: dict[str, object], alone: dict[str, object], runs: int) -> None:
    """Raise SystemExit unless both arms have all runs, with equal results."""
    differing = sorted(name for name in swept.keys() | alone.keys() if swept.get(name) != alone.get(name))
    if differing:
        sys.exit(f"The arms give different results, so the timings are not valid: {differing[:5]}")
    found = sum(isinstance(value, list) for value in swept.values())
    if found != runs:
        sys.exit(f"The sweep has {found} runs. Expected: {runs}")


def count_step_traces(sweep: Sweep) -> int:
    """The training steps that a sweep traces, in all of its processes. Raises SystemExit if none is noticed.

    `hooks/sitecustomize.py` counts them from outside; a sweep of its own, because counting costs time.
    """
    with tempfile.TemporaryDirectory() as folder:
        traces = Path(folder, "traces")
        processes.run(warm_command(sweep), Path(folder), processes.hooked(BENCH_TRACES=traces))
        if not traces.exists():
            sys.exit("No trace of a training step was noticed: benchmarks/bench/hooks must follow TensorFlow's tracing")
        return len(traces.read_text().splitlines())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", choices=NETWORKS, default=Sweep.network)
    for name, default in (("seeds", Sweep.seeds), ("epochs", Sweep.epochs), ("jobs", Sweep.jobs), ("rounds", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = vars(parser.parse_args())
    rounds = options.pop("rounds")
    measured = measure(Sweep(**options), rounds)
    for name, seconds in (("warm", measured.warm), ("cold", measured.cold)):
        print(f"{name:7}{statistics.median(seconds):7.1f} s   ({min(seconds):.1f} – {max(seconds):.1f})")
    print(f"ratio  {statistics.median(measured.warm) / statistics.median(measured.cold):7.3f}")
    print(f"traces {measured.traces:7}")


if __name__ == "__main__":
    main()
