"""Two runs under every launcher: equal bit for bit, also where one job was killed on the way."""

import importlib.util
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest
from support.commands import BIN, ablate, result, runs

from ablation.rundir import job_status, layout

pytestmark = pytest.mark.integration

SWEEP = ["-m", "model=plain_cifar,resnet_cifar", "model.depth=8", "model.width=4", "data.limit=200"]
SWEEP += ["train=quickstart", "train.epochs=2", "threads=1"]
LAUNCHERS = {
    "two at once": (None, ["n_jobs=2"]),
    "joblib": ("hydra_joblib_launcher", ["hydra/launcher=joblib", "hydra.launcher.n_jobs=2"]),
    "submitit": ("hydra_submitit_launcher", ["hydra/launcher=slurm_local"]),
    "ray": ("hydra_ray_launcher", ["hydra/launcher=ray", "hydra.launcher.ray.init.num_cpus=2"]),
}


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """One at a time, as the project's own launcher runs them by default."""
    folder = tmp_path_factory.mktemp("one")
    ablate(folder, *SWEEP)
    return {run.name: result(run) for run in runs(folder)}


@pytest.mark.parametrize("name", LAUNCHERS)
def test_results_are_equal_though_a_job_was_killed(name, expected, tmp_path):
    needs, words = LAUNCHERS[name]
    if needs and not importlib.util.find_spec(f"hydra_plugins.{needs}"):
        pytest.skip(f"{needs} is not installed")
    killed: list[str] = []
    threading.Thread(target=kill_one, args=(tmp_path, killed), daemon=True).start()
    env = {**os.environ, "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0"}
    first = subprocess.run([BIN / "ablate", *SWEEP, *words], cwd=tmp_path, env=env, capture_output=True, text=True)
    said = first.stdout + first.stderr
    assert killed and "Traceback" not in said
    assert first.returncode == 0, said  # what was killed was tried again
    assert job_status.read_job_status(tmp_path / "outputs", killed[0]).begun == 2
    assert {run.name: result(run) for run in runs(tmp_path)} == expected


def kill_one(folder: Path, killed: list[str]) -> None:
    """Kill the first process that holds a run and has begun it."""
    while not killed:
        for record in folder.glob(f"outputs/*/{layout.RECORD}"):
            for pid in holders(folder / "outputs" / layout.CLAIMS / f"{record.parent.name}.lock"):
                os.kill(pid, signal.SIGKILL)
                killed.append(record.parent.name)
                return
        time.sleep(0.02)


def holders(lock: Path) -> list[int]:
    found = []
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and any(os.readlink(fd) == str(lock) for fd in (process / "fd").iterdir()):
                found.append(int(process.name))
        except OSError:
            continue
    return found
