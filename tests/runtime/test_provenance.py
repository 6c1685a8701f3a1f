"""Versions, hardware, git commit, and the class within which equal commands give equal bits."""

import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

import ablation
from ablation.config.backends import FLAGS, SHAPING
from ablation.config.schema import Config
from ablation.runtime import provenance


@pytest.fixture
def machine(monkeypatch):
    """A machine with one processor and two GPUs, and no variable that shapes results."""
    monkeypatch.setattr(provenance, "devices", lambda backend: [f"gpu:{backend}", "gpu:second"])
    monkeypatch.setattr(provenance, "processor_name", lambda: "Xeon")
    monkeypatch.setattr(provenance, "vector_extensions", lambda: "avx fma")
    for name in FLAGS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def exactness(machine):
    """Of a config, with two threads, on data with a digest."""
    pytest.importorskip("keras")
    return lambda threads=2, data="d", **keys: provenance.exactness(Config(**keys), threads, data)


def test_versions_are_those_of_the_distributions(monkeypatch):
    def installed(package):
        if package == "jax":
            raise PackageNotFoundError(package)
        return f"{package} 1"

    monkeypatch.setattr(provenance, "version", installed)
    provenance.package_versions.cache_clear()
    try:
        found = provenance.versions()
    finally:
        provenance.package_versions.cache_clear()
    assert (found["python"], found["ablation"]) == (platform.python_version(), ablation.__version__)
    assert found["keras"] == "keras 1" and "jax" not in found and "tensorflow-datasets" in found
    monkeypatch.undo()
    assert provenance.versions()["numpy"] == version("numpy")


def test_hardware_is_all_that_the_run_could_see(machine):
    found = provenance.hardware("tensorflow")
    assert found["devices"] == ["gpu:tensorflow", "gpu:second"] and found["processor"] == "Xeon"
    assert (found["machine"], found["system"]) == (platform.machine(), platform.system())


def test_a_class_is_a_digest_of_what_shapes_the_bits(exactness):
    first = exactness()
    assert first == exactness() and len(first["class"]) == 16 and first["exact"]
    assert first["devices"] == ["gpu:tensorflow"]  # a run computes on one
    assert set(first["versions"]) <= set(SHAPING["tensorflow"]) and {"keras", "numpy"} <= set(first["versions"])
    others = [exactness(threads=3), exactness(data="e"), exactness(backend="jax"), exactness(deterministic=False)]
    assert len({first["class"], *(other["class"] for other in others)}) == 5
    assert [other["exact"] for other in others] == [True, True, True, False]
    assert exactness(seed=7)["class"] == first["class"]


def test_a_variable_that_changes_kernels_is_recorded_and_no_other(exactness, monkeypatch):
    before = exactness()
    monkeypatch.setenv("A_TOKEN", "hunter2")
    assert exactness() == before and before["flags"] == {}
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    after = exactness()
    assert after["flags"] == {"OMP_NUM_THREADS": "3"} and after["class"] != before["class"]


def test_every_place_of_the_code_that_shapes_results_is_there():
    package = Path(ablation.__file__).parent
    places = [package / name for names in provenance.CODE.values() for name in names]
    assert all(place.exists() for place in places) and len(set(places)) == len(places)
    assert set(provenance.SHAPING_CODE) <= set(provenance.CODE)
    assert len(provenance.code()) == 16 and int(provenance.code(), 16) >= 0


@pytest.mark.parametrize("changed", [False, True])
def test_the_commit_is_that_of_the_checkout(monkeypatch, tmp_path, changed):
    module = tmp_path / "package" / "runtime" / "provenance.py"
    module.parent.mkdir(parents=True)
    module.write_text("")

    def git(*words: str) -> str:
        who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        return subprocess.run(["git", *who, *words], cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    git("init", "-q")
    git("commit", "-qm", "of something else", "--allow-empty")
    monkeypatch.setattr(provenance, "__file__", str(module))
    assert provenance.git() is None  # a checkout of something else, in which this package is installed
    git("add", ".")
    git("commit", "-qm", "the package")
    if changed:
        module.write_text("pass")
    (tmp_path / "results.csv").write_text("")  # of the user's, outside the package
    assert provenance.git() == {"commit": git("rev-parse", "HEAD").strip(), "dirty": changed}


def test_without_git_or_a_checkout_there_is_no_commit(monkeypatch, tmp_path):
    monkeypatch.setattr(provenance, "__file__", str(tmp_path / "package" / "runtime" / "provenance.py"))
    (tmp_path / "package").mkdir()
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert provenance.git() is None
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent / "nowhere"))
    assert provenance.git() is None
