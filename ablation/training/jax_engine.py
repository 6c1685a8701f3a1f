"""The engine for JAX: Keras' stateless train step, compiled once per batch size. Does not need TensorFlow."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import jax
import keras
import numpy as np

from ablation.config.schema import Train
from ablation.training import engine
from ablation.training.checkpoint import State
from ablation.training.engine import Batches, BatchStream, PixelScale, Tensor
from ablation.training.metrics import Metrics, Score
from ablation.training.targets import targets


class Groups(NamedTuple):
    """The network's variables, or their values, grouped as in the arguments of Keras' stateless functions."""

    trainable: list
    non_trainable: list
    optimizer: list
    metrics: list


class JaxEngine:
    """The `Engine` for JAX."""

    def __init__(
        self,
        network: keras.Model,
        train: Train,
        batches: Batches,
        learning_rates: np.ndarray,
        scale: PixelScale,
        mixed: bool = False,
        uniform: bool = False,
    ):
        """scale: from pixels to the network's input. mixed: True if the batches include the values for mixup.

        uniform: as in `recipe.optimizer`.
        """
        self.targets = targets(network.output_shape[-1], train.label_smoothing, mixed)
        engine.compile_network(network, train, self.targets, uniform)
        self.network, self.scale, self.mixed = network, scale, mixed
        self.named = engine.variables(network)
        self.traces = 0
        self.train_on(batches, learning_rates)
        self._variables = Groups(
            network.trainable_variables,
            network.non_trainable_variables,
            network.optimizer.variables,
            network.metrics_variables,
        )
        positions = {id(variable): i for i, variable in enumerate(self._variables.optimizer)}
        self._learning_rate_at = positions[id(engine.learning_rate_variable(network))]
        self._averages_at = [positions[id(pair.average)] for pair in engine.averages(network)]
        self._step: Any = jax.jit(self._train_step, donate_argnums=0)
        self._test: Any = jax.jit(self._test_step)
        self._compiled: dict[int, Any] = {}  # {batch size: compiled step}
        self._read_variables()

    def train_on(self, batches: Batches, learning_rates: np.ndarray) -> None:
        self._stream = BatchStream(batches)
        self._learning_rates = learning_rates

    def _train_step(
        self, state: Groups, pixels: Tensor, labels: Tensor, learning_rate: Tensor, *mixing: Tensor
    ) -> tuple[dict[str, Tensor], Groups]:
        """One step as a pure function. Returns the metrics by name, and the new state."""
        self.traces += 1  # when the step is traced, not when it runs
        optimizer = list(state.optimizer)
        optimizer[self._learning_rate_at] = learning_rate
        examples = self.targets(engine.scaled(pixels, self.scale), labels, *mixing)
        before = (state.trainable, state.non_trainable, optimizer, state.metrics)
        logs, after = self.network.train_step(before, examples)
        return logs, Groups(*after)

    def _test_step(self, trainable: list, non_trainable: list, pixels: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        images = engine.scaled(pixels, self.scale)
        outputs = self.network.stateless_call(trainable, non_trainable, images, training=False)
        return engine.losses(outputs[0], labels)

    def _read_variables(self) -> None:
        """Copy the state from the variables: the step donates the buffers of its input."""
        groups = []
        for group in self._variables:
            groups.append([jax.numpy.array(variable.value, copy=True) for variable in group])
        self._state = Groups(*groups)

    def compile(self, training_sizes: set[int], evaluation_sizes: set[int]) -> None:
        learning_rate = np.float32(0)
        for size in training_sizes:
            mixing = (np.zeros(size, "int32"), np.float32(0)) if self.mixed else ()
            lowered = self._step.lower(self._state, *self._blank_batch(size), learning_rate, *mixing)
            self._compiled[size] = lowered.compile()
        for size in evaluation_sizes:
            self._test(self._evaluated_weights(), self._state.non_trainable, *self._blank_batch(size))

    def _blank_batch(self, size: int) -> tuple[np.ndarray, np.ndarray]:
        """A batch of zeros: pixels and labels."""
        return np.zeros((size, *self.network.input_shape[1:]), self.scale.dtype), np.zeros(size, "int32")

    def _evaluated_weights(self) -> list:
        """The trainable weights, or their moving averages if the recipe keeps them."""
        if not self._averages_at:
            return self._state.trainable
        return [self._state.optimizer[i] for i in self._averages_at]

    def put(self, state: State) -> None:
        engine.check_state(state, self.named)
        for path, variable in self.named.items():
            variable.assign(state[path])
        self._read_variables()

    def get(self) -> State:
        path_of = {id(variable): path for path, variable in self.named.items()}
        state = {}
        for variables, values in zip(self._variables, self._state, strict=True):
            for variable, value in zip(variables, values, strict=True):
                state[path_of[id(variable)]] = np.array(value)
        return state

    def run(self, first_step: int, last_step: int) -> Metrics:
        batches = self._stream.starting_at(first_step)
        logs: dict[str, Tensor] = {}
        for step in range(first_step, last_step):
            pixels, labels, *mixing = next(batches)
            take_step = self._compiled.get(len(pixels), self._step)
            logs, self._state = take_step(self._state, pixels, labels, self._learning_rates[step], *mixing)
        self._stream.advance_to(last_step)
        return Metrics(float(logs["loss"]), float(logs["accuracy"]))

    def reset_metrics(self) -> None:
        blank = [jax.numpy.zeros_like(value) for value in self._state.metrics]
        self._state = self._state._replace(metrics=blank)

    def evaluate(self, batches: Iterable) -> Score:
        scores = []
        for pixels, labels in batches:
            loss, correct = self._test(self._evaluated_weights(), self._state.non_trainable, pixels, labels)
            scores.append((np.asarray(loss), np.asarray(correct)))
        return engine.join_scores(scores)
