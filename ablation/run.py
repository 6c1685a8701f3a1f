"""One cell: data -> network -> training -> run directory. Where the stages meet."""

import contextlib
import dataclasses
import errno
import io
import math
import re
import shutil
import sys
import threading
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from ablation import data, environment, plugins, progress, rundir, structure
from ablation.config import Config
from ablation.errors import AblateError, Failed, public
from ablation.identity import flat, identity
from ablation.job import Job
from ablation.signals import Stop, Stopped, stopping
from ablation.training import checkpoint
from ablation.training.checkpoint import Standing

CODES = {"completed": 0, "diverged": 2, "failed": 2}
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.ENAMETOOLONG}


@dataclasses.dataclass(frozen=True)
class Place:
    """Which run a job is, and where it lives."""

    outputs: Path
    name: str
    identity: str

    @property
    def last(self) -> Path:
        """The newest directory of the run."""
        return rundir.attempts(self.outputs, self.name)[-1]


def place(cfg: Config, images: dict[str, Any] | None = None) -> Place:
    """Find the run of a config, without Keras, creating nothing. Raises AblateError when its data is missing.

    images: the identity of its data, where that is known.
    """
    mark = identity(cfg, data.prepare(cfg.data) if images is None else images)
    name = rundir.name(structure.name(cfg.model), cfg.data.name, cfg.seed, mark)
    return Place(Path(cfg.outputs), name, mark)


def finished(where: Place) -> dict[str, Any] | None:
    """The record of a completed or diverged run; None when there is something left to do."""
    try:
        record = rundir.read_record(where.last)
    except rundir.Unreadable:
        return None
    return record if record["status"] in rundir.FINAL else None


def settled(cfg: Config, where: Place) -> dict[str, Any] | None:
    """The record of a run that its command leaves as it is; None when there is something to do."""
    done = finished(where)
    return None if not done or _again(cfg, done) else done


def finalize(cfg: Config, where: Place, done: dict[str, Any]) -> None:
    """Delete what a run that was killed after its last record left: staged files, and a completed run's checkpoint.

    Raises AblateError where the run should be exact and is not.
    """
    with contextlib.suppress(OSError):  # nobody can write here any more, and it is no loss
        rundir.tidy(where.last)
        if done["status"] == "completed":
            (where.last / rundir.CHECKPOINT).unlink(missing_ok=True)
    if cfg.exact == "required" and not (done.get("exactness") or {}).get("exact"):
        raise AblateError(
            f"The run is {done['status']}, but not exact: it was resumed under other conditions, or is not "
            f"deterministic. Received exact=required and {where.last}. Allowed: an exact run. Type rerun=true to make "
            "one beside it"
        )


def execute(job: Job, cores: int | None = None) -> int:
    """Run one cell to its end, or say that it is done. Returns the exit code. Raises AblateError, Busy, Failed.

    cores: how many threads it takes where nobody says otherwise; None = all.
    """
    with stopping() as stop:
        where = place(job.config)
        with rundir.claim(where.outputs, where.name):
            done = finished(where)
            if done and not _again(job.config, done):
                return _already(job.config, where, done)
            directory, standing = _directory(where, done is not None)
            return _start(job, cores or environment.cores(), where, directory, standing, stop)


def _again(cfg: Config, done: dict[str, Any]) -> bool:
    return cfg.rerun == "true" or (cfg.rerun == "stale" and done.get("code") != environment.code())


def _already(cfg: Config, where: Place, done: dict[str, Any]) -> int:
    finalize(cfg, where, done)
    progress.say(f"{where.last}: already {done['status']}. {told(done)}")
    if done.get("code") != environment.code():
        progress.say("Older code did so. rerun=stale makes a new run beside it.")
    return CODES[done["status"]]


def _directory(where: Place, beside: bool) -> tuple[Path, Standing]:
    """Where the run goes on, or begins: beside a finished one, and beside a part that other code has left."""
    if beside:
        return rundir.rerun(where.outputs, where.name), Standing()
    for directory in reversed(rundir.attempts(where.outputs, where.name)):
        try:
            standing = checkpoint.peek(directory)
        except rundir.Unreadable as error:
            progress.say(f"{directory}: the checkpoint cannot be used ({error}); starting from the beginning")
            return directory, Standing()
        if standing is None or standing.code == environment.code():
            return directory, standing or Standing()
        progress.say(f"{directory} was begun by other code, which alone can finish it")
    return rundir.rerun(where.outputs, where.name), Standing()


