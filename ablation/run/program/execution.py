"""Execute one run of a program: start it, read its metric, write the run directory."""

import functools
import json
import re
import shutil
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ablation.config.program import fingerprint
from ablation.config.program.spec import ProgramConfig
from ablation.errors import AblateError, Failed
from ablation.redaction import public
from ablation.run import place
from ablation.run.outcome import CODES, outcome_sentence
from ablation.run.place import RunLocation
from ablation.run.program import arguments, location, metric, process
from ablation.run.program.metric import Measured, NoMetric
from ablation.run.program.process import Ended, NotStarted
from ablation.rundir import claim, files, history, layout
from ablation.rundir import record as rundir_record
from ablation.rundir.record import COMMAND, RESULT, RunRecord
from ablation.rundir.record_parts import Git, Hardware, Metrics, Timings
from ablation.rundir.study_plan import plans_of_run
from ablation.runtime import console, provenance
from ablation.runtime.signals import Stop, stopping
from ablation.runtime.users_environment import users_environment
from ablation.text import list_with_more

LISTED = 6  # paths in a message
RECORDED = (  # environment variables that often decide on a result
    *("CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "PYTHONHASHSEED", "PYTHONPATH"),
    *("CUBLAS_WORKSPACE_CONFIG", "TF_DETERMINISTIC_OPS", "XLA_FLAGS", "JAX_PLATFORMS", "KERAS_BACKEND"),
)


SECRET = re.compile(r"TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE", re.IGNORECASE)
HIDDEN = "(not recorded: its name says that it is secret)"


def execute(config: ProgramConfig) -> int:
    """Execute a run, or report that it is already done. Returns the exit code. Raises AblateError, Busy, Failed."""
    with stopping() as stop:
        stop.graceful = True  # the program is asked to end, and the record says so
        where = location.locate(config)
        _refuse_changes(config, where)
        with claim.claim(where.outputs, where.name):
            done = place.final_record(where)
            if done and not place.asks_rerun(config, done):
                console.say(f"{where.last}: already {done.status}. {outcome_sentence(done)}")
                return CODES[done.status]
            directory = layout.next_attempt(where.outputs, where.name) if done else where.last
            with files.writing(where.outputs):
                return _Run(config, where, directory).run(stop)


def _refuse_changes(config: ProgramConfig, where: RunLocation) -> None:
    """Raise Failed if the code or data are not those for which the run was planned."""
    if config.planned in (None, where.fingerprint):
        return
    paths = list_with_more([*config.program.code, *config.program.data], LISTED)
    raise Failed(
        f"code or data of the study have changed since the command began ({paths}), so this run is not comparable with "
        "those before. Type the command again, which plans all runs with what is there now"
    )


class _Run:
    """A run that this process has claimed, in its directory."""

    def __init__(self, config: ProgramConfig, where: RunLocation, directory: Path):
        self.config, self.where, self.directory = config, where, directory
        self.folder = directory.absolute() / layout.PROGRAM
        self.words = arguments.command_words(config, self.folder)
        self.record = RunRecord(
            status="running",
            kind=COMMAND,
            name=config.name,
            tags=config.tags,
            seed=config.seed,
            fingerprint=where.fingerprint,
            attempt=layout.attempt_number(directory, where.name),
            config=self._recorded_config(),
            metrics=Metrics({}),
            timings=Timings(started=datetime.now(UTC).isoformat(timespec="milliseconds")),
            versions={"ablation": provenance.versions()["ablation"]},
            hardware=_hardware(),
            git=_commit(config.folder),
        )

    def _recorded_config(self) -> dict[str, Any]:
        """The declaration, the words of the command, and variables of the environment, without secrets."""
        program = self.config.program
        names, own = dict.fromkeys([*RECORDED, *program.variables]), users_environment()
        recorded = {
            "flags": self.config.flags,
            "program": asdict(program),
            "words": self.words,
            "folder": self.config.folder,
            "environment": {name: _recorded(name, own[name]) for name in names if name in own},
            "code": fingerprint.digests(self.config, "code"),
            "data": fingerprint.digests(self.config, "data"),
        }
        return json.loads(public(json.dumps(recorded)))

    def run(self, stop: Stop) -> int:
        """Run the program to its end. Returns the exit code. Raises Failed, OSError."""
        began = time.monotonic()
        self._make_folder()
        rundir_record.write_record(self.directory, self.record)
        started = time.time()
        try:
            ended = self._process(stop)
            measured = self._measured(ended, started)
        except (NotStarted, NoMetric) as error:
            self.record.status, self.record.error = "failed", str(error)
        else:
            self._take(ended, measured)
        self.record.timings.session = time.monotonic() - began
        if self.record.is_final:
            self.record.plans = plans_of_run(self.where.outputs, self.where.fingerprint)
        rundir_record.write_record(self.directory, self.record)
        return self._exit_code(stop)

    def _make_folder(self) -> None:
        """Make the run's directory, without what an earlier process of this run left."""
        self.directory.mkdir(parents=True, exist_ok=True)
        files.sync(self.directory.parent)
        files.remove_partial(self.directory)
        for name in (layout.LOG, layout.HISTORY):
            (self.directory / name).unlink(missing_ok=True)
        if self.folder.exists():
            shutil.rmtree(self.folder)
        self.folder.mkdir()

    def _process(self, stop: Stop) -> Ended:
        """Start the program and wait for its end."""
        environment = arguments.environment(self.config)
        cwd = arguments.working_folder(self.config, self.folder)
        log = self.directory / layout.LOG
        ended = process.run(self.words, cwd, environment, log, lambda: stop.code is not None)
        self.record.timings.seconds = ended.seconds
        return ended

    def _measured(self, ended: Ended, started: float) -> Measured | None:
        """The metric of a run that ended by itself; None of one that was stopped. Raises NoMetric."""
        if ended.stopped:
            return None
        if ended.code != 0:
            raise NoMetric(process.exit_reason(ended))
        source, path = self.config.program.metric, arguments.metric_file(self.config, self.folder)
        try:
            return metric.read(source, path, metric.Run(self.folder, started, ended.output, ended.left_out))
        except NoMetric as error:
            raise NoMetric(f"it exited with code 0, but {error}") from error

    def _take(self, ended: Ended, measured: Measured | None) -> None:
        """Set the status and metric of a run whose program was started."""
        if measured is None:
            self.record.status = "interrupted"
            return
        if measured.series:
            history.write_series(self.directory, measured.series)
        notes = []
        if ended.survivors:
            notes.append(f"it left processes running ({', '.join(ended.survivors[:5])}), which were stopped")
        if measured.is_finite:
            self.record.status = "completed"
            self.record.metrics = Metrics({RESULT: {self.config.program.metric.name: measured.value}})
        else:
            self.record.status = "diverged"
            notes.append(f"its metric is {measured.value}")
        self.record.error = "; ".join(notes) or None

    def _exit_code(self, stop: Stop) -> int:
        status = self.record.status
        if status == "failed":
            log = self.directory / layout.LOG
            raise Failed(f"{self.directory.name} failed: {self.record.error}. Its output is in the log: {log}")
        console.say(f"{self.directory}: {status}. {outcome_sentence(self.record)}")
        if status == "interrupted":
            return stop.code or AblateError.code
        return CODES[status]


def _recorded(name: str, value: str) -> str:
    """The value of a variable; that of a secret is not recorded."""
    return HIDDEN if SECRET.search(name) else value


@functools.cache
def _hardware() -> Hardware:
    return Hardware.from_json(provenance.hardware(None))


@functools.cache
def _commit(folder: str) -> Git | None:
    """The git commit of the program's checkout; None outside a checkout."""
    commit = provenance.commit_of(Path(folder))
    return None if commit is None else Git.from_json(commit)
