"""What the engines of all backends share: the compiled network, and its state as one flat dict {path: array}."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import keras
import numpy as np

from ablation.config.schema import Train
from ablation.training.checkpoint import State
from ablation.training.recipe import optimizer
from ablation.training.targets import Targets

# From a step on: (pixels uint8 (b, h, w, c), labels int32 (b,), rate float32 ()), and where batches are mixed also
# each image's partner in the batch, int32 (b,), and its own share, float32 ().
Batches = Callable[[int], Iterable]


@dataclass(frozen=True)
class Scale:
    """Pixels to network input: (pixel - mean) / deviation, per channel, float32 (c,)."""

    mean: np.ndarray
    deviation: np.ndarray

    def __call__(self, pixels):
        return (keras.ops.cast(pixels, "float32") - self.mean) / self.deviation


# data.normalize -> what becomes of the pixels, made of the training images' mean and deviation.
SCALES = {
    "channel": Scale,
    "none": lambda mean, deviation: Scale(np.zeros_like(mean), np.full_like(deviation, 255)),
}


@dataclass(frozen=True)
class Score:
    """Mean loss, accuracy, and which images are right, bool (n,)."""

    loss: float
    accuracy: float
    correct: np.ndarray


class Engine(Protocol):
    """One compiled network. A run's whole state goes in and out; between the two, steps are taken."""

    def prepare(self, training: set[int], evaluation: set[int], /) -> None:
        """Trace and compile for batches of these sizes, so that nothing slow is left for the time of training."""

    def put(self, state: State) -> None:
        """Set every variable. Raises ValueError for a state of another network."""

    def get(self) -> State:
        """A copy of every variable."""

    def run(self, first_step: int, last_step: int) -> dict[str, float]:
        """Take the steps first_step … last_step-1; return the metrics since they were last reset."""

    def reset_metrics(self) -> None:
        """Begin an epoch."""

    def evaluate(self, batches: Iterable) -> Score:
        """Score all images of (pixels uint8 (b, h, w, c), labels int32 (b,)); the weights stay as they are.

        Where the recipe keeps averages of the weights, they are what is scored.
        """


def compile(network: keras.Model, train: Train, targets: Targets) -> None:
    """Give the network its optimizer, loss and metrics, with every variable there before the first step."""
    network.compile(
        optimizer=optimizer(train, network.trainable_variables),
        loss=targets.loss(),
        metrics=[targets.accuracy()],
        jit_compile=False,  # each engine compiles its own step
    )
    image = keras.KerasTensor((2, *network.input_shape[1:]), "float32")
    network._symbolic_build(data_batch=(image, targets.symbolic(2)))  # as fit does before its first batch
    network.optimizer.build(network.trainable_variables)
    for weight, average in averages(network):
        average.assign(weight)  # so that there is something to evaluate before the first step, which replaces it
    network.reset_metrics()


def rate_variable(network: keras.Model):
    """The optimizer's learning rate, also beneath a loss scale."""
    return _inner(network)._learning_rate


def averages(network: keras.Model) -> list[tuple[keras.Variable, keras.Variable]]:
    """Each trainable variable and its moving average, in the network's order; empty where the recipe keeps none."""
    inner = _inner(network)
    kept = inner._model_variables_moving_average if inner.use_ema else []
    return list(zip(network.trainable_variables, kept, strict=True)) if kept else []


def _inner(network: keras.Model):
    return getattr(network.optimizer, "inner_optimizer", network.optimizer)


def variables(network: keras.Model) -> dict[str, keras.Variable]:
    """Every variable by its path: weights, moving statistics, layers' seeds, optimizer, metric accumulators."""
    groups = (("", network.variables), ("optimizer/", network.optimizer.variables), ("metrics/", _metrics(network)))
    named: dict[str, keras.Variable] = {}
    for prefix, group in groups:
        for variable in group:
            path = prefix + variable.path
            while path in named:  # the counts of two metrics share a path
                path += "+"
            named[path] = variable
    return named


def _metrics(network: keras.Model) -> list[keras.Variable]:
    return network.metrics_variables


def weights(network: keras.Model) -> dict[str, str]:
    """What weights.npz holds, weights and moving statistics by path -> the path of the state that has the value.

    The same path, but for weights that are averaged that of their average.
    """
    paths = {id(v): path for path, v in variables(network).items()}
    return {w.path: w.path for w in network.weights} | {w.path: paths[id(mean)] for w, mean in averages(network)}


def fits(state: State, named: dict[str, keras.Variable]) -> None:
    """Raise ValueError unless the state has just these paths and shapes."""
    wanted = {path: tuple(v.shape) for path, v in named.items()}
    received = {path: np.shape(value) for path, value in state.items()}
    if wanted != received:
        odd = sorted(set(wanted.items()) ^ set(received.items()))[:3]
        raise ValueError(f"Expected the state of this network. Received one that differs in {odd}")


def losses(logits, labels):
    """Cross-entropy of each image, (b,), and whether it is right, (b,)."""
    loss = keras.ops.sparse_categorical_crossentropy(labels, logits, from_logits=True)
    return loss, keras.ops.equal(keras.ops.cast(keras.ops.argmax(logits, axis=-1), "int32"), labels)


def score(parts: list[tuple[np.ndarray, np.ndarray]]) -> Score:
    """Join the batches of an evaluation; the mean is taken in float64."""
    loss, correct = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Score(float(loss.mean(dtype="float64")), float(correct.mean()), correct)
