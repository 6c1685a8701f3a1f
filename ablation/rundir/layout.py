"""Names of files and folders of the on-disk format."""

import re
from pathlib import Path

FORMAT = 1  # of run.json


RECORD, HISTORY, WEIGHTS, CORRECT = "run.json", "history.csv", "weights.npz", "correct.npz"
SUMMARY, SAMPLES, LOG, HYDRA, CHECKPOINT = "model.txt", "samples.png", "run.log", ".hydra", "checkpoint.npz"
STATUSES = ("running", "completed", "failed", "diverged", "interrupted")
FINAL = ("completed", "diverged")  # what the same command leaves as it is
HISTORY_COLUMNS = (
    "epoch",
    "loss",
    "accuracy",
    "val_loss",
    "val_accuracy",
    "learning_rate",
    "seconds",
    "images_per_second",
)
# Below the root of all outputs: who runs what, how a sweep's jobs ended, and what submitit keeps of them
CLAIMS, JOBS, SUBMITTED = ".claims", ".jobs", ".submitit"
STUDIES, PLAN = "studies", "plan.json"


INDEX = ".index"  # what comparisons keep of the runs beside it
STAGED = ".part"


def run_name(network: str, data: str, seed: int, identity: str) -> str:
    """`resnet34-cifar10-s0-1a2b3c4d5e`: readable in front, unique behind."""
    return f"{network}-{re.sub(r'[^A-Za-z0-9_.]+', '_', data)[:40]}-s{seed}-{identity[:10]}"


def attempts(outputs: Path, run: str) -> list[Path]:
    """The directories of a run and of its reruns, oldest first; the first need not exist yet."""
    numbers = [int(p.name.rpartition(".")[2]) for p in outputs.glob(f"{run}.*") if p.name.rpartition(".")[2].isdigit()]
    return [outputs / run, *(outputs / f"{run}.{n}" for n in sorted(numbers))]


def rerun(outputs: Path, run: str) -> Path:
    """A directory beside those that exist: `run`, then `run.2`, `run.3`, …"""
    last = attempts(outputs, run)[-1]
    number = 1 if last.name == run else int(last.name.rpartition(".")[2])
    return outputs / f"{run}.{number + 1}" if last.exists() else last


def plan_path(outputs: Path, study: str) -> Path:
    """Where the plan of a study lies."""
    return outputs.joinpath(STUDIES, *(re.sub(r"[^\w-]+", "_", part) for part in study.split("/")), PLAN)


def job_log(outputs: Path, run: str) -> Path:
    """Where a sweep keeps what the process of a run prints."""
    return outputs / JOBS / f"{run}.log"
