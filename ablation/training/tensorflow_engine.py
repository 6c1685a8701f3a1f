"""The engine for TensorFlow: Keras' own train step in a short loop, several steps per call."""

from collections.abc import Iterable

import keras
import numpy as np
import tensorflow as tf

from ablation.config.schema import Train
from ablation.training import engine
from ablation.training.checkpoint import State
from ablation.training.engine import Batches, Scale, Score
from ablation.training.targets import targets


class TensorFlowEngine:
    """See `ablation.training.engine.Engine`."""

    def __init__(
        self, network: keras.Model, train: Train, batches: Batches, scale: Scale, xla: bool, mixed: bool = False
    ):
        self.targets = targets(network.output_shape[-1], train.label_smoothing, mixed)
        engine.compile(network, train, self.targets)
        self.network, self.batches, self.xla = network, batches, xla
        self.named = engine.variables(network)
        self._batches = None  # an iterator, and the step that it stands at
        self._build(scale, engine.rate_variable(network))

    def _build(self, scale: Scale, rate_variable) -> None:
        @tf.function(jit_compile=self.xla or None, reduce_retracing=True)
        def step(pixels, labels, rate, *mixing):
            rate_variable.assign(rate)
            self.network.train_step(self.targets(scale(pixels), labels, *mixing))

        @tf.function(reduce_retracing=True)
        def steps(batches, count):
            for _ in tf.range(count):
                step(*next(batches))

        images = tf.TensorSpec((None, *self.network.input_shape[1:]), tf.uint8)

        @tf.function(jit_compile=self.xla or None, input_signature=[images, tf.TensorSpec((None,), tf.int32)])
        def test(pixels, labels):
            return engine.losses(self._logits(scale(pixels)), labels)

        self._steps, self._test = steps, test

    def _logits(self, images):
        averages = engine.averages(self.network)
        if not averages:
            return self.network(images, training=False)
        with keras.StatelessScope(averages):  # the network's own weights stay where training left them
            return self.network(images, training=False)

    def prepare(self, _training: set[int], _evaluation: set[int], /) -> None:
        self._test.get_concrete_function()  # one trace for all sizes; the step is traced with its first batch

    def put(self, state: State) -> None:
        engine.fits(state, self.named)
        for path, variable in self.named.items():
            variable.assign(state[path])

    def get(self) -> State:
        return {path: np.array(variable.value) for path, variable in self.named.items()}

    def run(self, first_step: int, last_step: int) -> dict[str, float]:
        if self._batches is None or self._batches[1] != first_step:
            self._batches = iter(self.batches(first_step)), first_step
        self._steps(self._batches[0], tf.constant(last_step - first_step))
        self._batches = self._batches[0], last_step
        return {name: float(value) for name, value in self.network.get_metrics_result().items()}

    def reset_metrics(self) -> None:
        self.network.reset_metrics()

    def evaluate(self, batches: Iterable) -> Score:
        return engine.score([[part.numpy() for part in self._test(*batch)] for batch in batches])
