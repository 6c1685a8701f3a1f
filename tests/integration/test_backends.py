"""The other backend: the same layer passes the same tests, and networks begin with the same bytes."""

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

import ablation

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
TASK = ((8, 8, 1), 5)
NETWORKS = {
    "vgg": ["model=vgg16", "model.head=global_pool", "model.repeats=[1,2]", "model.width=4", "model.norm=batch"],
    "resnet": ["model=resnet18", "model.repeats=[1,1]", "model.width=4", "model.stem=imagenet", "model.dropout=0.1"],
    "bottleneck": ["model=resnet50", "model.repeats=[1,1]", "model.width=4", "model.initializer=glorot_uniform"],
    "plain": ["model=plain18", "model.repeats=[1,1]", "model.width=4", "model.norm=group"],
    "resnet_cifar": ["model=resnet_cifar", "model.depth=8", "model.width=4"],
    "shake": ["model=shake26", "model.depth=8", "model.width=4"],
    "pre": ["model=resnet_cifar", "model.depth=8", "model.width=4", "model.order=pre", "model.stochastic_depth=0.5"],
    "resnext": ["model=resnet50", "model.repeats=[1,1]", "model.width=4", "model.groups=2", "model.squeeze_excite=4"],
}


@pytest.fixture(autouse=True)
def jax():
    if importlib.util.find_spec("jax") is None:
        pytest.skip("JAX is not installed; pip install '.[jax]'")


def python(*arguments: str, backend: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "KERAS_BACKEND": backend}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300
    )


def fingerprints() -> dict[str, dict]:
    """Of each network on this process's backend: hash of all weights, the seeds of its layers, logits of one image."""
    image = np.random.default_rng(0).normal(size=(1, *TASK[0])).astype("float32")
    return {name: fingerprint(ablation.build([*o, "seed=3"], *TASK), image) for name, o in NETWORKS.items()}


def fingerprint(network: keras.Model, image: np.ndarray) -> dict:
    weights = hashlib.sha256()
    for weight in sorted(network.weights, key=lambda w: w.path):
        weights.update(weight.path.encode() + np.asarray(weight).tobytes())
    drawing = (layer for layer in network.layers if hasattr(layer, "seed_generator"))
    return {
        "weights": weights.hexdigest(),
        "seeds": {layer.name: np.asarray(layer.seed_generator.state).tolist() for layer in drawing},
        "logits": network.predict(image, verbose=0).tolist(),
    }


FILES = [
    "tests/model/blocks/test_shake.py",
    "tests/model/blocks/test_stochastic_depth.py",
    "tests/training/test_jax_engine.py",
]


SLOW_FILES = ["tests/training/test_engine.py", "tests/run/test_compiled.py"]


@pytest.mark.parametrize("files", [FILES, *(pytest.param([file], marks=pytest.mark.slow) for file in SLOW_FILES)])
def test_the_tests_of_layers_that_draw_and_of_engines_pass_on_jax(files):
    """One of each file asserts that KERAS_BACKEND is the backend that Keras took."""
    done = python("-m", "pytest", *files, "-q", "-p", "no:cacheprovider", "-rA", backend="jax")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    for file in files:
        assert f"PASSED {file}::test_the_backend_is_the_one_asked_for" in done.stdout
    assert "SKIPPED" not in done.stdout


@pytest.mark.slow
def test_networks_of_every_family_begin_with_equal_bytes_on_both_backends():
    """And give the same logits with them, to rounding."""
    other = {"tensorflow": "jax", "jax": "tensorflow"}[keras.backend.backend()]
    done = python(__file__, backend=other)
    assert done.returncode == 0, done.stderr[-3000:]
    there, here = json.loads(done.stdout.splitlines()[-1]), fingerprints()
    assert there.pop("backend") == other
    assert there.keys() == here.keys() == NETWORKS.keys()
    for name in NETWORKS:
        assert there[name]["weights"] == here[name]["weights"], name
        assert there[name]["seeds"] == here[name]["seeds"], name
        np.testing.assert_allclose(there[name]["logits"], here[name]["logits"], rtol=1e-3, atol=1e-4, err_msg=name)
    assert len({network["weights"] for network in here.values()}) == len(NETWORKS)
    assert here["shake"]["seeds"] and here["resnet"]["seeds"] and here["pre"]["seeds"]


if __name__ == "__main__":
    print(json.dumps({"backend": keras.backend.backend(), **fingerprints()}))


@pytest.mark.slow
def test_a_run_with_loaded_programs_equals_one_that_compiled_them(tmp_path):
    """The first compiles, the second loads, the third finds damaged programs."""
    results = []
    words = ["model=resnet_cifar", "model.depth=8", "model.width=4", "data=digits", "train.epochs=1", "backend=jax"]
    programs = tmp_path / "cache" / "ablate" / "jax"
    for number in range(3):
        if number == 2:
            for path in programs.iterdir():
                path.write_bytes(path.read_bytes()[:-1])
        done = subprocess.run(
            [sys.executable, "-m", "ablation", *words, f"outputs={tmp_path / str(number)}"],
            env=os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert (done.returncode, done.stderr) == (0, "")
        (weights,) = (tmp_path / str(number)).glob("*/weights.npz")
        with np.load(weights) as arrays:
            results.append((len(list(programs.iterdir())), {name: arrays[name].tobytes() for name in arrays.files}))
    assert results[0] == results[1] == results[2] and results[0][0] > 2
