"""Shared by all tests: an own cache of decoded images, so that no test reads or leaves anything outside its folder."""

import gc
import os
import tempfile
from pathlib import Path

import hypothesis
import pytest

hypothesis.settings.register_profile("untimed", deadline=None)  # these machines are shared
hypothesis.settings.load_profile("untimed")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
SHARED = Path(__file__).resolve().parents[2] / "shared" / "tensorflow_datasets"


def pytest_collection_finish():
    """Keep what was imported out of garbage collections: each one would look through all of TensorFlow."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory):
    """One cache for the session, which the processes of a parallel one share: CIFAR-10 is decoded once."""
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "cache"
    place.mkdir(exist_ok=True)
    os.environ["XDG_CACHE_HOME"] = str(place)


@pytest.fixture(scope="session", autouse=True)
def _no_power_cut():
    """Do not wait for the disk: only a power cut would show it, and the tests write thousands of small files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda file: None)
        yield


@pytest.fixture(scope="session")
def prepared():
    """Real data that TFDS prepared; tests that want it skip, saying so, when it is absent."""
    place = Path(os.environ.get("TFDS_DATA_DIR", SHARED))
    if not (place / "cifar10").is_dir():
        pytest.skip(f"no prepared cifar10 in {place}; set TFDS_DATA_DIR")
    return place


@pytest.fixture(scope="module")
def exact():
    """Make TensorFlow deterministic in this process, as `ablation.runtime.backend.start` does in a run's process."""
    import keras
    from tensorflow.python.framework import config

    policy = keras.config.dtype_policy()
    config.enable_op_determinism()
    yield
    config.disable_op_determinism()
    keras.config.set_dtype_policy(policy)


@pytest.fixture(scope="module")
def quick():
    """Configs composed as the sweeper does."""
    from hydra.types import RunMode

    from ablation.cli import composer, hydra_setup, loader

    with hydra_setup.installed():
        conf_loader = loader.conf_loader()
        yield composer.Composer(conf_loader, conf_loader.load_configuration("config", [], RunMode.MULTIRUN))


@pytest.fixture
def in_process(monkeypatch, capfd, tmp_path):
    """Call a command in this process, in the test's folder: for what it refuses or only shows, at a tenth of the price.

    Returns its exit code, standard output and standard error, as a process would leave them.
    """
    from multiprocessing import util
    from subprocess import CompletedProcess

    from hydra.core.global_hydra import GlobalHydra

    from ablation.cli import ablate, ablate_compare, ablate_plan
    from ablation.cli.runs import ablate_runs
    from ablation.runtime import backend

    mains = {"ablate": ablate.main, "ablate-plan": ablate_plan.plan, "ablate-compare": ablate_compare.main}
    mains["ablate-runs"] = ablate_runs.main
    monkeypatch.setattr(backend, "start", _must_not_train)
    monkeypatch.setattr(GlobalHydra.instance(), "hydra", None)  # what `quick` keeps is put back afterwards
    util.get_temp_dir()  # of this process and its forks, before a command sets a folder that goes with the command
    monkeypatch.setattr(tempfile, "tempdir", tempfile.tempdir)
    monkeypatch.chdir(tmp_path)

    def call(*words, command="ablate") -> CompletedProcess:
        monkeypatch.setattr("sys.argv", [command, *map(str, words)])
        capfd.readouterr()
        code = mains[command]()
        return CompletedProcess(words, code, *capfd.readouterr())

    return call


def _must_not_train(*arguments, **keywords):
    raise AssertionError("a command that was called in the tests' process began to train")


@pytest.fixture(autouse=True)
def _programs_find_support(monkeypatch):
    """Programs that a test starts may import `support`, as the test itself does."""
    monkeypatch.setenv(
        "PYTHONPATH",
        os.pathsep.join([str(Path(__file__).parent), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]).rstrip(
            os.pathsep
        ),
    )
