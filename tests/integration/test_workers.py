"""Workers that train: each structure is traced once, every run has the bits of its solo run, and memory is bounded."""

import json
import os
import signal
import subprocess
from multiprocessing.connection import wait
from pathlib import Path

import pytest
from faults.sweep import marked
from support.commands import BIN, ablate, result, runs, wait_for

from ablation.cli import composition
from ablation.run.structure import structure
from ablation.rundir import layout
from ablation.rundir import record as rundir_record
from ablation.sweep import forkserver
from ablation.sweep.worker import Worker

pytestmark = pytest.mark.integration

TINY = ["model.depth=8", "model.width=4", "train=quickstart", "train.epochs=2", "data.limit=100", "model.dropout=0.2"]
MODELS = ["plain_cifar", "resnet_cifar"]
OF_THE_PROCESS = {"timings", "files", "checksum"}  # in a record


def test_a_sweep_traces_each_structure_once_and_each_run_equals_its_solo_run(tmp_path):
    """One at a time, and the seeds of the two networks in turns."""
    (tmp_path / "alone").mkdir()
    ablate(tmp_path, "-m", *TINY, "n_jobs=1", "seed=0,1", f"model={','.join(MODELS)}", "data.augment=crop_flip")
    for seed in (0, 1):
        for model in MODELS:
            ablate(tmp_path / "alone", *TINY, f"seed={seed}", f"model={model}", "data.augment=crop_flip")
    swept = {path.name: path for path in runs(tmp_path / "outputs")}
    alone = {path.name: path for path in runs(tmp_path / "alone" / "outputs")}
    assert swept.keys() == alone.keys() and len(swept) == 4
    records = [rundir_record.read_record(path) for path in swept.values()]
    records.sort(key=lambda record: record.timings.started)
    assert [(record.seed, record.config["model"]["residual"], record.timings.traces) for record in records] == [
        (0, False, 1),
        (0, True, 1),
        (1, False, 0),
        (1, True, 0),
    ]
    for name, path in swept.items():
        assert result(path) == result(alone[name])
        assert in_common(path) == in_common(alone[name])
        assert (path / layout.SUMMARY).read_bytes() == (alone[name] / layout.SUMMARY).read_bytes()
        assert (path / layout.SAMPLES).read_bytes() == (alone[name] / layout.SAMPLES).read_bytes()
        log = layout.job_log(tmp_path / "outputs", name).read_text()
        assert log.count("---") == 1 and log.count(name) == 1 and "epoch 2/2" in log


def in_common(run: Path) -> dict:
    """What two records of equal runs share."""
    values = json.loads((run / layout.RECORD).read_text())
    del values["config"]["n_jobs"]
    return {name: value for name, value in values.items() if name not in OF_THE_PROCESS}


@pytest.mark.parametrize("number", [pytest.param(signal.SIGTERM, marks=pytest.mark.slow), signal.SIGKILL])
def test_workers_with_and_without_a_job_end_with_their_driver(number, tmp_path):
    words = ["-m", *TINY, "n_jobs=1", "seed=0,1", f"model={','.join(MODELS)}", "train.epochs=100"]
    sweep = subprocess.Popen([BIN / "ablate", *words], cwd=tmp_path, start_new_session=True)
    wait_for(lambda: len(list(tmp_path.glob("outputs/*/history.csv"))) == 2)
    assert len(marked(tmp_path)) >= 4  # driver, fork server, and two workers
    sweep.send_signal(number)
    assert sweep.wait(60) == (143 if number == signal.SIGTERM else -9)
    wait_for(lambda: not marked(tmp_path), 30)
    statuses = [rundir_record.read_record(path).status for path in runs(tmp_path)]
    assert sorted(statuses) == ["completed", "interrupted"]


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_the_memory_of_a_worker_is_bounded(backend, tmp_path):
    words = ["model=resnet_cifar", *TINY, "train.epochs=1", f"backend={backend}", f"outputs={tmp_path / 'outputs'}"]
    jobs = [composition.compose([*words, f"seed={seed}"]) for seed in range(200)]
    worker = Worker(structure(jobs[0].config), backend, 2, None)
    resident, files = {}, {}
    try:
        for number, job in enumerate(jobs, 1):
            worker.begin(job, tmp_path / "log")
            while (ending := worker.ending()) is None:
                assert wait(worker.waitable, 300)
            assert (ending.code, ending.clean) == (0, True), (tmp_path / "log").read_text()[-2000:]
            resident[number] = resident_bytes(worker.pid)
            files[number] = len(os.listdir(f"/proc/{worker.pid}/fd"))
    finally:
        worker.close()
        forkserver.close()
    assert resident[200] - resident[50] < 12 * 2**20, resident
    assert files[200] == files[50]


def resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
