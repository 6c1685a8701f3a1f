"""Sweeps as a whole: how their runs stand, launchers, signals; how sweeps survive is in the proofs."""

import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import replace

import pytest
from faults.sweep import marked
from PIL import Image
from support.commands import BIN, TINY, ablate, wait_for
from support.fake_runs import read_json, write_json

from ablation.run import place as run_place
from ablation.run.locator import RunLocator
from ablation.rundir import discovery, files, layout
from ablation.rundir import record as rundir_record
from ablation.rundir.record import RunRecord
from ablation.sweep import scheduler, status

pytestmark = pytest.mark.integration

ONE = [*TINY, "train.epochs=1", "data.limit=200"]


@pytest.fixture
def place(tmp_path):
    return run_place.RunLocation(tmp_path, "resnet8-digits-s0-0123456789", "0123456789" + "0" * 54)


def record(place, status: str, error: str | None = None) -> None:
    place.last.mkdir(exist_ok=True)
    made = RunRecord(status=status, error=error, fingerprint=place.fingerprint, seed=0)
    rundir_record.write_record(place.last, made)


def test_a_finished_sweep_of_two_hundred_says_so_without_tensorflow(tmp_path):
    """How quickly it does is in benchmarks/startup.py."""
    words = ["-m", *TINY, "model=plain_cifar,resnet_cifar", f"seed={','.join(map(str, range(100)))}"]
    script = f"""
import sys
from ablation.cli import ablate
from ablation.rundir import record
from ablation.rundir.record_parts import Exactness
from ablation.sweep import grid
from support.hooks import hook
def finish(runs):
    for cell in runs:
        where = cell.where.last
        where.mkdir(parents=True, exist_ok=True)
        if not (where / "run.json").exists():
            done = record.RunRecord("completed", fingerprint=cell.where.fingerprint, exactness=Exactness(exact=True))
            record.write_record(where, done)
    return left(runs)
left = hook(grid, "left", finish)
sys.argv = ["ablate", *{words!r}]
code = ablate.main()
assert code == 0, code
assert not {{"tensorflow", "keras", "jax"}} & set(sys.modules)
"""
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "200 runs, all already done: nothing left to do" in done.stdout
    assert ablate(tmp_path, *words).count("completed") == 200


def test_cells_without_their_data_stop_no_other_and_each_place_and_combination_runs_once(tmp_path):
    (tmp_path / "theirs" / "data").mkdir(parents=True)
    for name, root in (("gone", "/nowhere"), ("lost", "/elsewhere")):
        file = tmp_path / "theirs" / "data" / f"{name}.yaml"
        file.write_text(f"defaults: [folder]\nroot: {root}\nname: {name}\n")
    words = ["-m", "--config-dir", "theirs", *ONE, "seed=0,0", "outputs=here,there"]
    told = ablate(tmp_path, *words, "data=digits,gone,lost", code=2)
    assert "12 combinations give only 6 distinct runs" in told and "\n6 runs\n" in f"\n{told}"
    rows = [line for line in told.splitlines() if line.strip().startswith("resnet8-")]
    assert sum("digits" in row and "completed" in row for row in rows) == 2
    assert len(discovery.find([tmp_path / "here"])) == len(discovery.find([tmp_path / "there"])) == 1
    for name, root in (("gone", "/nowhere"), ("lost", "/elsewhere")):
        failed = [row for row in rows if name in row and "failed: " in row]
        assert len(failed) == 2 and all(root in row for row in failed)
        assert all(root in (tmp_path / row.rpartition("Log: ")[2].strip()).read_text() for row in failed)
    told = ablate(tmp_path, *words, "data=gone", code=1)  # with nothing else to do it is a wrong command
    assert "nothing was started" in told


def test_a_key_that_the_launcher_would_not_read_is_refused(tmp_path, in_process):
    done = in_process("-m", "hydra/launcher=joblib", "n_jobs=2")
    assert done.returncode == 1 and "hydra.launcher.n_jobs=2" in done.stderr and list(tmp_path.iterdir()) == []


def test_the_environment_that_hydra_sets_reaches_a_job(tmp_path):
    words = [*TINY, "train.epochs=1", "+hydra.job.env_set.OMP_NUM_THREADS=1"]
    env = {k: v for k, v in os.environ.items() if k != "OMP_NUM_THREADS"}
    with tempfile.TemporaryDirectory() as temporary:
        ablate(tmp_path, "-m", *words, env={**env, "TMPDIR": temporary})
        assert os.listdir(temporary) == []  # nor does a sweep leave temporary files
    for path in discovery.find([tmp_path]):
        assert rundir_record.read_record(path).exactness.flags["OMP_NUM_THREADS"] == "1"


