"""A folder of outputs as it looks after some weeks: studies, sweeps, single runs, and runs without a result."""

import random
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

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


@dataclass
class LivedIn:
    """What was written. runs: the directories of all runs. plans: by the name of the study."""

    outputs: Path
    runs: list[Path]
    plans: dict[str, Plan]


def make(quick: Any, outputs: Path) -> LivedIn:
    """Write the folder. quick: composes configs.

    Four studies (quickstart, leave-one-out, sequential, factorial), the leave-one-out one and the sequential one share
    the runs of their baseline; two sweeps on two data sets; single runs; a rerun, a copy, runs that diverged, failed,
    were interrupted, and one whose record is damaged.
    """
    noise = random.Random(SEED)

    def scores(mean: float, count: int) -> list[float]:
        return [round(mean + noise.gauss(0, 0.006), 4) for _ in range(count)]

    plans = {
        "quickstart": finish(
            quick, outputs, {"baseline": scores(0.96, 3), "-shortcut": scores(0.5, 3)}, name="quickstart",
            baseline=["model=resnet34", "model.width=8", "data=digits", "train=quickstart"],
            components={"shortcut": PARTS["shortcut"]}, seeds=3, started="2026-11-02T09:00:00+00:00",
        ),
        "parts": finish(
            quick, outputs, {cell: scores(0.93 + by, 8) for cell, by in EFFECTS.items()}, name="parts",
            components=PARTS, seeds=8, started="2026-11-09T09:00:00+00:00",
        ),
        "until_decided": finish(
            quick, outputs, {"baseline": scores(0.93, 9), "-shortcut": scores(0.63, 5), "-init": scores(0.926, 9)},
            name="until_decided", components={part: PARTS[part] for part in ("shortcut", "init")},
            stopping="sequential", seeds=3, max_seeds=12, started="2026-11-12T09:00:00+00:00",
        ),
    }  # fmt: skip
    two = {"shortcut": PARTS["shortcut"], "norm": ["model.norm=none"]}
    cells = {"baseline": 0.93, "-shortcut": 0.63, "-norm": 0.85, "-shortcut -norm": 0.2}
    plans["cross"] = finish(
        quick, outputs, {cell: scores(mean, 4) for cell, mean in cells.items()}, name="cross", components=two,
        design="factorial", seeds=4, baseline=[*studies.BASE, "model.width=6"], started="2026-11-15T09:00:00+00:00",
    )  # fmt: skip
    _sweeps(outputs, scores)
    _others(outputs, plans["parts"])
    runs = sorted(path.parent for path in outputs.rglob("run.json"))
    return LivedIn(outputs, runs, plans)


def _sweeps(outputs: Path, scores: Any) -> None:
    """Two sweeps: norms and learning rates on digits, plain and residual networks on CIFAR-10."""
    for norm in ("batch", "none", "group"):
        for rate in (0.1, 0.03, 0.01):
            keys = {"model.norm": norm, "train.learning_rate": rate, "tags": ["norms"]}
            for seed, score in enumerate(scores(0.9 - (norm == "none") / 5, 3)):
                write(
                    outputs, config(seed=seed, **keys), history(20, score),
                    **{"timings.started": "2026-11-20T10:00:00+00:00"},
                )  # fmt: skip
    for model in ("plain34", "resnet34"):
        for seed, score in enumerate(scores(0.7 + 0.2 * (model == "resnet34"), 3)):
            write(
                outputs, config(model, "cifar10", "sgd_cosine", seed=seed), history(10, score),
                **{"timings.started": "2026-11-22T10:00:00+00:00"},
            )  # fmt: skip


def _others(outputs: Path, plan: Plan) -> None:
    """Single runs, and runs that no mean includes."""
    started, short = {"timings.started": "2026-11-25T10:00:00+00:00"}, {"train.epochs": 2}
    for model, data in (("vgg16", "digits"), ("resnet50", "cifar10"), ("resnet18", "cats_vs_dogs")):
        write(outputs, config(model, data, name=f"first look at {model}", **short), history(2, 0.6), **started)
    write(outputs, config("resnet18", "digits", **{"train.epochs": 3}), history(3, 0.8), **started)
    write(
        outputs, config("vgg16", "digits", name="first look at vgg16", **short), history(2, 0.65), attempt=2, **started
    )
    high = {"train.learning_rate": 3.0, "tags": ["norms"]}
    write(outputs, config(**high), history(1), status="diverged", **started)
    write(outputs, config(seed=3), history(2), status="failed", error="OSError: No space left on device", **started)
    write(outputs, config(seed=4), history(2), status="interrupted", **started)
    first = plan.cells.design[0].runs[0].last
    shutil.copytree(first, outputs / "backup" / first.name)
    damaged = write(outputs, config("resnet50", seed=9), history(2))
    (damaged / "run.json").write_text("{")


def running(outputs: Path) -> Path:
    """Write a run that has not ended. Without a process that holds its claim it counts as interrupted."""
    cfg = replace(config(seed=5))
    return write(outputs, cfg, history(2), status="running", **{"timings.started": "2026-11-29T10:00:00+00:00"})
