"""Execute one run: load the data, build and train the network, write the run directory."""

import contextlib
import errno
import io
import math
import shutil
import sys
import threading
import time
import traceback
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

import numpy as np
import yaml

from ablation import data
from ablation.config import libraries, network_structure
from ablation.config.plugins import declarations, registry
from ablation.config.run_request import RunRequest
from ablation.config.schema import Config, flat
from ablation.errors import AblateError, Failed
from ablation.redaction import public
from ablation.run import place
from ablation.run.outcome import CODES, one_line_error, outcome_sentence
from ablation.run.place import RunLocation
from ablation.run.resumption import StartingPoint, load_checkpoint, resumed_exactness, starting_point
from ablation.run.structure import Kept, structure
from ablation.rundir import claim, files, history, layout
from ablation.rundir import record as rundir_record
from ablation.rundir.housekeeping.tags import keep_tags
from ablation.rundir.record import RunRecord
from ablation.rundir.record_parts import DataRecord, Exactness, Git, Hardware, Metrics, Steps, Timings
from ablation.rundir.study_plan import plans_of_run
from ablation.runtime import backend, console, machine, provenance
from ablation.runtime.signals import Stop, stopping
from ablation.runtime.threads import default_threads
from ablation.training.stop_request import Stopped

DISK_ERRORS = {  # a full or unwritable disk, which the user must fix; not a failure of the run
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS),
    *(errno.EACCES, errno.EPERM, errno.EIO, errno.ENAMETOOLONG),
}
SHOW_DEVICES = {
    "tensorflow": "python -c 'import tensorflow as tf; print(tf.config.list_physical_devices())'",
    "jax": "python -c 'import jax; print(jax.devices())'",
}
Arrays = dict[str, np.ndarray]


def execute(request: RunRequest, cores: int | None = None, kept: Kept | None = None) -> int:
    """Execute a run, or report that it is already done. Returns the exit code. Raises AblateError, Busy, Failed.

    cores: threads to use if neither the config nor the checkpoint sets them; None for all cores of the machine.
    kept: what this process keeps for later runs of the same structure; None if there are none. Raises OtherStructure,
    and leaves everything as it was, if the run has another structure than an earlier one.
    """
    with stopping() as stop:
        where = place.locate(request.config)
        if place.up_to_date(request.config, where) is None:
            libraries.require_backends([request.config.backend])
        with claim.claim(where.outputs, where.name):
            done = place.final_record(where)
            if done and not place.asks_rerun(request.config, done):
                return _already_done(request.config, where, done)
            start = starting_point(where, is_rerun=done is not None)
            return _start(Run(request, cores or machine.cores(), where, start, kept), stop)


def _already_done(cfg: Config, where: RunLocation, done: RunRecord) -> int:
    place.finalize(cfg, where, done)
    console.say(f"{where.last}: already {done.status}. {outcome_sentence(done)}")
    if done.code != provenance.code():
        console.say("It was completed by an older version of the code. To repeat it in a new directory: rerun=stale")
    return CODES[done.status]


def _start(run: "Run", stop: Stop) -> int:
    """Execute the run and write a record in any case. Returns the exit code."""
    directory = run.directory
    is_new = not directory.exists()
    stop.last_words = run.record_interruption
    try:
        directory.mkdir(parents=True, exist_ok=True)
        files.sync(directory.parent)
        files.remove_partial(directory)
        record = run.run(stop)
    except (AblateError, OSError) as error:
        failure = run.failure(error)
        if is_new and not run.is_resumable:  # remove the incomplete directory
            shutil.rmtree(directory, ignore_errors=True)
        else:
            run.record_failure(failure)
        raise failure from error
    if record.status == "failed":
        raise Failed(f"{directory.name} failed: {record.error}. Details are in the log: {directory / layout.LOG}")
    console.say(f"{directory}: {record.status}. {outcome_sentence(record)}")
    if record.status == "interrupted" and stop.code is not None:
        return stop.code
    return CODES[record.status]


