"""One run: data -> network -> training -> run directory. Where the stages meet."""

import contextlib
import dataclasses
import errno
import io
import math
import shutil
import sys
import threading
import time
import traceback
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from ablation import data
from ablation.config import network_structure, plugins
from ablation.config.run_request import RunRequest
from ablation.config.schema import Config, flat
from ablation.errors import AblateError, Failed
from ablation.redaction import public
from ablation.run.outcome import CODES, one_line_error, outcome_sentence
from ablation.run.place import RunLocation, asks_rerun, final_record, finalize, locate
from ablation.rundir import claim, files, history, layout
from ablation.rundir import record as rundir_record
from ablation.rundir.record import RunRecord
from ablation.rundir.record_parts import DataRecord, Metrics, Timings
from ablation.runtime import backend, console, machine, provenance
from ablation.runtime.signals import Stop, stopping
from ablation.training import checkpoint
from ablation.training.checkpoint import Checkpoint
from ablation.training.stop_request import Stopped

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.ENAMETOOLONG}


def execute(job: RunRequest, cores: int | None = None) -> int:
    """Run one cell to its end, or say that it is done. Returns the exit code. Raises AblateError, Busy, Failed.

    cores: how many threads it takes where nobody says otherwise; None = all.
    """
    with stopping() as stop:
        where = locate(job.config)
        with claim.claim(where.outputs, where.name):
            done = final_record(where)
            if done and not asks_rerun(job.config, done):
                return _already(job.config, where, done)
            directory, standing = _directory(where, done is not None)
            return _start(job, cores or machine.cores(), where, directory, standing, stop)


def _already(cfg: Config, where: RunLocation, done: RunRecord) -> int:
    finalize(cfg, where, done)
    console.say(f"{where.last}: already {done.status}. {outcome_sentence(done)}")
    if done.code != provenance.code():
        console.say("It was completed by older code. rerun=stale repeats it in a new directory.")
    return CODES[done.status]


def _directory(where: RunLocation, beside: bool) -> tuple[Path, Checkpoint]:
    """The directory in which to resume or start the run, and its checkpoint: a new one if other code left the last."""
    if beside:
        return layout.next_attempt(where.outputs, where.name), Checkpoint()
    for directory in reversed(layout.attempts(where.outputs, where.name)):
        try:
            standing = checkpoint.load_header(directory / layout.CHECKPOINT)
        except files.Unreadable as error:
            console.say(f"{directory}: the checkpoint cannot be used ({error}); starting from the beginning")
            return directory, Checkpoint()
        if standing is None or standing.code == provenance.code():
            return directory, standing or Checkpoint()
        console.say(f"{directory} was started by other code, and only that code can resume it")
    return layout.next_attempt(where.outputs, where.name), Checkpoint()


def _start(job: RunRequest, cores: int, where: RunLocation, directory: Path, standing: Checkpoint, stop: Stop) -> int:
    new = not directory.exists()
    run = Run(job, cores, where, directory, standing)
    stop.last_words = run.last_words
    try:
        directory.mkdir(parents=True, exist_ok=True)
        files.sync(directory.parent)
        files.remove_partial(directory)
        record = run.go(stop)
    except (AblateError, OSError) as error:
        paragraph = error if isinstance(error, AblateError) else files.unwritable(error, where.outputs, run.began)
        if new and not run.began:  # nothing half made
            shutil.rmtree(directory, ignore_errors=True)
        else:
            run.leave(paragraph)
        raise paragraph from error
    if record.status == "failed":
        raise Failed(f"{directory.name} failed: {record.error}. For details see the log: {directory / layout.LOG}")
    console.say(f"{directory}: {record.status}. {outcome_sentence(record)}")
    return CODES.get(record.status, stop.code)


