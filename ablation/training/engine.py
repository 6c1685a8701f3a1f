"""What the engines of all backends share: the compiled network, and its state as one flat dict {path: array}."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import keras
import numpy as np

from ablation.config.schema import Train
from ablation.training import keras_private
from ablation.training.checkpoint import State
from ablation.training.metrics import Metrics, Score
from ablation.training.recipe import optimizer
from ablation.training.targets import Targets

Tensor = Any  # an array or tensor of the backend; the backends share no type

# The training batches from a step on: (pixels uint8 (b, h, w, c), labels int32 (b,)). Where batches are mixed also each
# image's partner in the batch, int32 (b,), and the share of the image itself, float32 ().
Batches = Callable[[int], Iterable]


class PixelScale(Protocol):
    """What maps pixels to the network's input, (pixel - mean) / std: two arrays per channel, float32 (c,)."""

    @property
    def mean(self) -> np.ndarray: ...

    @property
    def std(self) -> np.ndarray: ...


class Engine(Protocol):
    """A network with a recipe, compiled for one backend. A run's whole state goes in and comes out as arrays."""

    def compile(self, training_sizes: set[int], evaluation_sizes: set[int]) -> None:
        """Trace and compile for batches of these sizes, so that no step has to wait for the compiler."""
        ...

    def put(self, state: State) -> None:
        """Set every variable. Raises ValueError for the state of another network."""
        ...

    def get(self) -> State:
        """A copy of every variable."""
        ...

    def run(self, first_step: int, last_step: int) -> Metrics:
        """Take the steps first_step to last_step - 1. Returns the metrics since they were last reset."""
        ...

    def train_on(self, batches: Batches, learning_rates: np.ndarray) -> None:
        """Take other batches and learning rates, float32 (steps,), from the next step on."""
        ...

    def reset_metrics(self) -> None:
        """Begin an epoch."""
        ...

    def evaluate(self, batches: Iterable) -> Score:
        """Score every image of (pixels uint8 (b, h, w, c), labels int32 (b,)); the weights stay as they are.

        Where the recipe keeps averages of the weights, the averages are scored.
        """
        ...


class BatchStream:
    """The training batches, in order: read on from where the last call ended, or from any other step."""

    def __init__(self, batches: Batches):
        self._batches = batches
        self._iterator: Iterator | None = None
        self._position = 0  # the step whose batch comes next

    def starting_at(self, step: int) -> Iterator:
        """An iterator whose next batch is that of `step`."""
        if self._iterator is None or step != self._position:
            self._iterator = iter(self._batches(step))
        return self._iterator

    def advance_to(self, step: int) -> None:
        """Note that the batches before `step` were taken from the iterator."""
        self._position = step


def compile_network(network: keras.Model, train: Train, targets: Targets) -> None:
    """Give the network its optimizer, loss and metrics, and create all their variables before the first step."""
    network.compile(
        optimizer=optimizer(train, network.trainable_variables),
        loss=targets.loss(),
        metrics=[targets.accuracy()],
        jit_compile=False,  # pyright: ignore[reportArgumentType]  # a bool, which Keras' default "auto" hides
    )
    images = keras.KerasTensor((2, *network.input_shape[1:]), "float32")
    keras_private.build_symbolically(network, images, targets.symbolic(2))
    network.optimizer.build(network.trainable_variables)
    for pair in averages(network):
        pair.average.assign(pair.weight)  # so that an evaluation before the first step, which sets them, has weights
    network.reset_metrics()


def learning_rate_variable(network: keras.Model) -> keras.Variable:
    """The optimizer's learning rate."""
    return _inner_optimizer(network).learning_rate


@dataclass(frozen=True)
class Averaged:
    """A trainable variable and its moving average."""

    weight: keras.Variable
    average: keras.Variable


def averages(network: keras.Model) -> list[Averaged]:
    """The moving average of each trainable variable, in the network's order; empty where the recipe keeps none."""
    kept = keras_private.weight_averages(_inner_optimizer(network))
    if not kept:
        return []
    return [Averaged(*pair) for pair in zip(network.trainable_variables, kept, strict=True)]


def _inner_optimizer(network: keras.Model) -> keras.optimizers.Optimizer:
    """The recipe's optimizer, which half precision wraps in one that scales the loss."""
    return getattr(network.optimizer, "inner_optimizer", network.optimizer)


def variables(network: keras.Model) -> dict[str, keras.Variable]:
    """Every variable by its path: weights, moving statistics, layers' seeds, optimizer, metric accumulators."""
    groups = {
        "": network.variables,
        "optimizer/": network.optimizer.variables,
        "metrics/": network.metrics_variables,
    }
    named: dict[str, keras.Variable] = {}
    for prefix, group in groups.items():
        for variable in group:
            path = prefix + variable.path
            while path in named:  # the counts of two metrics share a path
                path += "+"
            named[path] = variable
    return named


def weight_paths(network: keras.Model) -> dict[str, str]:
    """For each weight and moving statistic, by its path in weights.npz, the path of its value in the state.

    The two differ for a weight that is averaged: its value is the average.
    """
    paths = {weight.path: weight.path for weight in network.weights}
    path_of = {id(variable): path for path, variable in variables(network).items()}
    for pair in averages(network):
        paths[pair.weight.path] = path_of[id(pair.average)]
    return paths


def check_state(state: State, named: dict[str, keras.Variable]) -> None:
    """Raise ValueError unless the state has exactly these paths and shapes."""
    wanted = {path: tuple(variable.shape) for path, variable in named.items()}
    received = {path: np.shape(value) for path, value in state.items()}
    if wanted != received:
        differences = sorted(set(wanted.items()) ^ set(received.items()))[:3]
        raise ValueError(f"Expected the state of this network. Received one that differs in {differences}")


def scaled(pixels: Tensor, scale: PixelScale) -> Tensor:
    """The network's input, float32 (b, h, w, c), from pixels, uint8 (b, h, w, c)."""
    values: Any = keras.ops.cast(pixels, "float32")
    return (values - scale.mean) / scale.std


def losses(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """The cross-entropy of each image, float32 (b,), and whether it is classified correctly, bool (b,)."""
    loss = keras.ops.sparse_categorical_crossentropy(labels, logits, from_logits=True)
    predicted = keras.ops.cast(keras.ops.argmax(logits, axis=-1), "int32")
    return loss, keras.ops.equal(predicted, labels)


def join_scores(batches: Iterable[tuple[np.ndarray, np.ndarray]]) -> Score:
    """The score of a split from the losses of its batches and what is correct; the mean is taken in float64."""
    loss_parts: list[np.ndarray] = []
    correct_parts: list[np.ndarray] = []
    for loss, correct in batches:
        loss_parts.append(loss)
        correct_parts.append(correct)
    all_losses, all_correct = np.concatenate(loss_parts), np.concatenate(correct_parts)
    return Score(float(all_losses.mean(dtype="float64")), float(all_correct.mean()), all_correct)
