"""End to end on digits: train, sweep, stop, go on, compare; what lies on the disk afterwards."""

import csv
import hashlib
import os
import shutil
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.commands import METRICS, TINY, ablate, call, result, runs, start, strict

import ablation
from ablation import data
from ablation.cli import composition
from ablation.data import sample_sheet
from ablation.data.augmentations import FillColours
from ablation.data.batches import Feed
from ablation.data.label_noise import add_label_noise
from ablation.rundir import claim, history, layout
from ablation.rundir import record as rundir_record
from ablation.training import checkpoint, metrics

pytestmark = pytest.mark.integration

EVERY_KEY = ["train.optimizer=adamw", "train.learning_rate=0.005", "train.weight_decay=0.1", "train.ema_momentum=0.9"]
EVERY_KEY += [
    "train.weight_decay_exclude=norm_bias",
    "train.label_smoothing=0.1",
    "data.fraction=0.8",
    "data.label_noise=0.1",
]
EVERY_KEY += [
    "train.global_clipnorm=2",
    "data.pad=black",
    "data.augment=crop",
    "data.cutout_size=3",
    "data.mixup_alpha=0.2",
    "data.normalize=none",
]


def scored(overrides: list[str], weights: dict[str, np.ndarray]) -> tuple[float, np.ndarray]:
    """Loss on the validation images and which are right, of a network with these weights and nothing of its run."""
    import keras

    cfg = composition.compose(overrides).config
    loaded = data.load(cfg.data)
    pixels, labels = loaded.validation.take(np.arange(len(loaded.validation)))
    scale = (0, 255) if cfg.data.normalize == "none" else (loaded.mean, loaded.std)
    network = ablation.build(overrides, pixels.shape[1:], len(loaded.classes))
    assert weights.keys() == {w.path for w in network.weights}
    for weight in network.weights:
        weight.assign(weights[weight.path])
    logits = network.predict((pixels.astype("float32") - scale[0]) / scale[1], verbose=0)
    losses = keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)
    return float(np.mean(losses)), logits.argmax(axis=1) == labels


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    """Four runs: plain against residual, two seeds."""
    folder = tmp_path_factory.mktemp("sweep")
    told = ablate(folder, "-m", *TINY, "model=plain_cifar,resnet_cifar", "seed=0,1")
    return folder, told


def test_a_sweep_tells_and_leaves_only_its_runs(sweep):
    folder, told = sweep
    assert told.startswith("4 runs\n") and told.count("completed") >= 4
    assert [p.name for p in folder.iterdir()] == ["outputs"]
    names = sorted(p.name.rpartition("-")[0] for p in runs(folder))
    assert names == ["plain8-digits-s0", "plain8-digits-s1", "resnet8-digits-s0", "resnet8-digits-s1"]


