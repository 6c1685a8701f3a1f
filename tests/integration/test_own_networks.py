"""Five networks of one's own, without a line of this package: trained, removed from, resumed, on both backends."""

import json
import re
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support import commands

import ablation
from ablation.cli.composition import compose
from ablation.data import load as load_data
from ablation.model import initialization

pytestmark = pytest.mark.integration
OWN = Path(__file__).resolve().parents[1] / "support" / "own"
SHAPES = {"cnn": (8, 8, 1), "mlp": (20,), "signal": (64, 3), "mobilenet": (32, 32, 3), "vit": (8, 8, 1)}
QUICK = ("cnn", "mlp")  # a run of the others takes half a minute
REMOVALS = {
    "cnn": "model.attention=false",
    "mlp": "model.norm=false",
    "signal": "model.norm=false",
    "mobilenet": "model.pooling=false",
    "vit": "model.attention=false",
}


def written(tmp_path: Path, name: str, is_named: bool) -> Path:
    """The file of a network, if need be without the names of its layers."""
    text = (OWN / f"{name}.py").read_text()
    path = tmp_path / f"{name}_{'named' if is_named else 'unnamed'}.py"
    path.write_text(text if is_named else re.sub(r'(, )?name=f?"[^"]*"', "", text))
    return path


def data(tmp_path: Path, name: str) -> list[str]:
    """Overrides that choose data of the shape that the network is for."""
    generator = np.random.default_rng(0)
    if name in ("cnn", "vit"):
        return ["data=digits", "data.limit=100"]
    labels = np.arange(90) % 3
    if name == "mobilenet":
        for i, label in enumerate(labels):
            pixels = generator.integers(0, 160, (20, 24, 3)).astype("uint8")
            pixels[..., label] += 90
            (tmp_path / "folder" / "abc"[label]).mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(tmp_path / "folder" / "abc"[label] / f"{i}.png")
        return ["data=folder", f"data.root={tmp_path / 'folder'}", "data.image_size=32", "data.holdout_test=0.2"]
    values = generator.normal(size=(90, *SHAPES[name])) + labels.reshape(-1, *[1] * len(SHAPES[name]))
    np.savez(tmp_path / "data.npz", x_train=values, y_train=labels)
    return ["data=npz", f"data.file={tmp_path / 'data.npz'}", "data.holdout_test=0.2"]


@pytest.mark.parametrize("is_named", [True, False], ids=["named", "unnamed"])
@pytest.mark.parametrize("name", SHAPES)
def test_a_removal_keeps_all_other_initial_weights(tmp_path, name, is_named):
    words = [f"plugins=[{written(tmp_path, name, is_named)}]", f"model={name}", "seed=5"]
    baseline, variant = (
        {start.key: np.asarray(start.variable) for start in initialization.starts(model)}
        for model in (
            ablation.build(words, SHAPES[name], 4),
            ablation.build([*words, REMOVALS[name]], SHAPES[name], 4),
        )
    )
    shared = {key for key in baseline.keys() & variant.keys() if baseline[key].shape == variant[key].shape}
    assert len(shared) >= len(variant) - 2  # without pooling, the classifier has another shape
    for key in shared:
        assert np.array_equal(baseline[key], variant[key]), key


