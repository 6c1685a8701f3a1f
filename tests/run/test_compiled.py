"""A network that has trained one run trains the next of its structure to the same bits as a new network.

Runs on TensorFlow and, under KERAS_BACKEND=jax (see test_backends.py), on JAX.
"""

import gc
import os
import weakref

import keras
import numpy as np
import pytest

from ablation import data
from ablation.cli import composition
from ablation.config.schema import Config, flat
from ablation.run.compiled import Compiled
from ablation.run.structure import VALUES
from ablation.run.trial import Trial
from ablation.runtime import console
from ablation.runtime.signals import Stop
from ablation.training.checkpoint import Checkpoint

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("exact")]

BACKEND = keras.backend.backend()
NETWORK = ["model=resnet_cifar", "model.depth=8", "model.width=4"]
SMALL = ["data.limit=100", "train=quickstart", "train.epochs=2", "train.batch_size=32", f"backend={BACKEND}"]
CASES = {  # everything that a layer, an optimizer, a pipeline or a target keeps for itself
    "residual": [*NETWORK, "model.dropout=0.2", "model.stochastic_depth=0.3", "data.augment=crop_flip"],
    "shake": [
        "model=shake26", "model.depth=8", "model.width=4", "train.ema_momentum=0.9", "data.mixup_alpha=0.4",
        "train.label_smoothing=0.1",
    ],
    "adamw": [
        *NETWORK, "train.optimizer=adamw", "train.precision=mixed_float16", "train.clipnorm=0.3",
        "train.weight_decay=0.1", "data.cutout_size=3", "data.label_noise=0.2", "model.norm=group",
    ],
}  # fmt: skip
OTHER = {  # other values of all keys that are no part of the structure
    "names and limits": [
        *("name=other", "tags=[other]", "outputs=other", "rerun=true", "exact=required", "n_jobs=2", "job_timeout=1h"),
        *("max_retries=3", "checkpoint_minutes=1", "train.keep_weights=false"),
    ],
    "seed": ["seed=7", "train.learning_rate=0.2", "data.label_noise=0.5"],
    "epochs": ["train.epochs=3", "train.schedule=constant"],
    "steps": ["train.steps=5", "train.warmup=0.5"],
    "reference steps": ["train.epochs=null", "train.reference_steps=9"],
    "milestones": ["train.schedule=step", "train.lr_milestones=[0.3]", "train.lr_gamma=0.1"],
    "fraction": ["data.fraction=0.45"],
}


def composed(*words: str) -> Config:
    return composition.compose(words).config


class Trained:
    """A run that was trained to its end. first, last: the states before the first and after the last step."""

    def __init__(self, cfg: Config, folder, compiled: Compiled | None = None):
        if compiled is None:
            keras.backend.clear_session()  # a new process has named nothing yet
        policy = keras.config.dtype_policy()
        keras.config.set_dtype_policy(cfg.train.precision)
        try:
            trial = Trial(cfg, data.load(cfg.data, console.REPORTER), folder, Checkpoint(), False, compiled)
            self.first = trial.engine.get()
            assert trial.train(Stop(), "tiny") == "completed"
            tested = trial.test(Stop())
        finally:
            keras.config.set_dtype_policy(policy)
        self.last, self.metrics, self.compiled = trial.checkpoint.state, tested.metrics, trial.compiled
        self.rows = [(row.loss, row.accuracy, row.val_loss, row.learning_rate) for row in trial.checkpoint.rows]
        self.correct = {name: bits.tolist() for name, bits in tested.correct.items()}
        self.traces, self.weights = trial.traces, trial.weights()

    def require_equal(self, other: "Trained") -> None:
        assert self.rows == other.rows and self.metrics == other.metrics and self.correct == other.correct
        for mine, theirs in ((self.first, other.first), (self.last, other.last), (self.weights, other.weights)):
            assert mine.keys() == theirs.keys()
            for path, value in mine.items():
                assert value.dtype == theirs[path].dtype and np.array_equal(value, theirs[path]), path


def test_the_backend_is_the_one_asked_for():
    assert BACKEND == os.environ.get("KERAS_BACKEND", "tensorflow")


@pytest.mark.parametrize(
    "case", [case if case == "residual" else pytest.param(case, marks=pytest.mark.slow) for case in CASES]
)
def test_a_run_in_a_network_that_was_trained_before_equals_one_in_a_new_network(case, tmp_path):
    words = [*CASES[case], *SMALL]
    before = Trained(composed(*words, "seed=0"), tmp_path)
    cfg = composed(*words, "seed=1")
    again, alone = Trained(cfg, tmp_path, before.compiled), Trained(cfg, tmp_path)
    again.require_equal(alone)
    assert again.traces == 0 and alone.traces == before.traces > 0
    assert any(not np.array_equal(before.first[path], value) for path, value in again.first.items())


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A network that was trained, and is trained again by every test that follows."""
    return Trained(composed(*NETWORK, *SMALL), tmp_path_factory.mktemp("base")).compiled


@pytest.mark.parametrize("other", OTHER if BACKEND == "tensorflow" else ["seed"])  # JAX compiles for minutes
def test_values_other_than_those_that_a_network_was_compiled_with_give_equal_bits(other, base, tmp_path):
    cfg = composed(*NETWORK, *SMALL, *OTHER[other])
    again = Trained(cfg, tmp_path, base)
    again.require_equal(Trained(cfg, tmp_path))
    assert again.traces == 0


def test_every_value_is_tried():
    first, tried = flat(composed(*NETWORK, *SMALL)), set()
    for words in OTHER.values():
        other = flat(composed(*NETWORK, *SMALL, *words))
        tried |= {key for key in first if first[key] != other[key]}
    assert tried == VALUES


def test_a_network_lets_go_of_the_images_of_its_last_run(tmp_path):
    cfg = composed(*NETWORK, *SMALL)
    images = data.load(cfg.data, console.REPORTER)
    pixels = weakref.ref(images.train.pixels)
    trial = Trial(cfg, images, tmp_path, Checkpoint(), False)
    assert trial.train(Stop(), "tiny") == "completed"
    compiled = trial.compiled
    compiled.release()
    del trial, images
    gc.collect()
    assert pixels() is None and compiled.engine.get()


def test_what_a_network_keeps_is_small(base):
    """Not another copy of its weights, their momentum and their averages."""
    held = sum(value.base.nbytes if value.base is not None else value.nbytes for value in base._constants.values())
    assert held < sum(value.nbytes for value in base.engine.get().values()) / 10
