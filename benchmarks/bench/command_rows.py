"""The rows on whole commands: before and after, a second start with JAX, a sweep against a process for each run."""

import importlib.util
import json
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks import sweep
from benchmarks.bench import processes, trees
from benchmarks.bench.arms.ablate import ABLATE
from benchmarks.bench.bench import Bench
from benchmarks.bench.figures import Goal, Row, ratio_row
from benchmarks.bench.trees import Tree

QUICKSTART = Goal(2.0, 3.0)
FIRST_STEP = Goal(1.5, 2.0)
SWEEP = Goal(1 / 4, 1 / 6, at_least=False)
TRACES = Goal(1.0, at_least=False)
QUICKSTART_SWEEP = ("-m", "model=plain34,resnet34", "data=digits", "model.width=8", "train=quickstart")
JAX = Goal(3.0)
SINGLE_RUN = ("model=resnet34", "data=digits", "model.width=8", "train=quickstart")


def tree_rows(bench: Bench) -> list[Row]:
    """The first step and the quickstart, before and after, in turns."""
    labels = "first step of a single run, before/after", "quickstart's two commands, before/after"
    first: dict[str, list[float]] = {"before": [], "after": []}
    whole: dict[str, list[float]] = {"before": [], "after": []}
    with trees.before_and_after(bench.before, bench.place) as both:
        for _ in range(bench.length.first_steps):
            for tree in both:
                first[tree.name].append(first_step(tree))
        for _ in range(bench.length.quickstarts):
            for tree in both:
                whole[tree.name].append(quickstart(tree, bench.length.quickstart))
    rows = []
    for label, seconds, goal in ((labels[0], first, FIRST_STEP), (labels[1], whole, QUICKSTART)):
        row = ratio_row(label, ("before", seconds["before"]), ("after", seconds["after"]), goal, "s")
        rows.append(replace(row, note=f"before is {bench.before}"))
    return rows


def first_step(tree: Tree) -> float:
    """Seconds from the start of the command to the end of its first training step, compilation included."""
    with tempfile.TemporaryDirectory() as folder:
        noted = Path(folder, "first_step")
        began = time.monotonic()
        processes.run([tree.bin / "ablate", *SINGLE_RUN], Path(folder), processes.hooked(BENCH_FIRST_STEP=noted))
        if not noted.exists():
            raise SystemExit(f"the tree {tree.name} took no step that the benchmark noticed")
        return float(noted.read_text()) - began


def quickstart(tree: Tree, words: tuple[str, ...]) -> float:
    """Seconds of the quickstart's two commands."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        seconds = processes.run([tree.bin / "ablate", *QUICKSTART_SWEEP, *words], place).seconds
        compared = processes.run([tree.bin / "ablate-compare", "outputs", "--baseline", "resnet34"], place)
        if not (place / "comparison" / "report.html").exists():
            raise SystemExit(f"the quickstart of the tree {tree.name} wrote no report")
    return seconds + compared.seconds


def jax_row(bench: Bench) -> list[Row]:
    """The start of a run with backend=jax: that of the first process over that of a second, with its programs."""
    label = "start with JAX, first process/second"
    if importlib.util.find_spec("jax") is None:
        return [Row(label, None, JAX, note="JAX is not installed; pip install '.[jax]'")]
    seconds: dict[str, list[float]] = {"first": [], "second": []}
    for _ in range(bench.length.jax):
        with tempfile.TemporaryDirectory() as cache:
            for name in seconds:
                seconds[name].append(start_with_jax(cache))
    return [ratio_row(label, ("first", seconds["first"]), ("second", seconds["second"]), JAX, "s")]


def start_with_jax(cache: str) -> float:
    """Seconds of a whole run without its training, which the run itself measures."""
    with tempfile.TemporaryDirectory() as folder:
        command = [ABLATE, *SINGLE_RUN, "backend=jax", "train.epochs=1"]
        finished = processes.run(command, Path(folder), {"XDG_CACHE_HOME": cache})
        (record,) = Path(folder, "outputs").glob("*/run.json")
        return finished.seconds - json.loads(record.read_text())["timings"]["seconds"]


def sweep_rows(bench: Bench) -> list[Row]:
    """A sweep with the project's launcher against the same runs through joblib; results must be bit-equal."""
    measured = sweep.measure(sweep.Sweep(seeds=bench.length.seeds), bench.length.sweeps)
    seeds = bench.length.seeds
    label = f"sweep of 2 networks x {seeds} seeds x 2 epochs, against a process for each run"
    row = ratio_row(label, ("sweep", measured.warm), ("joblib", measured.cold), SWEEP, "s")
    rows = [replace(row, note="every run bit-equal to its solo run")]
    networks = len(sweep.NETWORKS[sweep.Sweep.network][0])
    row = ratio_row(
        "traces of training steps in that sweep, against networks",
        ("traces", [float(measured.traces)]),
        ("networks", [float(networks)]),
        TRACES,
        "",
    )
    return [*rows, row]