class Run:
    """A claimed run in its directory."""

    def __init__(self, job: RunRequest, cores: int, where: RunLocation, directory: Path, standing: Checkpoint):
        self.job, self.cfg, self.cores, self.directory, self.standing = job, job.config, cores, directory, standing
        self.before: RunRecord | None = None
        with contextlib.suppress(files.Unreadable):
            self.before = rundir_record.read_record(directory)
        self.writing = threading.Lock()  # of the record: the last words come from another thread
        number = directory.name.rpartition(".")[2] if directory.name != where.name else "1"
        self.record = RunRecord(
            status="running",
            name=job.record["name"],
            tags=job.record["tags"],
            seed=self.cfg.seed,
            fingerprint=where.identity,
            attempt=int(number),
            code=provenance.code(),
            plugins=plugins.digests(self.cfg.plugins, flat(self.cfg)),
            config=job.record,
            timings=Timings(started=datetime.now(UTC).isoformat(timespec="milliseconds")),
        )
        if self.before is not None:
            self.record.network, self.record.data = self.before.network, self.before.data
            self.record.steps, self.record.selected_on = self.before.steps, self.before.selected_on
            self.record.exactness = self.before.exactness
            self.record.metrics = Metrics(dict(self.before.metrics.scores))

    @property
    def began(self) -> bool:
        """Is there a checkpoint that a later command resumes from?"""
        return (self.directory / layout.CHECKPOINT).exists()

    def leave(self, error: AblateError) -> None:
        """Write the record: failed if the run had started to train, unchanged if it was refused."""
        if isinstance(error, Failed):
            left = replace(self.record, status="failed", error=str(error))
        else:
            left = self.before or replace(self.record, status="interrupted")
        with contextlib.suppress(OSError):
            rundir_record.write_record(self.directory, left)

    def last_words(self) -> None:
        """Leave a record before the process ends at once; the last checkpoint remains valid."""
        self.writing.acquire()
        if self.directory.is_dir():
            with contextlib.suppress(OSError):
                rundir_record.write_record(self.directory, replace(self.record, status="interrupted"))
        console.console().show_cursor()
        console.say(f"{self.directory}: interrupted. Run the same command to resume.")

    def go(self, stop: Stop) -> RunRecord:
        """Train and evaluate. Returns the record as it was written. Raises AblateError, OSError."""
        began = time.monotonic()
        with console.captured(self.directory / layout.LOG):
            self._write_inputs()
            try:
                arrays = self.stages(stop)
            except AblateError:
                raise
            except Exception as error:
                if isinstance(error, OSError) and error.errno in FULL:
                    raise
                print(public(traceback.format_exc()), file=sys.stderr)
                self.record.status, self.record.error = "failed", one_line_error(error)
        stop.graceful = True  # what has ended is written to its end
        if self.record.status == "completed":
            self._write_results(arrays)
        self.record.timings.session = time.monotonic() - began
        self._write_record()
        if self.record.status == "completed":
            (self.directory / layout.CHECKPOINT).unlink(missing_ok=True)
        return self.record

    def _write_record(self) -> None:
        with self.writing:
            rundir_record.write_record(self.directory, self.record)

    def _write_inputs(self) -> None:
        hydra = self.directory / layout.HYDRA
        hydra.mkdir(exist_ok=True)
        files.replace(hydra / "config.yaml", self.job.yaml.encode())
        files.replace(hydra / "overrides.yaml", yaml.safe_dump(list(self.job.overrides), allow_unicode=True).encode())
        self._write_record()

    def stages(self, stop: Stop) -> dict[str, Any]:
        """Data, network, training. Returns what goes into the files of a completed run."""
        cfg = self.cfg
        threads = cfg.threads or self.standing.exactness.get("threads") or self.cores
        with console.console().status(f"{self.directory.name}: starting {cfg.backend}"):
            backend.start(cfg, threads)
        plugins.take(cfg.plugins)
        self.record.versions = provenance.versions()
        self.record.hardware = provenance.hardware(cfg.backend)
        self.record.git = provenance.git()
        images = data.load(cfg.data, console.REPORTER)
        self.record.data, self.record.selected_on = _describe(images), images.selected_on
        now = provenance.exactness(cfg, threads, images.digest)
        self.record.exactness = _class(self.standing.exactness, now, cfg.exact)
        from ablation.run.trial import Trial

        trial = Trial(cfg, images, self.directory, self._standing(), backend.xla(cfg))
        trial.write_summaries()
        self.record.network, self.record.steps = trial.network_record(), trial.length.to_json()
        self._write_record()
        self.record.status = trial.train(stop, network_structure.name(cfg.model))
        if trial.standing.rows:  # the last checkpoint may have been cut between its two files
            history.write_history(self.directory, map(dataclasses.asdict, trial.standing.rows))
        self.record.metrics.scores |= trial.metrics()
        if self.record.status != "completed":
            return {}
        try:
            tests, correct = trial.test(stop)
        except Stopped:
            self.record.status = "interrupted"
            return {}
        if not all(math.isfinite(score["loss"]) for score in tests.values()):
            self.record.status = "diverged"
            return {}
        self.record.metrics.scores |= tests
        self.record.timings.seconds = sum(row.seconds for row in trial.standing.rows)
        return {"weights": trial.weights(), "correct": correct}

    def _standing(self) -> Checkpoint:
        """The checkpoint with its arrays, marked with the environment that computes the rest."""
        try:
            saved = checkpoint.load(self.directory / layout.CHECKPOINT) if self.standing.step else None
            standing = saved or Checkpoint()
        except files.Unreadable as error:
            console.say(f"{self.directory}: the checkpoint cannot be used ({error}); starting from the beginning")
            standing = Checkpoint()
        standing.exactness, standing.code = self.record.exactness, self.record.code
        return standing

    def _write_results(self, arrays: dict[str, Any]) -> None:
        if self.cfg.train.keep_weights:
            files.replace(self.directory / layout.WEIGHTS, _npz(arrays["weights"]))
        files.replace(self.directory / layout.CORRECT, _npz(arrays["correct"]))


def _class(before: dict[str, Any], now: dict[str, Any], exact: str) -> dict[str, Any]:
    """Mark a resumed run as not bit-exact once its environment class changes. Raises AblateError if `exact` forbids."""
    if not before:
        return now
    changed = [k for k in now if k not in ("exact", "class") and now[k] != before.get(k)]
    if exact == "required" and (changed or not before["exact"]):
        told = (
            "; ".join(f"{k}: {before.get(k)} then, {now[k]} now" for k in changed)
            or "a run that is not bit-exact already"
        )
        raise AblateError(
            f"The run was started under other conditions, and resuming it here would not be bit-exact. Received "
            f"exact=required, and {told}. Allowed: the same machine, versions, threads and data. Type exact=mark to "
            "resume it marked as not bit-exact, or rerun=true to repeat it from the start"
        )
    if changed:
        console.say(f"Started under other conditions ({', '.join(changed)}): resumed and marked as not bit-exact")
    return {**now, "exact": now["exact"] and before["exact"] and not changed}


def _npz(arrays: dict[str, np.ndarray]) -> bytes:
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


def _describe(images: data.Dataset) -> DataRecord:
    return DataRecord(
        name=images.name,
        train=len(images.train),
        validation=len(images.validation),
        test=len(images.test) if images.test else None,
        digest=images.digest,
        classes=list(images.classes),
        mean=images.mean.tolist(),
        deviation=images.std.tolist(),
    )