def test_the_directory_is_as_in_the_contract(sweep):
    for run in runs(sweep[0]):
        files = {"run.json", "history.csv", "weights.npz", "correct.npz", "model.txt", "samples.png", "run.log"}
        assert {p.name for p in run.iterdir()} == files | {".hydra"}
        assert {p.name for p in (run / ".hydra").iterdir()} == {"config.yaml", "overrides.yaml"}
        record = strict(run / "run.json")
        assert record == {**rundir_record.read_record(run).to_json(), "format": 1, "checksum": record["checksum"]}
        for name, told in record["files"].items():
            content = (run / name).read_bytes()
            assert told == {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        assert record["kind"] == "run" and record["status"] == "completed" and record["error"] is None
        assert {"final", "best", "test", "test_best"} == set(record["metrics"])
        assert METRICS == set(record["metrics"]["final"]) == set(record["metrics"]["best"])
        assert record["config"]["train"]["epochs"] == 2 and len(record["fingerprint"]) == 64
        assert record["network"].keys() >= {"name", "depth", "trainable_parameters", "total_parameters", "macs"}
        assert record["data"].keys() >= {"name", "train", "validation", "test", "digest"}
        for key in ("exactness", "versions", "hardware", "timings", "seed", "name", "tags", "git"):
            assert key in record
        with Image.open(run / "samples.png") as samples:
            assert samples.width > 100
        assert "stage2_block0_conv1" in (run / "model.txt").read_text()


def test_history_weights_and_correctness_agree_with_the_record(sweep):
    for run in runs(sweep[0]):
        record = strict(run / "run.json")
        rows = history.read_history(run, rundir_record.read_record(run))
        assert tuple(rows[0]) == layout.HISTORY_COLUMNS and [row["epoch"] for row in rows] == [1, 2]
        assert record["metrics"]["final"] == {k: rows[-1][k] for k in METRICS}
        assert record["metrics"]["best"]["val_accuracy"] == max(row["val_accuracy"] for row in rows)
        weights = np.load(run / "weights.npz", allow_pickle=False)
        assert "stage2_block0_conv1/kernel" in weights and "stem_norm/moving_mean" in weights
        assert sum(weights[k].size for k in weights) == record["network"]["total_parameters"]
        correct = np.load(run / "correct.npz", allow_pickle=False)
        for name, images, accuracy in (
            ("val_last", record["data"]["validation"], rows[-1]["val_accuracy"]),
            ("test_last", record["data"]["test"], record["metrics"]["test"]["accuracy"]),
            ("test_best", record["data"]["test"], record["metrics"]["test_best"]["accuracy"]),
        ):
            assert np.unpackbits(correct[name], count=images).mean() == accuracy


def test_what_libraries_print_is_in_the_log_and_not_on_the_terminal(sweep):
    folder, told = sweep
    assert "oneDNN" not in told and "cuda" not in told.lower()


def test_the_same_command_again_says_what_it_reached_without_tensorflow(sweep, tmp_path):
    folder, _ = sweep
    before = {p: p.stat().st_mtime_ns for p in folder.rglob("*") if p.is_file() and p.suffix != ".lock"}
    (tmp_path / "tensorflow.py").write_text("raise SystemExit('imported')")
    blocked = {**os.environ, "PYTHONPATH": str(tmp_path)}
    told = ablate(folder, *TINY, "seed=1", env=blocked)
    assert "already completed" in told and "val_accuracy" in told
    told = ablate(folder, "-m", *TINY, "model=plain_cifar,resnet_cifar", "seed=0,1")
    assert "4 runs, all already done: nothing left to do" in told
    assert before == {p: p.stat().st_mtime_ns for p in folder.rglob("*") if p.is_file() and p.suffix != ".lock"}


def test_a_run_alone_equals_the_run_in_the_sweep(sweep, tmp_path):
    ablate(tmp_path, *TINY, "seed=1")
    (alone,) = runs(tmp_path)
    assert result(alone) == result(sweep[0] / "outputs" / alone.name)


def test_compare_draws_two_variants(sweep):
    told = ablate(sweep[0], "outputs", "--out", "picture", command="ablate-compare")
    assert "plain8" in told and "resnet8" in told
    rows = list(csv.DictReader((sweep[0] / "picture" / "summary.csv").read_text().splitlines()))
    assert [(row["variant"], row["n"]) for row in rows] == [("plain8", "2"), ("resnet8", "2")]
    with Image.open(sweep[0] / "picture" / "overlay.png") as overlay:
        assert overlay.width > 800


def test_a_rerun_stands_beside(sweep):
    folder, _ = sweep
    ablate(folder, *TINY, "seed=0", "rerun=true")
    again = [p for p in runs(folder) if p.name.endswith(".2")]
    assert len(again) == 1 and rundir_record.read_record(again[0]).attempt == 2
    assert result(again[0]) == result(again[0].with_suffix(""))
    told = ablate(folder, "outputs", "--out", "rerun", command="ablate-compare")
    assert again[0].with_suffix("").name in told


def stopped(folder: Path, *overrides: str, number: int = signal.SIGTERM) -> tuple[int, Path]:
    """Start a run, and stop it when its first epoch has ended. Its code and its directory."""
    command = start(folder, *overrides)
    while command.process.is_alive() and "epoch 2/" not in command.output():
        time.sleep(0.02)
    command.signal(number)
    (run,) = runs(folder / "outputs")
    return command.wait().returncode, run


DRAWING = [*TINY, "model=shake26", "model.dropout=0.2", "data.augment=crop_flip", "train.epochs=6"]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The folder of a whole run with everything that draws."""
    folder = tmp_path_factory.mktemp("undisturbed")
    ablate(folder, *DRAWING)
    return folder / "outputs"


SIGNALS = {signal.SIGINT: (130, "interrupted"), signal.SIGTERM: (143, "interrupted"), signal.SIGKILL: (-9, "running")}


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_a_stopped_run_goes_on_to_the_same_end(tmp_path, undisturbed, number):
    """Stopped in the middle of training, by hand, by the scheduler or by force; with a commit after every few steps."""
    words = [*DRAWING, "checkpoint_minutes=0.0001"]
    left, run = stopped(tmp_path, *words, number=number)
    assert (left, strict(run / "run.json")["status"]) == SIGNALS[number]
    assert (run / "checkpoint.npz").is_file()
    assert "resuming at step" in ablate(tmp_path, *words)
    assert result(run) == result(undisturbed / run.name)
    assert not (run / "checkpoint.npz").exists()


@pytest.mark.parametrize("backend", ["tensorflow", pytest.param("jax", marks=pytest.mark.slow)])
def test_a_stopped_run_with_every_key_goes_on_to_the_same_end(tmp_path, backend):
    pytest.importorskip(backend)
    command = [*TINY, *EVERY_KEY, f"backend={backend}", "train.epochs=10"]
    _, run = stopped(tmp_path, *command)
    assert strict(run / "run.json")["status"] == "interrupted"
    standing = checkpoint.load(run / "checkpoint.npz")
    best = metrics.best(standing.rows)  # its weights are the averages that were evaluated
    loss, correct = scored(command, standing.best)
    assert loss == pytest.approx(best.val_loss, rel=1e-3) and correct.mean() == pytest.approx(best.val_accuracy)
    assert "resuming at step" in ablate(tmp_path, *command)
    ablate(tmp_path, *command, "outputs=whole")
    assert result(run) == result(tmp_path / "whole" / run.name)


LONGER = [*TINY, "train.epochs=10"]


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory):
    """The folder of LONGER with one thread, stopped after its first epoch."""
    folder = tmp_path_factory.mktemp("interrupted")
    stopped(folder, *LONGER, "threads=1")
    return folder / "outputs"


@pytest.fixture
def begun(interrupted, tmp_path):
    """A copy of that run, for the command to go on with in the test's folder."""
    shutil.copytree(interrupted, tmp_path / "outputs")
    (run,) = runs(tmp_path)
    assert strict(run / "run.json")["status"] == "interrupted"
    return run


def test_going_on_with_other_threads_is_refused_or_marked(tmp_path, begun):
    run = begun
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file() and path.name != "run.log"}
    told = ablate(tmp_path, *LONGER, "threads=2", "exact=required", code=1)
    assert "threads: 1 then, 2 now" in told and "Type exact=mark" in told
    assert strict(run / "run.json")["status"] == "interrupted"
    for name in ("checkpoint.npz", "history.csv"):
        assert (run / name).read_bytes() == before[run / name]
    told = ablate(tmp_path, *LONGER, "threads=2")
    assert "flagged as not bit-exact" in told and "; not bit-exact" in told
    record = strict(run / "run.json")
    assert record["status"] == "completed" and record["exactness"]["exact"] is False


