"""A tiny engine on the backend of this process, and what it trains on: twelve images of 2x2 grey pixels."""

from functools import cache

import keras
import numpy as np

from ablation.cli import composition
from ablation.config.schema import Config
from ablation.data.batches import Feed
from ablation.data.normalization import NORMALIZATIONS
from ablation.training import recipe
from ablation.training.engine import Engine
from support.images import split

STEPS, COUNT, CLASSES = 10, 12, 7
IMAGES = split(COUNT, size=2, channels=1)
MEAN, STD = np.array([100], "float32"), np.array([50], "float32")
SGD = ["train=sgd_cosine", "train.learning_rate=0.3", "train.weight_decay=0.1"]
ADAMW = [*SGD, "train.optimizer=adamw", "train.learning_rate=0.05", "train.weight_decay=0.5"]
IS_JAX = keras.backend.backend() == "jax"


@cache
def config(*overrides: str) -> Config:
    """A recipe of STEPS steps with batches of five."""
    return composition.compose([*overrides, f"train.steps={STEPS}", "train.batch_size=5"]).config


def linear() -> keras.Model:
    """One dense layer on the pixels, whose gradient is known in closed form."""
    inputs = keras.Input((2, 2, 1))
    initial = {"kernel_initializer": keras.initializers.GlorotUniform(seed=1), "bias_initializer": "ones"}
    return keras.Model(inputs, keras.layers.Dense(CLASSES, name="dense", **initial)(keras.layers.Flatten()(inputs)))


def feed_of(cfg: Config) -> Feed:
    return Feed(IMAGES, cfg.seed, cfg.train.batch_size, cfg.data.augment, mixup_alpha=cfg.data.mixup_alpha)


def pipeline():
    """The module whose batches this backend's engine takes."""
    if IS_JAX:
        from ablation.data import numpy_pipeline

        return numpy_pipeline
    from ablation.data import tensorflow_pipeline

    return tensorflow_pipeline


def started(cfg: Config, network: keras.Model, xla: bool = False) -> Engine:
    """An engine that is ready for its first step. xla: of TensorFlow's engine; JAX always compiles so."""
    feed = feed_of(cfg)
    scale = NORMALIZATIONS[cfg.data.normalize](MEAN, STD)
    mixed = cfg.data.mixup_alpha > 0

    def batches(first: int):
        return pipeline().training(feed, first, STEPS)

    rates = recipe.learning_rates(cfg.train, STEPS)
    if IS_JAX:
        from ablation.training.jax_engine import JaxEngine

        return JaxEngine(network, cfg.train, batches, rates, scale, mixed)
    from ablation.training.tensorflow_engine import TensorFlowEngine

    return TensorFlowEngine(network, cfg.train, batches, rates, scale, xla, mixed)


def every_image():
    """All images and labels, as an engine evaluates them."""
    return pipeline().evaluation(IMAGES, 5)
