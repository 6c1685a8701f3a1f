"""Code shared by the engines of all backends: the compiled network, and its state as one flat dict {path: array}."""

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

# Function of a step that iterates over the training batches from this step on, each (pixels (b, h, w, c), labels int32
# (b,)). Pixels are uint8, or float32 of any shape (b, …). With mixup, also each image's partner in the batch, int32
# (b,), and the weight of the image, float32 ().
Batches = Callable[[int], Iterable]


class PixelScale(Protocol):
    """The mapping from pixels to the network's input, (pixel - mean) / std, per channel: float32 (c,).

    dtype: of the pixels, `uint8` or `float32`.
    """

    @property
    def mean(self) -> np.ndarray: ...

    @property
    def std(self) -> np.ndarray: ...

    @property
    def dtype(self) -> str: ...


class Engine(Protocol):
    """A network and its recipe, compiled for one backend. The full state of a run can be set and read as arrays.

    traces: how many times the training step has been traced. named: all variables of the network, by path.
    """

    traces: int
    named: dict[str, keras.Variable]

    def compile(self, training_sizes: set[int], evaluation_sizes: set[int]) -> None:
        """Trace and compile for these batch sizes, so that no step includes compilation."""
        ...

    def put(self, state: State) -> None:
        """Set all variables. Raises ValueError for the state of another network."""
        ...

    def get(self) -> State:
        """A copy of all variables."""
        ...

    def run(self, first_step: int, last_step: int) -> Metrics:
        """Run the steps first_step to last_step - 1. Returns the metrics since the last reset."""
        ...

    def train_on(self, batches: Batches, learning_rates: np.ndarray) -> None:
        """Use other batches and learning rates, float32 (steps,), from the next step on."""
        ...

    def reset_metrics(self) -> None:
        """Reset the training metrics at the start of an epoch."""
        ...

    def evaluate(self, batches: Iterable) -> Score:
        """Evaluate on batches of (pixels uint8 (b, h, w, c), labels int32 (b,)), without changing any weight.

        If the recipe keeps moving averages of the weights, these are evaluated.
        """
        ...


class BatchStream:
    """The training batches in order. Continues after the last call, or restarts at another step."""

    def __init__(self, batches: Batches):
        self._batches = batches
        self._iterator: Iterator | None = None
        self._position = 0  # the step of the next batch

    def starting_at(self, step: int) -> Iterator:
        """An iterator whose next batch is that of `step`."""
        if self._iterator is None or step != self._position:
            self._iterator = iter(self._batches(step))
        return self._iterator

    def advance_to(self, step: int) -> None:
        """Record that the iterator has yielded all batches before `step`."""
        self._position = step


def compile_network(network: keras.Model, train: Train, targets: Targets, uniform: bool = False) -> None:
    """Set the network's optimizer, loss and metrics, and create all their variables before the first step.

    uniform: as in `recipe.optimizer`.
    """
    network.compile(
        optimizer=optimizer(train, network.trainable_variables, uniform),
        loss=targets.loss(),
        metrics=[targets.accuracy()],
        jit_compile=False,  # pyright: ignore[reportArgumentType]  # the default "auto" hides that a bool is allowed
    )
    images = keras.KerasTensor((2, *network.input_shape[1:]), "float32")
    keras_private.build_symbolically(network, images, targets.symbolic(2))
    network.optimizer.build(network.trainable_variables)
    for pair in averages(network):
        pair.average.assign(pair.weight)  # the first step sets averages, but an evaluation may come before it
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
    """The moving average of each trainable variable, in the network's order; empty if the recipe keeps none."""
    moving_averages = keras_private.weight_averages(_inner_optimizer(network))
    if not moving_averages:
        return []
    return [Averaged(*pair) for pair in zip(network.trainable_variables, moving_averages, strict=True)]


def _inner_optimizer(network: keras.Model) -> keras.optimizers.Optimizer:
    """The recipe's optimizer, without the loss-scaling wrapper of half precision."""
    return getattr(network.optimizer, "inner_optimizer", network.optimizer)


def variables(network: keras.Model) -> dict[str, keras.Variable]:
    """All variables by path: weights, moving statistics, seeds of layers, optimizer and metric accumulators."""
    named = _by_path({"": network.variables})  # of the network alone, as in `weights`
    return _by_path({"optimizer/": network.optimizer.variables, "metrics/": network.metrics_variables}, named)


def weights(network: keras.Model) -> dict[str, keras.Variable]:
    """Every weight and moving statistic of a network by its path in weights.npz. The network need not be compiled."""
    own = {id(weight) for weight in network.weights}
    return {path: each for path, each in _by_path({"": network.variables}).items() if id(each) in own}


def _by_path(
    groups: dict[str, list[keras.Variable]], others: dict[str, keras.Variable] | None = None
) -> dict[str, keras.Variable]:
    """The variables of groups by prefix and path, behind others."""
    named = dict(others or {})
    for prefix, group in groups.items():
        for variable in group:
            path = prefix + variable.path
            while path in named:  # the counts of two metrics share a path, and layers to which a plugin gives one name
                path += "+"
            named[path] = variable
    return named


def weight_paths(network: keras.Model) -> dict[str, str]:
    """{path in weights.npz: path in the state} of every weight and moving statistic.

    The paths differ if a weight has a moving average, because weights.npz holds the average.
    """
    path_of = {id(variable): path for path, variable in variables(network).items()}
    named = {path_of[id(weight)]: path_of[id(weight)] for weight in network.weights}
    for pair in averages(network):
        named[path_of[id(pair.weight)]] = path_of[id(pair.average)]
    return named


def check_state(state: State, named: dict[str, keras.Variable]) -> None:
    """Raise ValueError unless the state has exactly these paths and shapes."""
    expected = {path: tuple(variable.shape) for path, variable in named.items()}
    received = {path: np.shape(value) for path, value in state.items()}
    if expected != received:
        differences = sorted(set(expected.items()) ^ set(received.items()))[:3]
        raise ValueError(f"Expected the state of this network. Received one that differs in {differences}")


def scaled(pixels: Tensor, scale: PixelScale) -> Tensor:
    """The network's input, float32 (b, h, w, c), from pixels, uint8 (b, h, w, c)."""
    values: Any = keras.ops.cast(pixels, "float32")
    return (values - scale.mean) / scale.std


def losses(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """The cross-entropy of each image, float32 (b,), and the correctness of its classification, bool (b,)."""
    loss = keras.ops.sparse_categorical_crossentropy(labels, logits, from_logits=True)
    predicted = keras.ops.cast(keras.ops.argmax(logits, axis=-1), "int32")
    return loss, keras.ops.equal(predicted, labels)


def join_scores(batches: Iterable[tuple[np.ndarray, np.ndarray]]) -> Score:
    """The score of a split from (losses, correctness) of its batches; the mean is computed in float64."""
    loss_parts: list[np.ndarray] = []
    correct_parts: list[np.ndarray] = []
    for loss, correct in batches:
        loss_parts.append(loss)
        correct_parts.append(correct)
    all_losses, all_correct = np.concatenate(loss_parts), np.concatenate(correct_parts)
    return Score(float(all_losses.mean(dtype="float64")), float(all_correct.mean()), all_correct)
