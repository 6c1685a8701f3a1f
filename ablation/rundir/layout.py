"""Names of files and folders of the on-disk format."""

import re
from pathlib import Path

FORMAT = 1  # of run.json

RECORD, HISTORY, WEIGHTS, CORRECT = "run.json", "history.csv", "weights.npz", "correct.npz"
SUMMARY, SAMPLES, LOG, HYDRA, CHECKPOINT = "model.txt", "samples.png", "run.log", ".hydra", "checkpoint.npz"
STATUSES = ("running", "completed", "failed", "diverged", "interrupted")
UNREADABLE = "unreadable"  # of a run whose record or history is damaged; in no record
FINAL = ("completed", "diverged")  # the same command skips runs with these statuses
PROGRAM = "files"  # folder of a program's own files, in the directory of its run
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
# Folders below the root of outputs: locks of running runs, status of a sweep's jobs, files of submitit
CLAIMS, JOBS, SUBMITTED = ".claims", ".jobs", ".submitit"
STUDIES, PLAN = "studies", "plan.json"
INDEX = ".index"  # cache of comparisons for the runs in the same folder
STAGED = ".part"  # suffix of a file while it is being written
FINGERPRINT_DIGITS = 10  # of a fingerprint, in the name of a run's directory


def run_name(network: str, data: str, seed: int, fingerprint: str) -> str:
    """`resnet34-cifar10-s0-1a2b3c4d5e`: a readable name with a unique suffix."""
    return f"{network}-{re.sub(r'[^A-Za-z0-9_.]+', '_', data)[:40]}-s{seed}-{fingerprint[:FINGERPRINT_DIGITS]}"


def program_run_name(program: str, seed: int, fingerprint: str) -> str:
    """`train-s0-1a2b3c4d5e`, for a run of a program that is not ours."""
    name = re.sub(r"[^A-Za-z0-9_.]+", "_", program).strip("._")[:40] or "program"
    return f"{name}-s{seed}-{fingerprint[:FINGERPRINT_DIGITS]}"


def attempts(outputs: Path, run: str) -> list[Path]:
    """The directories of a run and of its reruns, oldest first; the first need not exist yet."""
    numbers = []
    for path in outputs.glob(f"{run}.*"):
        number = path.name.rpartition(".")[2]
        if number.isdigit():
            numbers.append(int(number))
    return [outputs / run, *(outputs / f"{run}.{number}" for number in sorted(numbers))]


def base_name(name: str) -> str:
    """The name of a run, given that of its directory: `run` for `run` and for its rerun `run.2`."""
    return re.sub(r"\.\d+$", "", name)


def attempt_number(directory: Path, run: str) -> int:
    """1 for the run's first directory, 2 for `run.2`."""
    return 1 if directory.name == run else int(directory.name.rpartition(".")[2])


def next_attempt(outputs: Path, run: str) -> Path:
    """A directory beside those that exist: `run`, then `run.2`, `run.3`, …"""
    newest = attempts(outputs, run)[-1]
    if not newest.exists():
        return newest
    return outputs / f"{run}.{attempt_number(newest, run) + 1}"


def plan_path(outputs: Path, study: str) -> Path:
    """The path of a study's plan. A study's name cannot lead outside the folder of studies."""
    folders = [re.sub(r"[^\w-]+", "_", part) for part in study.split("/")]
    return outputs.joinpath(STUDIES, *folders, PLAN)


def job_log(outputs: Path, run: str) -> Path:
    """The file for the output of a run's process in a sweep."""
    return outputs / JOBS / f"{run}.log"


def job_record(outputs: Path, run: str) -> Path:
    """The file with the status of a run's process in a sweep."""
    return outputs / JOBS / f"{run}.json"


def lock_path(outputs: Path, run: str) -> Path:
    """The file that the process of a run holds."""
    return outputs / CLAIMS / f"{run}.lock"
