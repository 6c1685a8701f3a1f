"""Payloads in configurations and run directories: each tries to make a file called `fired`, and none does."""

import io
import itertools
import json
import os
import pickle
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from support.commands import TINY, ablate, call, runs

from ablation.rundir import job_status, layout
from ablation.rundir import record as rundir_record

pytestmark = pytest.mark.integration

SMALL = [*TINY[:3], "train=quickstart", "train.epochs=1", "data.limit=100"]


class Payload:
    """Unpickled, it makes a file."""

    def __init__(self, marker: Path):
        self.marker = marker

    def __reduce__(self):
        return os.system, (f"touch {self.marker}",)


def calls(folder: Path) -> dict[str, dict]:
    """What Hydra would call, if it were let."""
    marker, pickled = folder / "fired", folder / "payload.pkl"
    pickled.write_bytes(pickle.dumps(Payload(marker)))
    script = folder / "payload.py"
    script.write_text(f"open({str(marker)!r}, 'w')")
    return {
        "system": {"_target_": "os.system", "command": f"touch {marker}"},
        "pickle": {"_target_": "pandas.read_pickle", "filepath_or_buffer": str(pickled)},
        "numpy": {"_target_": "numpy.load", "file": str(pickled), "allow_pickle": True},
        "handler": {"_target_": "logging.FileHandler", "filename": str(marker)},
        "run_path": {"_target_": "runpy.run_path", "path_name": str(script)},
    }


def below(*keys: str):
    """Put a node there, in a file that speaks of the whole config."""

    def place(node: dict) -> dict:
        for key in reversed(keys):
            node = {key: node}
        return node

    return place


PLACES = {
    "model": below("model"),
    "data": below("data"),
    "train": below("train"),
    "root": below("anything"),
    "tags": lambda node: {"tags": [node]},
    "callback": below("hydra", "callbacks", "mine"),
    "launcher": below("hydra", "launcher"),
    "within the launcher": below("hydra", "launcher", "more"),
    "sweeper": below("hydra", "sweeper"),
    "within the sweeper": below("hydra", "sweeper", "params"),
    "logging": lambda node: below("hydra", "job_logging", "handlers", "mine")(_as_factory(node)),
    "hydra's logging": lambda node: below("hydra", "hydra_logging", "handlers", "mine")(_as_factory(node)),
}
CALLS = ("system", "pickle", "numpy", "handler", "run_path")


def _as_factory(node: dict) -> dict:
    return {"()" if k == "_target_" else k: v for k, v in node.items()}


def config(folder: Path, content: dict) -> list[str]:
    """A folder of somebody's configs, and the words that choose it."""
    file = folder / "theirs" / "extra" / "payload.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("# @package _global_\n" + yaml.safe_dump(content))
    return ["--config-dir", str(file.parents[1]), "+extra=payload"]


@pytest.mark.parametrize(("place", "name"), list(itertools.product(PLACES, CALLS)), ids=str)
def test_no_config_calls_anything(place, name, tmp_path, in_process):
    words = config(tmp_path, PLACES[place](calls(tmp_path)[name]))
    for mode in (["-m", "seed=0,1"], ["--cfg", "job"]) if place in ("callback", "sweeper") else (["-m", "seed=0,1"],):
        done = in_process(*mode, *words, *SMALL)
        assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
        assert not (tmp_path / "fired").exists() and not (tmp_path / "outputs").exists()


@pytest.mark.parametrize("place", ["callback", "hydra's logging"])
def test_nor_does_the_command_in_a_process_of_its_own(place, tmp_path):
    words = config(tmp_path, PLACES[place](calls(tmp_path)["handler"]))
    done = call(tmp_path, "-m", "seed=0,1", *words, *SMALL)
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    assert not (tmp_path / "fired").exists() and not (tmp_path / "outputs").exists()