def test_a_run_whose_data_came_late_is_found_by_its_own_name(quick, tmp_path):
    job = quick.request(["data=folder", f"data.root={tmp_path / 'later'}"])
    located = RunLocator()(job.config)
    where = located.where
    cell = scheduler.QueuedRun(0, job, where, located.problem is None, 0)
    cell.locate_again()
    assert located.problem and not cell.located and cell.where == where
    for name in ("a", "b"):
        (tmp_path / "later" / name).mkdir(parents=True)
        Image.new("RGB", (8, 8)).save(tmp_path / "later" / name / "0.png")
    cell.locate_again()
    assert cell.located and cell.where == run_place.locate(job.config) != where


def test_a_sweep_without_a_run_is_refused(in_process):
    done = in_process("-m", *ONE, "seed=range(0,0)")
    assert done.returncode == 1 and "no run" in done.stderr


def test_a_launcher_that_starts_nothing_is_code_1(tmp_path):
    told = ablate(tmp_path, "-m", *ONE, "hydra/launcher=joblib", "hydra.launcher.n_jobs=0", code=1)
    assert "The launcher failed" in told and "waiting" in told


def test_a_sweep_that_should_be_exact_names_the_run_that_is_not(tmp_path):
    ablate(tmp_path, *ONE)
    (done,) = discovery.find([tmp_path])
    record = rundir_record.read_record(done)
    rundir_record.write_record(done, replace(record, exactness=replace(record.exactness, exact=False)))
    told = ablate(tmp_path, "-m", *ONE, "seed=0,1", "exact=required", code=1)
    assert "exact=required" in told and done.name in told and len(discovery.find([tmp_path])) == 1


@pytest.mark.parametrize(
    "odd", [{"metrics": []}, {"exactness": "yes"}, {"metrics": {"final": {"val_accuracy": "x"}}}, {"error": 1}]
)
def test_a_record_with_odd_fields_is_no_record(place, odd):
    record(place, "completed")
    rundir_record.read_record(place.last)
    write_json(place.last, {**read_json(place.last), **odd})
    with pytest.raises(files.Unreadable):
        rundir_record.read_record(place.last)
    assert run_place.final_record(place) is None and status.row(place).status == "waiting"


def test_a_reader_that_leaves_does_not_stop_a_sweep(tmp_path):
    sweep = subprocess.Popen([BIN / "ablate", "-m", *ONE, "seed=0,1"], cwd=tmp_path, stdout=subprocess.PIPE)
    sweep.stdout.readline()
    sweep.stdout.close()
    assert sweep.wait(300) == 0
    assert [rundir_record.read_record(path).status for path in discovery.find([tmp_path])] == ["completed"] * 2


def test_one_signal_stops_the_sweep_of_another_launcher(tmp_path):
    """Of Hydra's own one; joblib's is below."""
    words = ["-m", *TINY, "train.epochs=3000", "seed=0,1,2", "hydra/launcher=basic"]
    sweep = subprocess.Popen([BIN / "ablate", *words], cwd=tmp_path)
    wait_for(lambda: list(tmp_path.glob("outputs/*/history.csv")))
    sweep.send_signal(signal.SIGTERM)
    assert sweep.wait(60) == 143
    assert [rundir_record.read_record(path).status for path in discovery.find([tmp_path])] == ["interrupted"]
    wait_for(lambda: not marked(tmp_path), 20)


@pytest.mark.parametrize("number", [pytest.param(signal.SIGTERM, marks=pytest.mark.slow), signal.SIGKILL])
def test_workers_of_joblib_end_with_their_driver(number, tmp_path):
    words = ["-m", *TINY, "train.epochs=3000", "seed=0,1,2,3", "hydra/launcher=joblib", "hydra.launcher.n_jobs=2"]
    sweep = subprocess.Popen([BIN / "ablate", *words], cwd=tmp_path, start_new_session=True)
    wait_for(lambda: len(list(tmp_path.glob("outputs/*/history.csv"))) == 2)
    sweep.send_signal(number)
    assert sweep.wait(60) == (143 if number == signal.SIGTERM else -9)
    wait_for(lambda: not marked(tmp_path), 30)
    assert [rundir_record.read_record(path).status for path in discovery.find([tmp_path])] == ["interrupted"] * 2


def test_a_scheduler_that_queues_a_job_again_leaves_it_committed(tmp_path):
    """As submitit does on preemption: its handler of SIGUSR2 leaves by SystemExit, and the job commits before."""
    script = f"""
import signal, sys
from ablation.cli import composition, hydra_errors
from ablation.sweep import external_launchers
signal.signal(signal.SIGUSR2, lambda *_: sys.exit(99))
external_launchers.alone(composition.compose({[*TINY, "train.epochs=3000"]!r}), {{}})
"""
    worker = subprocess.Popen([sys.executable, "-c", script], cwd=tmp_path)
    wait_for(lambda: list(tmp_path.glob("outputs/*/history.csv")))
    worker.send_signal(signal.SIGUSR2)
    assert worker.wait(60) == 99
    (left,) = discovery.find([tmp_path])
    assert rundir_record.read_record(left).status == "interrupted" and (left / layout.CHECKPOINT).exists()
    wait_for(lambda: not marked(tmp_path), 20)