def _start(job: Job, cores: int, where: Place, directory: Path, standing: Standing, stop: Stop) -> int:
    new = not directory.exists()
    run = Run(job, cores, where, directory, standing)
    stop.last_words = run.last_words
    try:
        directory.mkdir(parents=True, exist_ok=True)
        rundir.sync(directory.parent)
        rundir.tidy(directory)
        record = run.go(stop)
    except (AblateError, OSError) as error:
        paragraph = error if isinstance(error, AblateError) else rundir.unwritable(error, where.outputs, run.began)
        if new and not run.began:  # nothing half made
            shutil.rmtree(directory, ignore_errors=True)
        else:
            run.leave(paragraph)
        raise paragraph from error
    if record["status"] == "failed":
        raise Failed(f"{directory.name} failed: {record['error']}. The log says more: {directory / rundir.LOG}")
    progress.say(f"{directory}: {record['status']}. {told(record)}")
    return CODES.get(record["status"], stop.code)


def told(record: dict[str, Any]) -> str:
    """What a run that ended has come to, in a sentence."""
    if record["status"] == "interrupted":
        return "The same command goes on from here."
    metrics = record.get("metrics") or {}
    final, best, test = (metrics.get(name) for name in ("final", "best", "test"))
    if not final or not best:
        return "The loss was no number before the first epoch ended. A smaller train.learning_rate may help."
    text = f"val_accuracy {final['val_accuracy']:.4f} (best {best['val_accuracy']:.4f} in epoch {best['epoch']})"
    text += f", test accuracy {test['accuracy']:.4f}" if test else ""
    return text if (record.get("exactness") or {}).get("exact") else f"{text}; not exact"


class Run:
    """A claimed run in its directory."""

    def __init__(self, job: Job, cores: int, where: Place, directory: Path, standing: Standing):
        self.job, self.cfg, self.cores, self.directory, self.standing = job, job.config, cores, directory, standing
        self.before = {"status": "interrupted"}
        with contextlib.suppress(rundir.Unreadable):
            self.before = rundir.read_record(directory)
        known = {k: self.before.get(k) for k in ("network", "data", "steps", "selected_on", "exactness")}
        self.writing = threading.Lock()  # of the record: the last words come from another thread
        number = directory.name.rpartition(".")[2] if directory.name != where.name else "1"
        self.record: dict[str, Any] = {
            "status": "running",
            "name": job.record["name"],
            "tags": job.record["tags"],
            "seed": self.cfg.seed,
            "fingerprint": where.identity,
            "attempt": int(number),
            "code": environment.code(),
            "plugins": plugins.digests(self.cfg.plugins, flat(self.cfg)),
            "config": job.record,
            **known,
            "metrics": self.before.get("metrics") or dict.fromkeys(("final", "best", "test", "test_best")),
            "timings": {"started": datetime.now(UTC).isoformat(timespec="milliseconds")},
            "error": None,
        }

    @property
    def began(self) -> bool:
        """Is there something that a later command goes on from?"""
        return (self.directory / rundir.CHECKPOINT).exists()

    def leave(self, error: AblateError) -> None:
        """As a failed run where it had begun to train; as it was before where it was refused."""
        status = {"status": "failed", "error": str(error)} if isinstance(error, Failed) else self.before
        with contextlib.suppress(OSError):
            rundir.write_record(self.directory, {**self.record, **status})

    def last_words(self) -> None:
        """Leave a record before the process ends at once; what was committed stands."""
        self.writing.acquire()
        if self.directory.is_dir():
            with contextlib.suppress(OSError):
                rundir.write_record(self.directory, {**self.record, "status": "interrupted"})
        progress.console().show_cursor()
        progress.say(f"{self.directory}: interrupted. The same command goes on from here.")

    def go(self, stop: Stop) -> dict[str, Any]:
        """Train and evaluate. Returns the record as it was written. Raises AblateError, OSError."""
        began = time.monotonic()
        with progress.captured(self.directory / rundir.LOG):
            self._write_inputs()
            try:
                arrays = self.stages(stop)
            except AblateError:
                raise
            except Exception as error:
                if isinstance(error, OSError) and error.errno in FULL:
                    raise
                print(public(traceback.format_exc()), file=sys.stderr)
                self.record |= {"status": "failed", "error": reason(error)}
        stop.orderly = True  # what has ended is written to its end
        if self.record["status"] == "completed":
            self._write_results(arrays)
        self.record["timings"]["session"] = time.monotonic() - began
        self._write_record()
        if self.record["status"] == "completed":
            (self.directory / rundir.CHECKPOINT).unlink(missing_ok=True)
        return self.record

    def _write_record(self) -> None:
        with self.writing:
            rundir.write_record(self.directory, self.record)

    def _write_inputs(self) -> None:
        hydra = self.directory / rundir.HYDRA
        hydra.mkdir(exist_ok=True)
        rundir.replace(hydra / "config.yaml", self.job.yaml.encode())
        rundir.replace(hydra / "overrides.yaml", yaml.safe_dump(list(self.job.overrides), allow_unicode=True).encode())
        self._write_record()

    def stages(self, stop: Stop) -> dict[str, Any]:
        """Data, network, training. Returns what goes into the files of a completed run."""
        cfg = self.cfg
        threads = cfg.threads or self.standing.exactness.get("threads") or self.cores
        with progress.console().status(f"{self.directory.name}: starting {cfg.backend}"):
            environment.start(cfg, threads)
        plugins.take(cfg.plugins)
        self.record |= {
            "versions": environment.versions(),
            "hardware": environment.hardware(cfg.backend),
            "git": environment.git(),
        }
        images = data.load(cfg.data)
        self.record |= {"data": _describe(images), "selected_on": images.selected_on}
        now = environment.exactness(cfg, threads, images.digest)
        self.record["exactness"] = _class(self.standing.exactness, now, cfg.exact)
        from ablation.trial import Trial

        trial = Trial(cfg, images, self.directory, self._standing(), environment.xla(cfg))
        trial.write_summaries()
        self.record |= {"network": trial.network_record(), "steps": trial.length.told()}
        self._write_record()
        self.record["status"] = trial.train(stop, structure.name(cfg.model))
        if trial.standing.rows:  # the last commit may have been cut between its two files
            rundir.write_history(self.directory, trial.standing.rows)
        self.record["metrics"] |= trial.metrics()
        if self.record["status"] != "completed":
            return {}
        try:
            tests, correct = trial.test(stop)
        except Stopped:
            self.record["status"] = "interrupted"
            return {}
        if not all(math.isfinite(score["loss"]) for score in tests.values()):
            self.record["status"] = "diverged"
            return {}
        self.record["metrics"] |= tests
        self.record["timings"]["seconds"] = sum(row["seconds"] for row in trial.standing.rows)
        return {"weights": trial.weights(), "correct": correct}

    def _standing(self) -> Standing:
        """Where the run stands, with its arrays; marked with what computes the rest."""
        try:
            standing = (checkpoint.load(self.directory) if self.standing.step else None) or Standing()
        except rundir.Unreadable as error:
            progress.say(f"{self.directory}: the checkpoint cannot be used ({error}); starting from the beginning")
            standing = Standing()
        standing.exactness, standing.code = self.record["exactness"], self.record["code"]
        return standing

    def _write_results(self, arrays: dict[str, Any]) -> None:
        if self.cfg.train.keep_weights:
            rundir.replace(self.directory / rundir.WEIGHTS, _npz(arrays["weights"]))
        rundir.replace(self.directory / rundir.CORRECT, _npz(arrays["correct"]))