def _start_backend(cfg: Config, threads: int) -> None:
    """Start the backend and find its devices. Raises AblateError if it is installed, but cannot be used."""
    try:
        backend.start(cfg, threads)
        backend.devices(cfg.backend)
    except Exception as error:  # mismatched versions, no such device, a driver that fails: libraries raise any type
        name = cfg.backend
        raise AblateError(
            f"The backend {name} is installed, but does not start ({one_line_error(error)}). Received backend={name}. "
            f"Allowed: versions that fit each other, and a device that {name} finds. Type {SHOW_DEVICES[name]}, which "
            "shows the whole error, or the command with another backend="
        ) from error


@dataclass(frozen=True)
class Results:
    """The arrays that a completed run writes beside its record. correct: correctness per image, bit-packed."""

    weights: Arrays
    correct: Arrays


class Run:
    """A run that this process has claimed, in its directory."""

    def __init__(
        self, request: RunRequest, cores: int, where: RunLocation, start: StartingPoint, kept: Kept | None = None
    ):
        self.request, self.cfg, self.cores, self.where, self.start = request, request.config, cores, where, start
        self.directory, self.kept = start.directory, kept or Kept()
        self.record_before: RunRecord | None = None
        with contextlib.suppress(files.Unreadable):
            self.record_before = rundir_record.read_record(self.directory)
        self.record_lock = threading.Lock()  # an interruption is recorded by another thread
        self.record = self._new_record()

    def _new_record(self) -> RunRecord:
        """The initial record, with the results of an earlier process of the same run."""
        record = RunRecord(
            status="running",
            name=self.request.record["name"],
            tags=self.request.record["tags"],
            seed=self.cfg.seed,
            fingerprint=self.where.fingerprint,
            attempt=layout.attempt_number(self.directory, self.where.name),
            code=provenance.code(),
            plugins=declarations.digests(self.cfg.plugins, flat(self.cfg)),
            config=self.request.record,
            timings=Timings(started=datetime.now(UTC).isoformat(timespec="milliseconds")),
        )
        before = self.record_before
        if before is not None:
            record.network, record.data, record.steps = before.network, before.data, before.steps
            record.selected_on, record.exactness = before.selected_on, before.exactness
            record.metrics = Metrics(dict(before.metrics.scores))
        keep_tags(record, before)
        return record

    @property
    def is_resumable(self) -> bool:
        """True if there is a checkpoint from which a later command can resume."""
        return (self.directory / layout.CHECKPOINT).exists()

    def failure(self, error: AblateError | OSError) -> AblateError:
        """The error to show to the user."""
        if isinstance(error, AblateError):
            return error
        return files.unwritable(error, self.where.outputs, self.is_resumable)

    def record_failure(self, error: AblateError) -> None:
        """Write the record of a run that failed in training; restore the previous record of a run that was refused."""
        if isinstance(error, Failed):
            record = replace(self.record, status="failed", error=str(error))
        else:
            record = self.record_before or replace(self.record, status="interrupted")
        with contextlib.suppress(OSError):
            rundir_record.write_record(self.directory, record)

    def record_interruption(self) -> None:
        """Write a record before the process exits at once. The last checkpoint remains."""
        self.record_lock.acquire()  # never released, so that nothing writes the record after this
        if self.directory.is_dir():
            with contextlib.suppress(OSError):
                rundir_record.write_record(self.directory, replace(self.record, status="interrupted"))
        console.console().show_cursor()
        console.say(f"{self.directory}: interrupted. The same command resumes it.")

    def run(self, stop: Stop) -> RunRecord:
        """Train and evaluate. Returns the record that was written. Raises AblateError, OSError."""
        started = time.monotonic()
        results = None
        with console.captured(self.directory / layout.LOG):
            self._write_inputs()
            try:
                results = self.stages(stop)
            except AblateError:
                raise
            except Exception as error:
                if isinstance(error, OSError) and error.errno in DISK_ERRORS:
                    raise
                print(public(traceback.format_exc()), file=sys.stderr)
                self.record.status, self.record.error = "failed", one_line_error(error)
        stop.graceful = True  # a signal must not interrupt the writing of results
        if results is not None:
            self._write_results(results)
        if self.record.is_final:
            self.record.plans = plans_of_run(self.where.outputs, self.where.fingerprint)
        self.record.timings.session = time.monotonic() - started
        self._write_record()
        if self.record.status == "completed":
            (self.directory / layout.CHECKPOINT).unlink(missing_ok=True)
        return self.record

    def stages(self, stop: Stop) -> Results | None:
        """Load the data, build the network, train and test it. Returns None, with the status set, if it ends early."""
        cfg, record = self.cfg, self.record
        images = self._start_backend_and_load()
        from ablation.run.trial import Trial  # imports Keras, which is configured by now

        resumed = load_checkpoint(self.start)
        resumed.exactness, resumed.code = (record.exactness or Exactness()).to_json(), record.code or ""
        trial = Trial(cfg, images, self.directory, resumed, backend.xla(cfg), self.kept.compiled)
        self.kept.compiled = trial.compiled
        trial.write_summaries()
        record.network, record.steps = trial.network_record(), Steps.from_json(trial.length.to_json())
        self._write_record()
        record.status = trial.train(stop, network_structure.name(cfg.model))
        record.timings.compile, record.timings.traces = trial.compile_seconds, trial.traces
        rows = trial.checkpoint.rows
        if rows:  # an earlier process may have been killed between writing its last checkpoint and the history
            history.write_history(self.directory, [asdict(row) for row in rows])
        record.metrics.scores |= trial.metrics()
        if record.status != "completed":
            return None
        try:
            tested = trial.test(stop)
        except Stopped:
            record.status = "interrupted"
            return None
        if not all(math.isfinite(score["loss"]) for score in tested.metrics.values()):
            record.status = "diverged"
            return None
        record.metrics.scores |= tested.metrics
        record.timings.seconds = sum(row.seconds for row in rows)
        return Results(trial.weights(), tested.correct)

    def _start_backend_and_load(self) -> data.Dataset:
        """Start the backend, load the data, and record both with their versions and hardware."""
        cfg, record, before = self.cfg, self.record, Exactness.from_json(self.start.checkpoint.exactness)
        threads = cfg.threads or before.threads or self._default_threads()
        is_started = not self.kept.is_new
        self.kept.require(configuration=structure(cfg), threads=threads, plugins=tuple(record.plugins or ()))
        if not is_started:
            with console.console().status(f"{self.directory.name}: starting {cfg.backend}"):
                _start_backend(cfg, threads)
        registry.take(cfg.plugins)
        record.versions = provenance.versions()
        record.hardware = Hardware.from_json(provenance.hardware(cfg.backend))
        commit = provenance.git()
        record.git = None if commit is None else Git.from_json(commit)
        images = data.load(cfg.data, console.REPORTER)
        self.kept.require(images=images.digest, classes=len(images.classes))
        console.say(data.summary(images))
        record.data, record.selected_on = _data_record(images), images.selected_on
        now = Exactness.from_json(provenance.exactness(cfg, threads, images.digest))
        record.exactness = resumed_exactness(before, now, cfg.exact)
        return images

    def _default_threads(self) -> int:
        """The number of CPU threads. With a GPU, they prepare its batches."""
        return self.cores if machine.gpus() else default_threads(self.cfg, self.cores)

    def _write_record(self) -> None:
        with self.record_lock:
            rundir_record.write_record(self.directory, self.record)

    def _write_inputs(self) -> None:
        """Write the config and overrides in Hydra's format, and the first record."""
        folder = self.directory / layout.HYDRA
        folder.mkdir(exist_ok=True)
        overrides = yaml.safe_dump(list(self.request.overrides), allow_unicode=True)
        files.replace(folder / "config.yaml", self.request.yaml.encode())
        files.replace(folder / "overrides.yaml", overrides.encode())
        self._write_record()

    def _write_results(self, results: Results) -> None:
        if self.cfg.train.keep_weights:
            files.replace(self.directory / layout.WEIGHTS, _npz(results.weights))
        files.replace(self.directory / layout.CORRECT, _npz(results.correct))


def _npz(arrays: Arrays) -> bytes:
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **arrays)
    return content.getvalue()


def _data_record(images: data.Dataset) -> DataRecord:
    return DataRecord(
        name=images.name,
        kind=images.kind,
        shape=[*images.shape],
        train=len(images.train),
        validation=len(images.validation),
        test=len(images.test) if images.test else None,
        digest=images.digest,
        classes=list(images.classes),
        mean=images.mean.tolist(),
        std=images.std.tolist(),
        excluded=[{**asdict(each), "examples": list(each.examples)} for each in images.excluded],
        duplicates=asdict(images.duplicates),
    )