@pytest.mark.parametrize("name", ["pickle", "handler"])
def test_the_payloads_are_live(name, tmp_path):
    """A plain Hydra application lets them through."""
    config(tmp_path, PLACES["callback"](calls(tmp_path)[name]))
    (tmp_path / "theirs" / "config.yaml").write_text("seed: 0\n")
    app = "import hydra\nhydra.main(config_path={!r}, config_name='config', version_base='1.3')(print)()"
    done = subprocess.run(
        [sys.executable, "-c", app.format(str(tmp_path / "theirs")), "+extra=payload"], cwd=tmp_path, check=False
    )
    assert (tmp_path / "fired").exists(), done


@pytest.mark.parametrize(
    "word",
    [
        "+model._target_=os.system",
        "+hydra.callbacks.mine._target_=os.system",
        "hydra.launcher._target_=os.system",
        "hydra.sweeper._target_=hydra_plugins.nothing.os.system",
        '+hydra.callbacks.mine=${oc.create:"{_target_: os.system}"}',
        '+hydra.launcher.mine=${oc.create:"{_target_: os.system}"}',
        "+hydra.job.env_set.LD_PRELOAD=/tmp/payload.so",
        "+hydra.job.env_set.PYTHONPATH=/tmp/theirs",
        "+hydra.job.env_set.GIT_EXTERNAL_DIFF=touch",
        "+hydra.job.env_set.HOME=/tmp/theirs",
        "+hydra.job.env_set.PJRT_NAMES_AND_LIBRARY_PATHS=x:/tmp/payload.so",
        "+hydra.job.env_set.OPENSSL_CONF=/tmp/payload.cnf",
        "hydra.run.dir=/tmp/theirs",
        "hydra.sweep.dir=theirs",
        "hydra.output_subdir=theirs",
    ],
)
def test_no_override_calls_or_loads_anything(word, tmp_path, in_process):
    done = in_process("-m", word, *SMALL)
    assert done.returncode == 1 and "Traceback" not in done.stderr and list(tmp_path.iterdir()) == [], done.stderr


@pytest.mark.parametrize("tag", ["object/apply:os.system", "object/new:os.system", "name:os.system", "module:os"])
def test_no_tag_of_yaml_makes_an_object(tag, tmp_path, in_process):
    file = tmp_path / "theirs" / "model" / "payload.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(f"defaults: [resnet34]\nname: !!python/{tag} ['touch {tmp_path}/fired']\n")
    done = in_process("--config-dir", str(tmp_path / "theirs"), "model=payload")
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    assert not (tmp_path / "fired").exists()


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("finished")
    ablate(folder, *SMALL)
    (run,) = runs(folder)
    return {path.relative_to(run): path.read_bytes() for path in run.rglob("*") if path.is_file()}, run.name


@pytest.fixture
def run(finished, tmp_path):
    """A copy of a finished run that its record calls interrupted, so that the same command goes on with it."""
    files, name = finished
    for path, content in files.items():
        target = tmp_path / "outputs" / name / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    directory = tmp_path / "outputs" / name
    record = rundir_record.read_record(directory)
    rundir_record.write_record(directory, replace(record, status="interrupted", files=None))
    return directory


def pickled(marker: Path) -> bytes:
    return pickle.dumps(Payload(marker))


def objects(marker: Path) -> bytes:
    """An archive of arrays whose elements are objects."""
    content = io.BytesIO()
    np.savez(content, rest=np.array([Payload(marker)], dtype=object))
    return content.getvalue()


def member(marker: Path) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("rest.npy", pickled(marker))
        archive.writestr("../../../fired", "fired")
    return content.getvalue()


def bomb(_: Path) -> bytes:
    """Claims to hold 8 TB."""
    content, header = io.BytesIO(), b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }"
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        text = header + b" " * (118 - len(header) - 1) + b"\n"
        archive.writestr("rest.npy", b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + bytes(1000))
    return content.getvalue()


@pytest.mark.parametrize("content", [pickled, objects, member, bomb], ids=lambda f: f.__name__)
@pytest.mark.parametrize("name", [layout.CHECKPOINT, layout.WEIGHTS, layout.CORRECT, layout.RECORD, layout.HISTORY])
def test_no_file_of_a_run_is_executed_by_comparing(content, name, run, tmp_path, in_process):
    (run / name).write_bytes(content(tmp_path / "fired"))
    assert in_process("outputs", command="ablate-compare").returncode in (0, 1, 2)
    assert not list(tmp_path.rglob("fired"))


