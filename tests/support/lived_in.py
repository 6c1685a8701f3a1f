"""A folder of outputs as it looks after some weeks: studies, sweeps, single runs, and runs without a result."""

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from ablation.rundir import claim
from ablation.study.plan import Plan
from support import studies
from support.fake_runs import config, history, write
from support.finished_studies import finish

PARTS = {
    "shortcut": ["model.residual=false"],
    "norm": {"remove": ["model.norm=none"], "with": ["train.learning_rate=0.01"]},
    "activation": ["model.activation=linear"],
    "init": ["model.initializer=glorot_uniform"],
    "nesterov": ["train.nesterov=false"],
    "dropout": ["model.dropout=0.2"],
}
EFFECTS = {"baseline": 0.0, "-shortcut": -0.3, "-norm": -0.12, "-activation": -0.2, "-init": -0.002}
EFFECTS |= {"-nesterov": 0.001, "-dropout": 0.0}
SEED = 7  # of the made-up results
TODAY = datetime.combine(datetime(2026, 11, 29), time(10), UTC)


@dataclass
class LivedIn:
    """What was written. runs: the directories of all runs. plans: by the name of the study."""

    outputs: Path
    runs: list[Path]
    plans: dict[str, Plan]


def make(quick: Any, outputs: Path, today: datetime = TODAY) -> LivedIn:
    """Write the folder. quick: composes configs. today: when the last runs were started.

    Four studies (quickstart, leave-one-out, sequential, factorial), of which two share the runs of their baseline; two
    sweeps on two data sets; single runs; a rerun, a copy, runs that diverged, failed and were interrupted, and one
    whose record is damaged.
    """
    noise = random.Random(SEED)

    def scores(mean: float, count: int) -> list[float]:
        return [round(mean + noise.gauss(0, 0.006), 4) for _ in range(count)]

    def study(name: str, cells: dict[str, list[float]], days: int, **declared: Any) -> Plan:
        return finish(quick, outputs, cells, name=name, started=_before(today, days), **declared)

    plans = {}
    plans["quickstart"] = study(
        "quickstart", {"baseline": scores(0.96, 3), "-shortcut": scores(0.5, 3)}, 27, components=_parts("shortcut"),
        baseline=["model=resnet34", "model.width=8", "data=digits", "train=quickstart"], seeds=3,
    )  # fmt: skip
    plans["components"] = study(
        "components", {cell: scores(0.93 + by, 8) for cell, by in EFFECTS.items()}, 20, components=PARTS, seeds=8
    )
    plans["until_decided"] = study(
        "until_decided", {"baseline": scores(0.93, 9), "-relu": scores(0.88, 4), "-hard_labels": scores(0.928, 9)}, 17,
        components={"relu": ["model.activation=elu"], "hard_labels": ["train.label_smoothing=0.1"]},
        stopping="sequential", seeds=3, max_seeds=12,
    )  # fmt: skip
    cells = {"baseline": 0.93, "-shortcut": 0.63, "-norm": 0.85, "-shortcut -norm": 0.2}
    plans["shortcut_and_norm"] = study(
        "shortcut_and_norm", {cell: scores(mean, 6) for cell, mean in cells.items()}, 14, design="factorial", seeds=6,
        components={"shortcut": PARTS["shortcut"], "norm": ["model.norm=none"]},
        baseline=[*studies.BASE, "model.width=6"],
    )  # fmt: skip
    _sweeps(outputs, scores, today)
    _others(outputs, plans["components"], today)
    return LivedIn(outputs, sorted(path.parent for path in outputs.rglob("run.json")), plans)


def _before(today: datetime, days: int) -> str:
    return (today - timedelta(days=days)).isoformat()


def _parts(*names: str) -> dict[str, Any]:
    return {name: PARTS[name] for name in names}


def _sweeps(outputs: Path, scores: Any, today: datetime) -> None:
    """Two sweeps: norms and learning rates on digits, plain and residual networks on CIFAR-10."""
    for norm in ("batch", "none", "group"):
        for rate in (0.1, 0.03, 0.01):
            keys = {"model.norm": norm, "train.learning_rate": rate, "tags": ["norms"]}
            for seed, score in enumerate(scores(0.9 - (norm == "none") / 5, 5)):
                started = {"timings.started": _before(today, 6)}
                write(outputs, config(seed=seed, **keys), history(20, score), **started)
    for model in ("plain34", "resnet34"):
        for seed, score in enumerate(scores(0.7 + 0.2 * (model == "resnet34"), 5)):
            started = {"timings.started": _before(today, 4)}
            write(outputs, config(model, "cifar10", "sgd_cosine", seed=seed), history(10, score), **started)


def _others(outputs: Path, plan: Plan, today: datetime) -> None:
    """Single runs, and runs that no mean includes."""
    started, short = {"timings.started": _before(today, 1)}, {"train.epochs": 2}
    for model, data in (("vgg16", "digits"), ("resnet50", "cifar10"), ("resnet18", "cats_vs_dogs")):
        write(outputs, config(model, data, name=f"first look at {model}", **short), history(2, 0.6), **started)
    write(outputs, config("resnet18", "digits", **{"train.epochs": 3}), history(3, 0.8), **started)
    write(
        outputs, config("vgg16", "digits", name="first look at vgg16", **short), history(2, 0.65), attempt=2, **started
    )
    high = {"train.learning_rate": 3.0, "tags": ["norms"]}
    write(outputs, config(**high), history(1), status="diverged", **started)
    write(outputs, config(seed=6), history(2), status="failed", error="OSError: No space left on device", **started)
    write(outputs, config(seed=7), history(2), status="interrupted", **started)
    first = plan.cells.design[0].runs[0].last
    shutil.copytree(first, outputs / "backup" / first.name)
    damaged = write(outputs, config("resnet50", seed=9), history(2))
    (damaged / "run.json").write_text("{")


@contextmanager
def running(outputs: Path, today: datetime = TODAY) -> Iterator[Path]:
    """Write a run that has not ended, and hold its claim within the context, as its process would."""
    run = write(outputs, config(seed=8), history(2), status="running", **{"timings.started": today.isoformat()})
    with claim.claim(outputs, run.name):
        yield run
