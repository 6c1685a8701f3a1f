"""The network of a run, restored: the images that it classifies correctly are, to the last one, those of the record."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support import commands, fake_runs

from ablation.errors import AblateError
from ablation.run import trained_network
from ablation.rundir import layout
from ablation.rundir import record as rundir_record

OWN = Path(__file__).resolve().parents[1] / "support" / "own"
QUICK = ("data=digits", "train=quickstart", "train.epochs=2", "model.width=4")
SHORT = ("model.repeats=[1,1]", *QUICK)
RUNS = {  # every shipped family, with both normalisations, EMA and both half precisions
    "vgg": (
        "model=vgg16",
        *SHORT,
        "model.head=global_pool",
        "data.normalize=none",
        "model.dropout=0.5",
        "train.ema_momentum=0.9",
    ),
    "basic": ("model=resnet18", *SHORT, "model.stochastic_depth=0.5", "model.squeeze_excite=2"),
    "basic_pre": ("model=resnet18", *SHORT, "model.order=pre", "model.norm=group", "train.precision=mixed_float16"),
    "bottleneck": ("model=resnet50", *SHORT, "train.precision=mixed_bfloat16", "train.ema_momentum=0.9"),
    "cifar": ("model=resnet_cifar", "model.depth=8", *QUICK, "model.shortcut=identity_pad", "data.normalize=none"),
    "shake": ("model=shake26", "model.depth=8", *QUICK, "train.precision=mixed_bfloat16", "train.ema_momentum=0.9"),
}
# In a new process that cannot import this package, the logits of the saved network and of the exported one.
ELSEWHERE = """
import sys
sys.modules["ablation"] = None
import keras, numpy as np
pixels = np.load(sys.argv[2])
np.save(sys.argv[3], keras.models.load_model(sys.argv[1]).predict(pixels, verbose=0))
"""
ON_JAX = """
import sys
import numpy as np
import ablation
pixels = np.load(sys.argv[2])
np.save(sys.argv[3], ablation.load(sys.argv[1]).predict(pixels, verbose=0))
import keras
assert keras.backend.backend() == "jax"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def trained(folder):
    """The directory of each run, which is trained when it is first asked for."""
    made: dict[str, Path] = {}

    def run(name: str) -> Path:
        if name not in made:
            commands.ablate(folder, *RUNS[name], f"outputs={name}")
            (made[name],) = commands.runs(folder / name)
        return made[name]

    return run


@pytest.fixture(scope="module")
def digits():
    """Pixels and labels of the test images, uint8 (n, 8, 8, 1) and int32 (n,)."""
    from ablation import data
    from ablation.cli.composition import compose

    images = data.load(compose(["data=digits"]).config.data)
    assert images.test is not None
    return images.test.take(np.arange(len(images.test)))


def correct(run: Path, images: int) -> np.ndarray:
    with np.load(run / layout.CORRECT) as file:
        return np.unpackbits(file["test_last"], count=images).astype(bool)


@pytest.mark.integration
@pytest.mark.parametrize("name", RUNS)
def test_every_family_reproduces_the_recorded_test_accuracy(trained, digits, name):
    import keras

    import ablation

    policy = keras.config.dtype_policy()
    pixels, labels = digits
    network = ablation.load(trained(name))
    logits = network.predict(pixels, verbose=0)
    np.testing.assert_array_equal(logits.argmax(axis=1) == labels, correct(trained(name), len(labels)))
    recorded = rundir_record.read_record(trained(name)).metrics.scores["test"]
    assert (logits.argmax(axis=1) == labels).mean() == recorded["accuracy"]
    loss = keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)
    assert np.mean(loss) == pytest.approx(recorded["loss"], rel=1e-5)
    assert logits.dtype == "float32" and keras.config.dtype_policy() == policy
    np.testing.assert_array_equal(network.predict(pixels.astype("float32"), verbose=0), logits)
    np.testing.assert_array_equal(network.predict(pixels, verbose=0), logits)  # nothing is drawn at inference


