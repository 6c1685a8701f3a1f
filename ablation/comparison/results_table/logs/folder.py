"""Folders of logs as one table: a row for each step of a run, with what its folder and its settings say."""

import math
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from ablation.comparison.results_table.logs import csv_logs, folder_names
from ablation.comparison.results_table.logs.events import Series, read_events
from ablation.comparison.results_table.options import AUTO, TABLE, TENSORBOARD
from ablation.comparison.results_table.sheet import Sheet, cleaned
from ablation.comparison.results_table.states import COMPLETED, DIVERGED, INTERRUPTED
from ablation.errors import AblateError
from ablation.redaction import printable
from ablation.rundir import layout
from ablation.text import list_with_more, plural

EVENTS = "events.out.tfevents."  # in the name of an event file
RUN, STEP, STATE = "run", "step", "state"  # columns
WRITTEN = re.compile(r"tfevents\.(\d+)")  # when the writer was opened, in the name of an event file
HPARAMS_FOLDER = re.compile(r"\d{9,}(\.\d+)?")  # to which PyTorch's add_hparams writes, below the run's folder
PHASES = ("train", "validation")  # subfolders to which Keras' callback writes the metrics of one run
HINT = " Folders can say it too, as full/seed=0 or full_seed0."


def _is_finite(value: Any) -> bool:
    """Return whether a value of a log is finite; texts that are no numbers are refused later."""
    try:
        return math.isfinite(float(value))
    except (ValueError, OverflowError):
        return True


@dataclass
class LogRun:
    """The logs of one run. name: its folder, or file, below the paths that were typed."""

    path: Path
    name: str
    series: dict[str, Series] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    state: str = ""
    files: int = 1

    def has(self, metric: str) -> bool:
        return metric in self.series and bool(self.series[metric].by_step)

    def diverges(self, metric: str) -> bool:
        """Return whether the last value of a metric is nan or infinite."""
        return self.has(metric) and not _is_finite(self.series[metric].by_step[self.series[metric].steps[-1]])


@dataclass(frozen=True)
class Logs:
    """The runs below some folders. source: in words, for captions. notes: on what was merged."""

    runs: tuple[LogRun, ...]
    source: str
    notes: tuple[str, ...] = ()

    def summary(self) -> Sheet:
        """A row for each run, with the last value of each metric: enough to choose columns."""
        rows = []
        for run in self.runs:
            last = {tag: series.by_step[series.steps[-1]] for tag, series in run.series.items() if series.steps}
            rows.append({**_columns(run), **last})
        return self._sheet(rows, [run.path for run in self.runs], has_state=False)

    def of_metric(self, metric: str) -> Sheet:
        """A row for each step at which a run has the metric. A run that never has it counts as interrupted."""
        rows: list[dict[str, Any]] = []
        places: list[Path] = []
        has_state = any(run.state or not run.has(metric) or run.diverges(metric) for run in self.runs)
        for run in self.runs:
            columns = _columns(run)
            if has_state:
                state = COMPLETED if run.has(metric) else INTERRUPTED
                columns[STATE] = DIVERGED if run.diverges(metric) else run.state or state
            if not run.has(metric):
                rows.append({**columns, STEP: None, metric: None})
                places.append(run.path)
                continue
            series = run.series[metric]
            for step in series.steps:
                rows.append({**columns, STEP: step, metric: series.by_step[step]})
                places.append(run.path)
        return self._sheet(rows, places, has_state)

    def _sheet(self, rows: Sequence[dict[str, Any]], places: Sequence[Path], has_state: bool) -> Sheet:
        frame = cleaned(pd.DataFrame(rows, dtype=object))
        return Sheet(
            frame=frame,
            places=tuple(places),
            source=self.source,
            run_column=RUN,
            state_column=STATE if has_state else None,
            step_column=STEP if STEP in frame else None,
            is_log=True,
            notes=self.notes,
            hint=HINT,
        )


def _columns(run: LogRun) -> dict[str, Any]:
    """What is known of a run beside its metrics; recorded settings take precedence over names of folders."""
    name = folder_names.read_name(run.name)
    columns: dict[str, Any] = {RUN: run.name, "variant": name.variant, "seed": name.seed}
    columns = {key: value for key, value in columns.items() if value is not None}
    return columns | name.settings | run.settings