@pytest.mark.parametrize(
    ("name", "content"),
    [(layout.CHECKPOINT, content) for content in (pickled, objects, member, bomb)] + [(layout.RECORD, pickled)],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_nor_by_resuming(name, content, run, tmp_path):
    (run / name).write_bytes(content(tmp_path / "fired"))
    done = call(tmp_path, *SMALL)
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
    assert not list(tmp_path.rglob("fired"))


def test_what_a_run_says_of_its_config_is_not_composed_again(run, tmp_path):
    node = calls(tmp_path)["pickle"]
    payload = {"hydra": {"callbacks": {"mine": node}}, "model": node}
    (run / ".hydra" / "config.yaml").write_text(yaml.safe_dump(payload))
    record = rundir_record.read_record(run)
    rundir_record.write_record(run, replace(record, config={**record.config, **payload}, name="${oc.env:HOME}"))
    call(tmp_path, "outputs", command="ablate-compare")
    ablate(tmp_path, *SMALL)
    assert not (tmp_path / "fired").exists()


@pytest.mark.parametrize(
    "name", [layout.LOG, layout.CHECKPOINT, layout.RECORD, ".hydra", ".", "claims", "lock", "jobs"]
)
def test_nothing_is_written_through_a_link(name, run, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("mine")
    outputs = run.parent
    path = {
        "claims": outputs / layout.CLAIMS,
        "all jobs": outputs / layout.JOBS,
        "lock": outputs / layout.CLAIMS / f"{run.name}.lock",
        "jobs": layout.job_log(outputs, run.name),
    }.get(name, run / name)
    folder = name in (".hydra", ".", "claims", "all jobs")
    if path.is_dir():
        path.rename(outside / "was")
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(outside if folder else outside / "file")
    before = {p: p.read_bytes() for p in outside.rglob("*") if p.is_file()}
    if name in ("jobs", "claims", ".", layout.RECORD):  # one of each kind: a sweep runs each of its runs as below
        call(tmp_path, "-m", *SMALL)
    done = call(tmp_path, *SMALL)
    assert {p: p.read_bytes() for p in outside.rglob("*") if p.is_file()} == before
    assert done.returncode in (0, 1) and "Traceback" not in done.stderr
    if "jobs" not in name:
        assert done.returncode == 1 and "A file or folder of a run is a symbolic link" in done.stderr


def test_a_story_of_a_job_is_data(run, tmp_path):
    story = layout.job_log(run.parent, run.name).with_suffix(".json")
    story.parent.mkdir(exist_ok=True)
    for content in (pickled(tmp_path / "fired"), b"[" * 100_000, json.dumps({"checksum": 1}).encode()):
        story.write_bytes(content)
        assert job_status.read_job_status(run.parent, run.name) is None
    assert not (tmp_path / "fired").exists()


@pytest.mark.parametrize("name", ["LD_AUDIT", "MY_LIBRARY_PATH", "ANYTHING", "XLA_FLAGS"])
def test_no_file_sets_a_variable_that_might_load_code(name, tmp_path, in_process):
    words = config(tmp_path, {"hydra": {"job": {"env_set": {name: "x"}}}})
    done = in_process(*words, *SMALL)
    assert done.returncode == 1 and "env_set" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "launcher",
    [
        [],
        pytest.param(["hydra/launcher=joblib"], marks=pytest.mark.slow),
        pytest.param(["hydra/launcher=slurm_local"], marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_no_module_is_taken_from_the_working_folder(launcher, tmp_path):
    for name in ("struct", "selectors", "socket", "pickle", "numpy", "keras"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'fired')!r}, 'w')\nraise SystemExit(3)")
    ablate(tmp_path, "-m", *SMALL, *launcher)
    assert not (tmp_path / "fired").exists()