@pytest.mark.integration
@pytest.mark.parametrize(
    "name", [pytest.param("basic", marks=pytest.mark.slow), pytest.param("shake", marks=pytest.mark.slow), "cifar"]
)
def test_a_saved_network_is_read_without_this_package(trained, digits, tmp_path, name):
    import ablation

    network, pixels = ablation.load(trained(name)), digits[0]
    network.save(tmp_path / "network.keras")
    np.save(tmp_path / "pixels.npy", pixels)
    words = [tmp_path / "network.keras", tmp_path / "pixels.npy", tmp_path / "logits.npy"]
    done = subprocess.run([sys.executable, "-c", ELSEWHERE, *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    np.testing.assert_array_equal(np.load(tmp_path / "logits.npy"), network.predict(pixels, verbose=0))


@pytest.mark.integration
def test_an_exported_network_takes_images_as_stored(trained, digits, tmp_path):
    import tensorflow as tf

    import ablation

    network, pixels = ablation.load(trained("basic")), digits[0][:8]
    network.export(tmp_path / "exported")
    exported = tf.saved_model.load(tmp_path / "exported")
    np.testing.assert_allclose(
        exported.serve(pixels.astype("float32")), network.predict(pixels, verbose=0), rtol=1e-5, atol=1e-5
    )


@pytest.mark.slow
@pytest.mark.integration
def test_a_run_of_one_backend_is_loaded_on_another(trained, digits, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    pixels, labels = digits
    np.save(tmp_path / "pixels.npy", pixels)
    words = [trained("cifar"), tmp_path / "pixels.npy", tmp_path / "logits.npy"]
    done = subprocess.run([sys.executable, "-c", ON_JAX, *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    found = np.load(tmp_path / "logits.npy").argmax(axis=1) == labels
    np.testing.assert_array_equal(found, correct(trained("cifar"), len(labels)))


@pytest.mark.integration
def test_layers_have_the_names_of_the_record_and_their_outputs_can_be_taken(trained, digits):
    import keras

    import ablation

    network = ablation.load(trained("basic"))
    with np.load(trained("basic") / layout.WEIGHTS) as file:
        assert {weight.path for weight in network.weights} == set(file.files)
    assert network.name == "seresnet6" and network.layers[1].name == "normalization"
    features = keras.Model(network.inputs, network.get_layer("head_pool").output)
    assert features.predict(digits[0][:2], verbose=0).shape == (2, 8)
    assert {type(layer).__module__.split(".")[0] for layer in network.layers} == {"keras"}


# ---------------------------------------------------------------- what is refused


@pytest.fixture
def copy(trained, tmp_path):
    """A copy of a run, to be damaged."""
    return Path(shutil.copytree(trained("cifar"), tmp_path / trained("cifar").name))


def refusal(run, **options) -> str:
    import ablation

    with pytest.raises(AblateError) as caught:
        ablation.load(run, **options)
    text = str(caught.value)
    assert all(part in text for part in ("Received ", "Allowed: "))
    return text


def rewrite(run: Path, **changes) -> None:
    """Change fields of a record, which then has the checksums that a run writes."""
    values = fake_runs.read_json(run)
    for path, value in changes.items():
        *parents, last = path.split("__")
        place = values
        for part in parents:
            place = place[part]
        place[last] = value
    fake_runs.write_json(run, values)


def test_only_a_network_of_a_plugin_needs_one():
    assert not trained_network._is_of_plugin({"family": "resnet", "block": "basic", "norm": "batch", "width": 4})
    assert not trained_network._is_of_plugin({"family": "vgg", "block": None, "norm": "none"})
    assert trained_network._is_of_plugin({"family": "resnet", "block": "separable", "norm": "batch"})
    assert trained_network._is_of_plugin({"family": "mine"})


def test_a_folder_without_a_run_is_refused(tmp_path):
    assert "There is no such folder. Received " in refusal(tmp_path / "missing")
    assert "it has no run.json" in refusal(tmp_path)
    fake_runs.sweep(tmp_path / "outputs", {"plain34": 0.5}, seeds=4)
    assert "It contains 4 runs: plain34-digits-s0-" in refusal(tmp_path / "outputs")


@pytest.mark.parametrize(
    ("status", "remedy"),
    [("diverged", "with rerun=true"), ("failed", "to finish it"), ("running", "to finish it")],
)
def test_a_run_without_a_result_is_refused(tmp_path, status, remedy):
    run = fake_runs.write(tmp_path, fake_runs.config(), status=status)
    shown = "interrupted" if status == "running" else status
    text = refusal(run)
    assert f"The run has no result, because it is {shown}." in text and text.endswith(remedy)


def test_a_run_that_kept_no_weights_is_refused(tmp_path):
    run = fake_runs.write(tmp_path, fake_runs.config(**{"train.keep_weights": False}))
    text = refusal(run / "run.json")
    assert "kept no weights, because of train.keep_weights=false." in text and "rerun=true" in text


@pytest.mark.integration
def test_a_damaged_record_or_file_is_refused(copy):
    content = (copy / layout.WEIGHTS).read_bytes()
    (copy / layout.WEIGHTS).write_bytes(content[:-1] + b"x")
    assert "weights.npz does not match its checksum" in refusal(copy)
    (copy / layout.WEIGHTS).unlink()
    assert "weights.npz: No such file" in refusal(copy)
    record = (copy / layout.RECORD).read_text()
    (copy / layout.RECORD).write_text(record.replace('"seed": 0', '"seed": 1'))
    assert "run.json does not match its checksum" in refusal(copy)


@pytest.mark.integration
def test_weights_of_another_network_are_refused_before_it_is_built(copy):
    rewrite(copy, config__model__width=2**16, config__model__depth=14)
    text = refusal(copy)
    assert "The weights do not fit the network of the record: they differ in classifier/kernel" in text
    rewrite(copy, config__model__width="wide")
    assert "Received model.width=wide" in refusal(copy)
    rewrite(copy, config__model__width=4, config__model__depth=9)
    assert "model.depth=9" in refusal(copy)
    rewrite(copy, config__model__depth=8, config__model__colour="blue")
    assert "keys of the network that this version does not know: colour" in refusal(copy)


@pytest.mark.integration
def test_a_plugin_runs_only_if_the_caller_names_it(folder, digits, tmp_path):
    import ablation

    written = (OWN / "cnn.py").read_text()
    file, sign = tmp_path / "mine.py", tmp_path / "executed"
    file.write_text(f"{written}\nopen({str(sign)!r}, 'a').close()\n")
    words = [f"plugins=[{file}]", f"model={name_in(written)}", "data=digits", "train=quickstart", "train.epochs=1"]
    commands.ablate(folder, *words, "outputs=plugin")
    (run,) = commands.runs(folder / "plugin")
    sign.unlink()
    text = refusal(run)
    assert "a record never makes ablation.load run a file" in text and f"plugins=['{file}']" in text
    assert not sign.exists()
    pixels, labels = digits
    network = ablation.load(run, plugins=[file])
    assert sign.exists()
    found = network.predict(pixels, verbose=0).argmax(axis=1) == labels
    np.testing.assert_array_equal(found, correct(run, len(labels)))
    file.write_text(f"{written}\n# another\n")
    assert "has changed since the run" in refusal(run, plugins=[file])


def name_in(plugin: str) -> str:
    """The first name in the NETWORKS of a plugin."""
    return json.loads("[" + plugin.split("NETWORKS = {")[1].split(":")[0] + "]")[0]