def test_threads_are_those_that_the_run_began_with(tmp_path, begun):
    ablate(tmp_path, *LONGER, "exact=required")
    exactness = strict(begun / "run.json")["exactness"]
    assert exactness["threads"] == 1 and exactness["exact"] is True


def test_other_code_neither_finishes_nor_loses_what_was_begun(tmp_path, begun):
    run = begun
    before = (run / "checkpoint.npz").read_bytes()
    newer = (
        "from ablation.runtime import provenance\n"
        "from support.hooks import hook\n"
        "hook(provenance, 'code', lambda: 'newer')"
    )

    def ablate_newer(*overrides: str) -> str:
        return ablate(tmp_path, *LONGER, *overrides, change=newer)

    assert "started by a different version of the code" in ablate_newer()
    assert (run / "checkpoint.npz").read_bytes() == before
    second = run.with_name(f"{run.name}.2")
    assert strict(second / "run.json")["status"] == "completed"
    told = ablate(tmp_path, *LONGER)
    assert "already completed" in told and "rerun=stale" in told
    assert "already completed" in ablate_newer("rerun=stale")
    ablate(tmp_path, *LONGER, "rerun=stale")
    assert strict(run.with_name(f"{run.name}.3") / "run.json")["status"] == "completed"


def test_a_kill_between_the_last_commit_s_two_files_loses_no_epoch(tmp_path):
    killed = (
        "import os; from ablation.rundir import history\n"
        "from support.hooks import hook\n"
        "def write(directory, rows):\n"
        "    os._exit(9) if len(rows) == 2 else before(directory, rows)\n"
        "before = hook(history, 'write_history', write)"
    )
    assert call(tmp_path, *TINY, change=killed).returncode == 9
    (run,) = runs(tmp_path)
    assert (run / "history.csv").read_text().count("\n") == 2  # its header and one epoch
    ablate(tmp_path, *TINY)
    rows = history.read_history(run, rundir_record.read_record(run))
    assert [row["epoch"] for row in rows] == [1, 2]


