"""Details of single runs for the report: provenance, the end of the log, the error of a failed run."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ablation.comparison.reading.run import Diverged, Run
from ablation.rundir import files, layout
from ablation.rundir import record as rundir_record
from ablation.rundir.record_parts import DataRecord, Git, Hardware

MAX_RUNS = 500  # runs whose details are read
MAX_TEXT, MAX_ITEMS = 2000, 100  # characters of a text, items of a list
MAX_ERROR = 500  # characters
LOG_BYTES, LOG_LINES = 4096, 20  # at the end of a log
TERMINAL_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)?")


@dataclass(frozen=True)
class RunDetails:
    """The details of a run that are shown but not compared. Texts are empty if its record has no value.

    log: the last lines of run.log. error: of a failed run, in one line. steps: total optimizer steps.
    left_out: files of the data set that were not used. duplicates: its groups of identical images.
    versions: of the libraries. code: the digest of the code that shapes results. git: the git commit.
    """

    log: tuple[str, ...] = ()
    error: str = ""
    best_epoch: str = ""
    steps: str = ""
    left_out: str = ""
    duplicates: str = ""
    bit_exact: str = ""
    backend: str = ""
    versions: str = ""
    hardware: str = ""
    cores: str = ""
    code: str = ""
    git: str = ""


def read_details(runs: Iterable[Run | Diverged], excluded: Iterable[Path] = ()) -> dict[Path, RunDetails]:
    """The details of each run by its directory; empty for more than MAX_RUNS runs.

    excluded: directories of runs that failed or cannot be read. Only log and error of these are read.
    """
    runs = list(runs)
    if len(runs) > MAX_RUNS:
        return {}
    details = {}
    for path in list(excluded)[:MAX_ITEMS]:
        details[path] = RunDetails(log=log_tail(path), error=recorded_error(path))
    for run in runs:
        details[run.path] = run_details(run)
    return details


def run_details(run: Run | Diverged) -> RunDetails:
    """The details of a run; for a diverged run only its log and error."""
    log = log_tail(run.path)
    if isinstance(run, Diverged):
        return RunDetails(log=log, error=recorded_error(run.path))
    facts = run.facts
    return RunDetails(
        log=log,
        best_epoch=_text(run.metrics.value("best", "epoch")),
        steps=_text(facts.steps.total),
        left_out=_left_out(facts.data),
        duplicates=_duplicates(facts.data),
        bit_exact=_text(facts.exactness.exact),
        backend=_text(facts.exactness.backend),
        versions=_text(facts.versions),
        hardware=_hardware(facts.hardware),
        cores=_text(facts.hardware.cores),
        code=_text(facts.code),
        git=_git(facts.git),
    )


def _left_out(data: DataRecord) -> str:
    """`20 .tif such as a/1.tif, a/2.tif · 1 dangling link such as a/3.jpg`."""
    texts = []
    for each in (data.excluded or [])[:MAX_ITEMS]:
        if isinstance(each, dict):
            examples = _text(each.get("examples"))
            such_as = f"such as {examples}" if examples else ""
            texts.append(" ".join(filter(None, [_text(each.get("count")), _text(each.get("reason")), such_as])))
    return " · ".join(texts)[:MAX_TEXT]


def _duplicates(data: DataRecord) -> str:
    """`groups 20 · across_splits 6 · several_labels 1`; empty if there are none."""
    if not data.duplicates or not data.duplicates.get("groups"):
        return ""
    return _text(data.duplicates)


def _hardware(hardware: Hardware) -> str:
    devices, processor = _text(hardware.devices), _text(hardware.processor)
    if devices and processor:
        return f"{devices} · {processor}"
    return devices or processor


def _git(git: Git) -> str:
    commit = _text(git.commit)[:12]
    if commit and git.dirty:
        return f"{commit}, with uncommitted changes"
    return commit


def _text(value: Any) -> str:
    """A recorded value as text; lists and objects may contain values of any type."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        items = list(value.items())[:MAX_ITEMS]
        return " · ".join([f"{name} {item}" for name, item in items if _is_scalar(item)])
    if isinstance(value, list):
        return ", ".join([str(item) for item in value[:MAX_ITEMS] if _is_scalar(item)])
    return str(value)[:MAX_TEXT]


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float)


def recorded_error(directory: Path) -> str:
    """The error in a run's record, in one line of at most MAX_ERROR characters; empty if there is none."""
    try:
        error = rundir_record.read_record(directory).error
    except files.Unreadable:
        return ""
    return one_line(error or "")


def one_line(error: str) -> str:
    """An error in one line of at most MAX_ERROR characters."""
    line = " ".join(error.split())
    if len(line) > MAX_ERROR:
        return f"{line[: MAX_ERROR - 1]}…"
    return line


def log_tail(directory: Path) -> tuple[str, ...]:
    """The last lines of run.log without terminal escapes; empty unless it is a regular file in that directory."""
    try:
        content = files.read_tail(directory / layout.LOG, LOG_BYTES)
    except (OSError, ValueError, files.Unreadable):
        return ()
    text = TERMINAL_ESCAPES.sub("", content.decode(errors="replace")).replace("\r\n", "\n").expandtabs(4)
    if not text.strip():
        return ()
    lines = text.rstrip("\n").split("\n")
    return tuple(line.rpartition("\r")[2] for line in lines[-LOG_LINES:])  # of a progress bar only its last state
