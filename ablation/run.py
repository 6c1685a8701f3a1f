"""One cell: data -> network -> training -> run directory. Where the stages meet."""

import dataclasses
import io
import shutil
import time
import traceback
from pathlib import Path
from typing import Any

import numpy as np

from ablation import data, progress, rundir, structure
from ablation.errors import AblateError, Failed
from ablation.identity import identity
from ablation.job import Job
from ablation.signals import Stop, stopping

CODES = {"completed": 0, "diverged": 2, "failed": 2}


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


def place(job: Job) -> Place:
    """Find the run of a job, without Keras, creating nothing. Raises AblateError when its data is missing."""
    cfg = job.config
    mark = identity(cfg, data.prepare(cfg.data))
    name = rundir.name(structure.name(cfg.model), cfg.data.name, cfg.seed, mark)
    return Place(Path(cfg.outputs), name, mark)


def finished(where: Place) -> dict[str, Any] | None:
    """The record of a completed or diverged run; None when there is something left to do."""
    try:
        record = rundir.read_record(where.last)
    except rundir.Unreadable:
        return None
    return record if record["status"] in rundir.FINAL else None


def execute(job: Job) -> int:
    """Run one cell to its end, or say that it is done. Returns the exit code. Raises AblateError, Busy, Failed."""
    where = place(job)
    with rundir.claim(where.outputs, where.name):
        done = finished(where)
        if done and not job.config.rerun:
            progress.say(f"{where.last}: already {done['status']}. {_results(done)}")
            return CODES[done["status"]]
        directory = rundir.rerun(where.outputs, where.name) if done else where.last
        return _start(job, where, directory)


def _start(job: Job, where: Place, directory: Path) -> int:
    new = not directory.exists()
    try:
        with rundir.writing(where.outputs):
            directory.mkdir(parents=True, exist_ok=True)
            with stopping() as stop:
                record = Run(job, where, directory).go(stop)
    except AblateError:
        if new:  # nothing half made
            shutil.rmtree(directory, ignore_errors=True)
        raise
    if record["status"] == "failed":
        raise Failed(f"{directory.name} failed: {record['error']}. The log says more: {directory / rundir.LOG}")
    progress.say(f"{directory}: {record['status']}. {_results(record)}")
    return CODES.get(record["status"], stop.code)


def _results(record: dict[str, Any]) -> str:
    final, best, test = (record["metrics"][k] for k in ("final", "best", "test"))
    if record["status"] == "interrupted":
        return "The same command goes on from here."
    if final is None:
        return "The loss was no number before the first epoch ended. A smaller train.learning_rate may help."
    told = f"val_accuracy {final['val_accuracy']:.4f} (best {best['val_accuracy']:.4f} in epoch {best['epoch']})"
    return told + (f", test accuracy {test['accuracy']:.4f}" if test else "")


class Run:
    """A claimed run in its directory."""

    def __init__(self, job: Job, where: Place, directory: Path):
        self.job, self.cfg, self.directory = job, job.config, directory
        number = directory.name.rpartition(".")[2] if directory.name != where.name else "1"
        self.record: dict[str, Any] = {
            "status": "running",
            "name": self.cfg.name,
            "tags": self.cfg.tags,
            "seed": self.cfg.seed,
            "identity": where.identity,
            "attempt": int(number),
            "config": job.record,
            "network": None,
            "data": None,
            "steps": None,
            "selected_on": None,
            "metrics": {"final": None, "best": None, "test": None, "test_best": None},
            "timings": None,
            "error": None,
        }

    def go(self, stop: Stop) -> dict[str, Any]:
        """Train and evaluate. Returns the record as it was written."""
        began = time.monotonic()
        with progress.captured(self.directory / rundir.LOG):
            self._write_inputs()
            try:
                arrays = self._stages(stop)
            except (AblateError, OSError):
                raise
            except Exception as error:
                traceback.print_exc()
                self.record |= {"status": "failed", "error": _told(error)}
        if self.record["status"] == "completed":
            self._write_results(arrays)
        self.record["timings"] = {**(self.record["timings"] or {}), "session": time.monotonic() - began}
        rundir.write_record(self.directory, self.record)
        return self.record

    def _write_inputs(self) -> None:
        hydra = self.directory / rundir.HYDRA
        hydra.mkdir(exist_ok=True)
        rundir.replace(hydra / "config.yaml", self.job.yaml.encode())
        rundir.replace(hydra / "overrides.yaml", "".join(f"- {o}\n" for o in self.job.overrides).encode())
        rundir.write_record(self.directory, self.record)

    def _stages(self, stop: Stop) -> dict[str, Any]:
        """Data, network, training. Returns what goes into the files of a completed run."""
        cfg = self.cfg
        with progress.console().status(f"{self.directory.name}: starting {cfg.backend}"):
            from ablation import environment

            environment.start(cfg)
        images = data.load(cfg.data)
        self.record |= {
            "data": _describe(images),
            "selected_on": images.selected_on,
            "versions": environment.versions(),
            "hardware": environment.hardware(cfg.backend),
            "exactness": environment.exactness(cfg),
            "git": environment.git(),
        }
        from ablation.trial import Trial

        trial = Trial(cfg, images, self.directory, environment.xla(cfg))
        self.record |= {"network": trial.network_record(), "steps": trial.length.told()}
        rundir.write_record(self.directory, self.record)
        self.record["status"] = trial.train(stop, structure.name(cfg.model))
        self.record["metrics"] |= trial.metrics()
        if self.record["status"] != "completed":
            return {}
        tests, correct = trial.test()
        self.record["metrics"] |= tests
        self.record["timings"] = {"seconds": sum(row["seconds"] for row in trial.standing.rows)}
        return {"weights": trial.weights(), "correct": correct}

    def _write_results(self, arrays: dict[str, Any]) -> None:
        if self.cfg.train.keep_weights:
            rundir.replace(self.directory / rundir.WEIGHTS, _npz(arrays["weights"]))
        rundir.replace(self.directory / rundir.CORRECT, _npz(arrays["correct"]))
        (self.directory / rundir.CHECKPOINT).unlink(missing_ok=True)


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


def _told(error: Exception) -> str:
    """One line; the traceback is in the log."""
    line = (str(error).strip() or type(error).__name__).partition("\n")[0][:300]
    if "RESOURCE_EXHAUSTED" in line or "ResourceExhausted" in type(error).__name__ or isinstance(error, MemoryError):
        return f"out of memory ({line}). A smaller train.batch_size, model.width or data.image_size needs less"
    return f"{type(error).__name__}: {line}"