def _class(before: dict[str, Any], now: dict[str, Any], exact: str) -> dict[str, Any]:
    """The exactness of a run that goes on: not exact once its class has changed. Raises AblateError if it must be."""
    if not before:
        return now
    changed = [k for k in now if k not in ("exact", "class") and now[k] != before.get(k)]
    if exact == "required" and (changed or not before["exact"]):
        told = (
            "; ".join(f"{k}: {before.get(k)} then, {now[k]} now" for k in changed) or "a run that is not exact already"
        )
        raise AblateError(
            f"The run was begun elsewhere, and going on here would not give the bits it would have had. Received "
            f"exact=required, and {told}. Allowed: the same machine, versions, threads and data. Type exact=mark to go "
            "on and have the run marked, or rerun=true to begin anew"
        )
    if changed:
        progress.say(f"Begun under other conditions ({', '.join(changed)}): the run goes on and is marked not exact")
    return {**now, "exact": now["exact"] and before["exact"] and not changed}


def _npz(arrays: dict[str, np.ndarray]) -> bytes:
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


def _describe(images: data.Data) -> dict[str, Any]:
    return {
        "name": images.name,
        "train": len(images.train),
        "validation": len(images.validation),
        "test": len(images.test) if images.test else None,
        "digest": images.digest,
        "classes": list(images.classes),
        "mean": images.mean.tolist(),
        "deviation": images.deviation.tolist(),
    }


def reason(error: BaseException) -> str:
    """One line; the traceback is in the log."""
    lines = (public(str(error)).strip() or type(error).__name__).splitlines()
    if lines[0].endswith(":"):  # a heading of Keras' or TensorFlow's, above a page whose last words are the cause
        told = [line.strip() for line in lines[1:] if line.strip() and line.strip()[0] not in "[<^"]
        named = [line for line in told if re.match(r"\w+(Error|Exception): ", line)]
        lines = (named or told or lines)[-1:]
    line = lines[0][:300]
    if "RESOURCE_EXHAUSTED" in line or "ResourceExhausted" in type(error).__name__ or isinstance(error, MemoryError):
        return f"out of memory ({line}). A smaller train.batch_size, model.width or data.image_size needs less"
    return f"{type(error).__name__}: {line}"