def test_a_signal_after_the_end_changes_nothing(tmp_path):
    late = (
        "import os, signal, time; from ablation.rundir import record\n"
        "from support.hooks import hook\n"
        "def late(directory, record):\n"
        "    before(directory, record)\n"
        "    if record.status == 'completed':\n"
        "        os.kill(os.getpid(), signal.SIGTERM); time.sleep(1)\n"
        "before = hook(record, 'write_record', late)"
    )
    assert call(tmp_path, *TINY, change=late).returncode == 0
    (run,) = runs(tmp_path)
    assert strict(run / "run.json")["status"] == "completed" and not (run / "checkpoint.npz").exists()


def test_a_run_that_is_being_run_elsewhere_is_left_alone(tmp_path):
    name = layout.run_name("resnet8", "digits", 0, _identity(tmp_path))
    with claim.claim(tmp_path / "outputs", name):
        told = ablate(tmp_path, *TINY, code=75)
    assert "is being run by another process" in told
    assert not runs(tmp_path)


def _identity(folder: Path) -> str:
    from ablation.run import place

    return place.locate(composition.compose(TINY).config).fingerprint


def test_a_diverged_run_is_no_success(tmp_path):
    told = ablate(tmp_path, *TINY, "train.learning_rate=1e30", code=2)
    (run,) = runs(tmp_path)
    assert strict(run / "run.json")["status"] == "diverged" and "diverged" in told
    assert "already diverged" in ablate(tmp_path, *TINY, "train.learning_rate=1e30", code=2)
    ablate(tmp_path, "outputs", command="ablate-compare", code=1)


def test_a_failed_run_says_why_and_is_tried_again(tmp_path):
    breaking = (
        "from ablation.run import execution\n"
        "from support.hooks import hook\n"
        "hook(execution.Run, 'stages', lambda self, stop: 1 / 0)"
    )
    done = call(tmp_path, *TINY, change=breaking)
    (run,) = runs(tmp_path)
    assert done.returncode == 2 and "ZeroDivisionError" in done.stderr
    assert str(run.relative_to(tmp_path) / "run.log") in done.stderr and "Traceback" not in done.stderr
    assert strict(run / "run.json")["status"] == "failed"
    assert "Traceback" in (run / "run.log").read_text()
    ablate(tmp_path, *TINY)
    assert strict(run / "run.json")["status"] == "completed"


def test_jax_trains_without_tensorflow(tmp_path):
    pytest.importorskip("jax")
    (tmp_path / "blocked").mkdir()
    (tmp_path / "blocked" / "tensorflow.py").write_text("raise SystemExit('imported')")
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "blocked"), "KERAS_BACKEND": "tensorflow"}
    told = ablate(tmp_path, *TINY, "backend=jax", env=env)
    assert "KERAS_BACKEND=tensorflow is ignored: the run uses backend=jax" in told
    (run,) = runs(tmp_path / "outputs")
    record = strict(run / "run.json")
    assert record["status"] == "completed" and record["config"]["backend"] == "jax"


def test_a_folder_of_images(tmp_path):
    draw = np.random.default_rng(0)
    for part, count in (("train", 12), ("validation", 4)):
        for label in ("left", "right"):
            (tmp_path / "images" / part / label).mkdir(parents=True)
            for i in range(count):
                pixels = draw.integers(0, 40, (20, 16, 3), "uint8")
                pixels[:, :8] += 200 * (label == "left")
                pixels[:, 8:] += 200 * (label == "right")
                Image.fromarray(pixels).save(tmp_path / "images" / part / label / f"{i}.jpg")
    (tmp_path / "images" / "train" / "left" / "notes.txt").write_text("no image")
    overrides = [*TINY, "data=folder", "data.root=images", "data.image_size=8", "train.batch_size=8", "train.epochs=6"]
    told = ablate(tmp_path, *overrides)
    assert "32 images of 8x8x3 in 2 classes: left and right; 24 train, 8 validation; 1 file left out: 1 .txt" in told
    (run,) = runs(tmp_path / "outputs")
    record = strict(run / "run.json")
    assert (record["data"]["train"], record["data"]["validation"], record["data"]["test"]) == (24, 8, None)
    assert record["data"]["excluded"] == [{"reason": ".txt", "count": 1, "examples": ["train/left/notes.txt"]}]
    assert record["metrics"]["test"] is None and record["selected_on"] == "validation"
    assert record["metrics"]["best"]["val_accuracy"] > 0.9