def read_logs(paths: Sequence[Path], source: str) -> Logs:
    """Read the logs below folders. Raises AblateError if there are none, or two forms. source: one of SOURCES."""
    events = list(_event_folders(paths)) if source in (AUTO, TENSORBOARD) else []
    files = list(_csv_files(paths)) if source in (AUTO, TABLE) else []
    where = list_with_more([printable(str(path)) for path in paths], 3)
    if events and files:
        raise AblateError(
            f"The folders have two forms of logs, perhaps of the same runs. Received {where}, with TensorBoard event "
            "files and with CSV logs. Allowed: one of them. Type --from tensorboard, or --from table for the CSV logs"
        )
    runs = _event_runs(events) if events else [_csv_run(path, name) for path, name in files]
    runs = [run for run in runs if run.series]
    if not runs:
        raise AblateError(
            f"No logs found. Looked for TensorBoard event files with scalars and for CSV files with a column epoch or "
            f"step. Received {where}. Allowed: folders that contain them at any depth; of W&B and MLflow, an exported "
            "table. Type for example ablate-compare logs --variant variant --seed seed --metric val_acc --take last"
        )
    return Logs(tuple(runs), list_with_more([path.name or str(path) for path in paths], 3), tuple(_merged_note(runs)))


def has_logs(paths: Iterable[Path]) -> bool:
    """Return whether there is an event file or a CSV log below the paths."""
    folders = [path for path in paths if path.is_dir()]
    return any(True for _ in _event_folders(folders)) or any(True for _ in _csv_files(folders))


def _merged_note(runs: Sequence[LogRun]) -> Iterator[str]:
    resumed = [run.name for run in runs if run.files > 1]
    if resumed:
        yield (
            f"Note: {plural(len(resumed), 'log')} with several event files, or whose steps begin again, as after a "
            f"resume, count as one run each; later values replace those from their step on: "
            f"{list_with_more(map(printable, resumed), 6)}."
        )


def _below(path: Path, paths: Sequence[Path], root: Path) -> str:
    """The name of a path below the root; with several roots, it begins with that of its own."""
    relative = path.relative_to(root).as_posix()
    if len(paths) == 1:
        return relative
    return root.name if relative == "." else f"{root.name}/{relative}"


# ---------------------------------------------------------------- TensorBoard


def _event_folders(paths: Sequence[Path]) -> Iterator[tuple[str, list[Path]]]:
    """The name and the event files, oldest first, of each folder that has some."""
    for root in paths:
        by_folder: dict[Path, list[Path]] = {}
        for path in sorted(root.rglob(f"*{EVENTS}*")):
            if path.is_file() and not path.name.endswith(".profile-empty"):
                by_folder.setdefault(path.parent, []).append(path)
        for folder, files in by_folder.items():
            yield _below(folder, paths, root), sorted(files, key=_when_written)


def _when_written(path: Path) -> tuple[int, str]:
    match = WRITTEN.search(path.name)
    return (int(match[1]) if match else 0), path.name


def _event_runs(folders: Sequence[tuple[str, list[Path]]]) -> list[LogRun]:
    """The runs of folders; those in which Keras and PyTorch write parts of a run belong to the folder above."""
    runs: dict[str, LogRun] = {}
    for name, files in folders:
        log = read_events(files)
        folder = files[0].parent
        settings = csv_logs.read_hparams(folder) | log.settings  # Lightning writes that file beside event files too
        run = LogRun(folder, name, log.series, settings, log.status, len(files))
        above, _, last = name.rpartition("/")
        if last in PHASES:
            run = replace(
                run, name=above or ".", series={f"{last}/{tag}": series for tag, series in log.series.items()}
            )
        elif HPARAMS_FOLDER.fullmatch(last):
            run = replace(run, name=above or ".", files=1)
        runs[run.name] = _joined(runs[run.name], run) if run.name in runs else run
    return list(runs.values())


def _joined(run: LogRun, part: LogRun) -> LogRun:
    return replace(
        run,
        series=part.series | run.series,
        settings=run.settings | part.settings,
        state=part.state or run.state,
        files=max(run.files, part.files),
    )


# ---------------------------------------------------------------- CSV logs


def _csv_files(paths: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Each CSV log and its name: that of its folder if it is the only one there, otherwise with the file's own."""
    files = [path for path in paths if path.is_file()]
    stems = {path.stem for path in files}
    for path in files:
        common = Path(os.path.commonpath([file.parent for file in files]))
        named = path.parent if len(stems) == 1 and len(files) > 1 else path.with_suffix("")
        yield path, named.relative_to(common).as_posix()
    for root in [path for path in paths if path.is_dir()]:
        by_folder: dict[Path, list[Path]] = {}
        for path in sorted(root.rglob("*")):
            if path.is_file() and csv_logs.is_log(path) and not (path.parent / layout.RECORD).exists():
                by_folder.setdefault(path.parent, []).append(path)
        for folder, files in by_folder.items():
            for path in files:
                named = path.with_suffix("") if len(files) > 1 or folder == root else folder
                yield path, _below(named, paths, root)


def _csv_run(path: Path, name: str) -> LogRun:
    log = csv_logs.read_log(path)
    return LogRun(path, name, log.series, csv_logs.read_hparams(path.parent), files=1 + log.restarts)