@pytest.mark.parametrize(
    ("name", "backend"),
    [
        *[(name, "tensorflow") for name in QUICK],
        *[pytest.param(name, "tensorflow", marks=pytest.mark.slow) for name in SHAPES if name not in QUICK],
        *[pytest.param(name, "jax", marks=pytest.mark.slow) for name in SHAPES],
    ],
)
def test_a_killed_run_resumes_to_the_bit(tmp_path, name, backend):
    words = [f"plugins=[{written(tmp_path, name, True)}]", f"model={name}", *data(tmp_path, name), f"backend={backend}"]
    words += ["train=quickstart", "train.epochs=30", "train.batch_size=16", "train.ema_momentum=0.9"]
    commands.ablate(tmp_path, *words, "outputs=whole")
    killed = commands.start(tmp_path, *words, "outputs=killed")
    commands.wait_for(lambda: any((tmp_path / "killed").glob("*/history.csv")))
    killed.signal(signal.SIGKILL)
    killed.wait()
    said = commands.ablate(tmp_path, *words, "outputs=killed")
    assert "resuming at step" in said or "already completed" in said
    whole, resumed = (commands.result(commands.runs(tmp_path / folder)[0]) for folder in ("whole", "killed"))
    assert whole == resumed


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name == "mobilenet" else name for name in SHAPES]
)
@pytest.mark.parametrize(
    "more", [[], ["train.ema_momentum=0.9", "train.precision=mixed_bfloat16"]], ids=["", "ema half"]
)
def test_a_loaded_network_has_the_accuracy_that_the_run_recorded(tmp_path, name, more):
    file = written(tmp_path, name, True)
    words = [f"plugins=[{file}]", f"model={name}", *data(tmp_path, name), "train=quickstart", "train.epochs=3", *more]
    commands.ablate(tmp_path, *words)
    (run,) = commands.runs(tmp_path / "outputs")
    model = ablation.load(run, plugins=[file])
    test = load_data(compose(words).config.data).test
    values, labels = test.take(np.arange(len(test)))
    correct = np.argmax(model.predict(values, verbose=0), axis=1) == labels
    assert float(correct.mean()) == commands.strict(run / "run.json")["metrics"]["test"]["accuracy"]


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
@pytest.mark.parametrize("is_named", [True, False], ids=["named", "unnamed"])
@pytest.mark.parametrize("name", SHAPES)
def test_a_study_of_all_its_parts_is_planned_run_and_judged(tmp_path, name, is_named, backend):
    file = written(tmp_path, name, is_named)
    (tmp_path / "my" / "study").mkdir(parents=True)
    baseline = [f"model={name}", *data(tmp_path, name), "train=quickstart", "train.epochs=2"]
    body = {"baseline": baseline, "components": "auto", "seeds": 3}
    (tmp_path / "my" / "study" / "parts.yaml").write_text(f"# @package _global_\nstudy: {json.dumps(body)}\n")
    words = ["--config-dir", str(tmp_path / "my"), "+study=parts", f"plugins=[{file}]", f"backend={backend}"]
    plan = commands.call(tmp_path, *words, command="ablate-plan")
    assert plan.returncode == 0 and "every removal has an effect" in plan.stdout, plan.stdout + plan.stderr
    assert f"-{REMOVALS[name].partition('.')[2].partition('=')[0]}" in plan.stdout
    ran = subprocess.run([commands.BIN / "ablate", "-m", *words], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode in (0, 2) and "Traceback" not in ran.stderr, ran.stdout + ran.stderr
    judged = commands.call(tmp_path, "outputs", "--out", "compared", command="ablate-compare")
    assert judged.returncode in (0, 2), judged.stdout + judged.stderr
    table = json.loads((tmp_path / "compared" / "table.json").read_text())
    verdicts = {variant["variant"]: variant["verdict"] for variant in table["variants"]}
    assert len(verdicts) > 3 and set(list(verdicts.values())[1:]) <= {"better", "worse", "equivalent", "inconclusive"}


def test_a_sweep_trains_in_one_process_what_single_runs_train(tmp_path):
    words = [f"plugins=[{written(tmp_path, 'cnn', False)}]", "model=cnn", "data=digits", "data.limit=100"]
    words += ["train=quickstart", "train.epochs=2"]
    commands.ablate(tmp_path, "-m", *words, "seed=0,1", "model.attention=true,false", "outputs=sweep")
    commands.ablate(tmp_path, *words, "seed=1", "model.attention=false", "outputs=alone")
    (alone,) = commands.runs(tmp_path / "alone")
    assert commands.result(tmp_path / "sweep" / alone.name) == commands.result(alone)


def test_a_removal_of_a_part_that_is_not_used_is_noted(tmp_path):
    file = tmp_path / "net.py"
    file.write_text(
        "import keras\nfrom keras import layers\n\n\n"
        "class Net(keras.Model):\n"
        "    def __init__(self, input_shape, classes, *, gate: bool = True):\n"
        "        super().__init__()\n"
        "        self.gate = layers.Dense(4) if gate else None\n"
        "        self.body, self.last = layers.Flatten(), layers.Dense(classes)\n\n"
        "    def call(self, x):\n"
        "        x = self.body(x)\n"
        "        if self.gate:\n"
        "            self.gate(x)\n"
        "        return self.last(x)\n\n\n"
        "NETWORKS = {'mine': Net}\n"
    )
    (tmp_path / "my" / "study").mkdir(parents=True)
    body = {
        "baseline": ["model=mine", "data=digits", "data.limit=100", "train=quickstart", "train.weight_decay=0"],
        "components": {"gate": ["model.gate=false"]},
    }
    (tmp_path / "my" / "study" / "parts.yaml").write_text(f"# @package _global_\nstudy: {json.dumps(body)}\n")
    words = ["--config-dir", str(tmp_path / "my"), "+study=parts", f"plugins=[{file}]"]
    plan = commands.call(tmp_path, *words, command="ablate-plan")
    assert plan.returncode == 0 and "-gate has other layers than the baseline" in plan.stdout, plan.stdout + plan.stderr