def test_validating_on_test_leaves_no_test(tmp_path):
    ablate(tmp_path, *TINY, "train.epochs=1", "data.validation=test", "train.keep_weights=false")
    (run,) = runs(tmp_path)
    record = strict(run / "run.json")
    assert record["selected_on"] == "test" and record["data"]["test"] is None
    assert record["metrics"]["test"] is record["metrics"]["test_best"] is None
    assert not (run / "weights.npz").exists() and set(np.load(run / "correct.npz")) == {"val_last"}


def test_the_averages_are_what_is_evaluated_and_kept(sweep, tmp_path):
    """And training does not know of them: what it did is what it does without."""
    ablate(tmp_path, *TINY, "train.ema_momentum=0.9")
    (averaged,) = runs(tmp_path)
    (plain,) = [path for path in runs(sweep[0]) if path.name.startswith("resnet8-digits-s0-") and path.suffix != ".2"]
    runs_of, rows, weights = {0: plain, 0.9: averaged}, {}, {}
    for ema in runs_of:
        rows[ema] = history.read_history(runs_of[ema], rundir_record.read_record(runs_of[ema]))
        weights[ema] = dict(np.load(runs_of[ema] / "weights.npz"))
    for plain, averaged in zip(rows[0], rows[0.9], strict=True):
        assert (plain["loss"], plain["accuracy"]) == (averaged["loss"], averaged["accuracy"])
        assert plain["val_loss"] != averaged["val_loss"]
    for path, value in weights[0].items():
        assert np.array_equal(weights[0.9][path], value) == ("moving_" in path), path
    for ema in (0, 0.9):
        loss, correct = scored(TINY, weights[ema])
        kept = np.unpackbits(np.load(runs_of[ema] / "correct.npz")["val_last"], count=len(correct))
        assert loss == pytest.approx(rows[ema][-1]["val_loss"], rel=1e-3) and correct.tolist() == kept.tolist()
        record = strict(runs_of[ema] / "run.json")["metrics"]
        if record["best"]["epoch"] == record["final"]["epoch"]:
            assert record["test"] == record["test_best"]


def test_the_loss_that_validates_is_plain_whatever_is_trained_on(tmp_path):
    overrides = [*TINY, "train.epochs=1", "train.label_smoothing=0.3", "data.mixup_alpha=1"]
    ablate(tmp_path, *overrides)
    (run,) = runs(tmp_path)
    loss, _ = scored(overrides, dict(np.load(run / "weights.npz")))
    assert history.read_history(run, rundir_record.read_record(run))[-1]["val_loss"] == pytest.approx(loss, rel=1e-3)


def test_the_record_and_the_samples_are_of_what_is_trained_on(sweep, tmp_path):
    """Fewer images, in the same normalization; wrong labels, crops padded with the mean, squares, as on the sheet."""
    keys = ["data.fraction=0.5", "data.label_noise=0.3", "data.augment=crop_flip", "data.cutout_size=3"]
    ablate(tmp_path, *TINY, *keys, "train.epochs=1")
    (run,) = runs(tmp_path)
    whole, part = (strict(path / "run.json")["data"] for path in (runs(sweep[0])[0], run))
    assert part["train"] == round(whole["train"] * 0.5)
    assert {k: v for k, v in part.items() if k != "train"} == {k: v for k, v in whole.items() if k != "train"}
    loaded = data.load(composition.compose(keys[:1]).config.data)
    mean = np.array([round(mean) for mean in part["mean"]], "uint8")
    fill = FillColours(padding=mean, cutout=mean)
    feed = Feed(add_label_noise(loaded.train, 10, 0.3, 0), 0, 64, "crop_flip", cutout_size=3, fill=fill)
    assert (run / "samples.png").read_bytes() == sample_sheet.sheet(*feed.batch(0), loaded.classes)


@pytest.mark.parametrize("name", ["cifar10", "cats_vs_dogs"])
def test_real_images(tmp_path, prepared, name):
    overrides = [f"data={name}", f"data.dir={prepared}", "data.limit=64", "train.batch_size=32"]
    overrides += ["data.augment=crop_flip"]
    began = time.monotonic()
    ablate(tmp_path, *TINY, *overrides, "data.image_size=32", "train.epochs=1")
    (run,) = runs(tmp_path)
    record = strict(run / "run.json")
    assert record["data"]["train"] == 64 and record["data"]["name"] == name
    assert (record["metrics"]["test"] is None) == (name == "cats_vs_dogs")
    timings = record["timings"]
    assert 0 < timings["seconds"] and 0 < timings["compile"]
    assert timings["seconds"] + timings["compile"] < timings["session"] < time.monotonic() - began
