"""A folder of outputs as people have it after a week, and the command in this process."""

import itertools
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.fake_runs import config, history, write
from support.finished_studies import CALM, finish, lower

from ablation.cli.runs import ablate_runs
from ablation.rundir import layout
from ablation.rundir.job_status import JobStatus, write_job_status


@dataclass
class Said:
    """What a call of the command left."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[str]:
        """The lines of runs."""
        statuses = (*layout.STATUSES, layout.UNREADABLE)
        return [line for line in self.out.splitlines() if line.startswith(statuses)]


@pytest.fixture
def runs(capsys, monkeypatch, tmp_path):
    """Call the command in the test's folder."""
    monkeypatch.chdir(tmp_path)

    def call(*words) -> Said:
        capsys.readouterr()
        try:
            code = ablate_runs.main([*map(str, words)])
        except SystemExit as error:
            code = int(error.code or 0)
        return Said(code, *capsys.readouterr())

    return call


def started(number: int) -> str:
    return f"2026-11-{1 + number // 24:02d}T{number % 24:02d}:00:00.000+00:00"


@pytest.fixture
def week(tmp_path) -> Path:
    """A sweep on digits, single runs on cifar10, and runs that failed, diverged, were interrupted or are damaged."""
    outputs, clock = tmp_path / "outputs", itertools.count()

    def add(model, accuracy=0.9, **changes):
        keys = {name: changes.pop(name) for name in list(changes) if name in ("seed", "data", "name", "tags")}
        width = changes.pop("width", None)
        more = {} if width is None else {"model.width": width}
        changes.setdefault("timings.started", started(next(clock)))
        return write(outputs, config(model, **keys, **more), history(accuracy=accuracy), **changes)

    for model, seed in itertools.product(("plain34", "resnet34"), range(3)):
        add(model, 0.5 + seed / 100 + 0.4 * (model == "resnet34"), seed=seed, tags=["sweep"])
    add("resnet50", data="cifar10", width=8, name="first look")
    add("resnet50", 0.8, data="cifar10", width=16)
    add("vgg16", seed=1, status="failed", error="ResourceExhaustedError: out of\nmemory")
    killed = add("vgg16", seed=2, status="running")
    write_job_status(outputs, killed.name, JobStatus("running", None, layout.LOG, 1))
    add("vgg16", seed=3, status="diverged")
    early = add("vgg16", seed=4, status="failed", error="ImportError: no module named x", network=None)
    assert early.is_dir()
    damaged = add("vgg16", seed=5)
    (damaged / "history.csv").write_text("nothing")
    return outputs


@pytest.fixture
def study(quick, tmp_path) -> Path:
    """A study of two components with five seeds, all completed."""
    outputs = tmp_path / "outputs"
    finish(quick, outputs, {"baseline": CALM, "-shortcut": lower(0.2), "-init": lower(0.01)})
    return outputs
