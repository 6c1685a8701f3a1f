"""The engine for TensorFlow: Keras' train step in a graph, with several steps per call."""

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ablation.config.schema import Train
from ablation.training import engine
from ablation.training.checkpoint import State
from ablation.training.engine import Batches, BatchStream, PixelScale, Tensor
from ablation.training.metrics import Metrics, Score
from ablation.training.targets import targets


class TensorFlowEngine:
    """The `Engine` for TensorFlow."""

    def __init__(
        self,
        network: keras.Model,
        train: Train,
        batches: Batches,
        learning_rates: np.ndarray,
        scale: PixelScale,
        xla: bool,
        mixed: bool = False,
        uniform: bool = False,
    ):
        """scale: from pixels to the network's input. xla: True to compile with XLA.

        mixed: True if the batches include the values for mixup. uniform: as in `recipe.optimizer`.
        """
        self.targets = targets(network.output_shape[-1], train.label_smoothing, mixed)
        engine.compile_network(network, train, self.targets, uniform)
        self.network, self.scale, self.xla, self.mixed = network, scale, xla, mixed
        self.named = engine.variables(network)
        self.traces = 0
        self.train_on(batches, learning_rates)
        self._steps = self._traced_steps()
        self._test = self._traced_test()

    def train_on(self, batches: Batches, learning_rates: np.ndarray) -> None:
        self._stream = BatchStream(batches)
        rates = tf.constant(learning_rates)
        self._learning_rates = tf.Variable(rates, shape=[None])  # of any length without tracing again

    def _traced_steps(self) -> Any:
        learning_rate_variable = engine.learning_rate_variable(self.network)

        def step(learning_rate: Tensor, pixels: Tensor, labels: Tensor, *mixing: Tensor) -> None:
            self.traces += 1  # when the step is traced, not when it runs
            learning_rate_variable.assign(learning_rate)
            images = engine.scaled(pixels, self.scale)
            self.network.train_step(self.targets(images, labels, *mixing))

        if self.xla:
            step = tf.function(step, jit_compile=True, autograph=False, reduce_retracing=True)

        @tf.function(autograph=False, reduce_retracing=True)  # autograph would take longer than the trace of the loop
        def steps(batches: Iterator, learning_rates: Tensor, first: Tensor, last: Tensor) -> None:
            def take_step(i: Tensor) -> tuple[Tensor]:
                step(learning_rates[i], *next(batches))
                return (i + 1,)

            tf.while_loop(lambda i: i < last, take_step, [first], parallel_iterations=1)

        return steps

    def _traced_test(self) -> Any:
        images = tf.TensorSpec((None, *self.network.input_shape[1:]), self.scale.dtype)
        labels = tf.TensorSpec((None,), tf.int32)

        @tf.function(jit_compile=self.xla or None, autograph=False, input_signature=[images, labels])
        def test(pixels: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
            return engine.losses(self._logits(engine.scaled(pixels, self.scale)), labels)

        return test

    def _logits(self, images: Tensor) -> Tensor:
        averages = [(pair.weight, pair.average) for pair in engine.averages(self.network)]
        if not averages:
            return self.network(images, training=False)
        with keras.StatelessScope(averages):  # the network's own weights stay unchanged
            return self.network(images, training=False)

    def compile(self, training_sizes: set[int], evaluation_sizes: set[int]) -> None:
        """Take a step and evaluate a batch of each size, because only a call optimises a traced graph, then undo it."""
        before = self.get()
        for size in training_sizes:
            blank = iter(self._blank_batch(size))
            self._steps(blank, self._learning_rates, tf.constant(0), tf.constant(1))
        self.put(before)
        with self._state_kept():
            for size in evaluation_sizes:
                self._test(*self._blank_images(size))

    @contextlib.contextmanager
    def _state_kept(self) -> Iterator[None]:
        """Restore what evaluation changes: the seeds of layers that draw at inference too, such as recurrent ones."""
        before = [(variable, np.array(variable.value)) for variable in self.network.non_trainable_variables]
        try:
            yield
        finally:
            for variable, value in before:
                variable.assign(value)

    def _blank_batch(self, size: int) -> tf.data.Dataset:
        """A batch of zeros with the types and shapes of the training batches, whose size is not part of the shape."""

        def batch(count: Tensor) -> tuple:
            pixels, labels = self._blank_images(count)
            if not self.mixed:
                return pixels, labels
            return pixels, labels, tf.zeros([count], tf.int32), tf.zeros([], tf.float32)

        return tf.data.Dataset.from_tensors(size).map(batch)

    def _blank_images(self, count: int | Tensor) -> tuple[Tensor, Tensor]:
        """Pixels and labels of images that are all zeros."""
        return tf.zeros([count, *self.network.input_shape[1:]], self.scale.dtype), tf.zeros([count], tf.int32)

    def put(self, state: State) -> None:
        engine.check_state(state, self.named)
        for path, variable in self.named.items():
            variable.assign(state[path])

    def get(self) -> State:
        return {path: np.array(variable.value) for path, variable in self.named.items()}

    def run(self, first_step: int, last_step: int) -> Metrics:
        batches = self._stream.starting_at(first_step)
        self._steps(batches, self._learning_rates, tf.constant(first_step), tf.constant(last_step))
        self._stream.advance_to(last_step)
        results = self.network.get_metrics_result()
        return Metrics(float(results["loss"]), float(results["accuracy"]))

    def reset_metrics(self) -> None:
        self.network.reset_metrics()

    def evaluate(self, batches: Iterable) -> Score:
        scores = []
        with self._state_kept():
            for pixels, labels in batches:
                loss, correct = self._test(pixels, labels)
                scores.append((loss.numpy(), correct.numpy()))
        return engine.join_scores(scores)
