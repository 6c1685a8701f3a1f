"""The engine for JAX: Keras' stateless train step, compiled once, from decoded arrays and without TensorFlow."""

from collections.abc import Iterable

import jax
import keras
import numpy as np

from ablation.config.schema import Train
from ablation.training import engine
from ablation.training.checkpoint import State
from ablation.training.engine import Batches, Scale, Score
from ablation.training.targets import targets


class JaxEngine:
    """See `ablation.training.engine.Engine`."""

    def __init__(self, network: keras.Model, train: Train, batches: Batches, scale: Scale, mixed: bool = False):
        self.mixed, self.targets = mixed, targets(network.output_shape[-1], train.label_smoothing, mixed)
        engine.compile(network, train, self.targets)
        self.network, self.batches = network, batches
        self.named = engine.variables(network)
        self.groups = (
            network.trainable_variables,
            network.non_trainable_variables,
            network.optimizer.variables,
            network.metrics_variables,
        )
        self._paths = {id(v): path for path, v in self.named.items()}
        self._build(scale)
        self._read()
        self._batches, self._compiled = None, {}

    def _build(self, scale: Scale) -> None:
        places = {id(v): i for i, v in enumerate(self.groups[2])}
        rate_at = places[id(engine.rate_variable(self.network))]
        self._averages_at = [places[id(mean)] for _, mean in engine.averages(self.network)]

        def step(state, pixels, labels, rate, *mixing):
            trainable, other, optimizer, metrics = state
            optimizer = [*optimizer[:rate_at], rate, *optimizer[rate_at + 1 :]]
            examples = self.targets(scale(pixels), labels, *mixing)
            return self.network.train_step((trainable, other, optimizer, metrics), examples)

        def test(trainable, other, pixels, labels):
            logits, _ = self.network.stateless_call(trainable, other, scale(pixels), training=False)
            return engine.losses(logits, labels)

        self._step, self._test = jax.jit(step, donate_argnums=0), jax.jit(test)

    def _read(self) -> None:
        """Take the state from the variables, as copies: the step gives its input's memory away."""
        self._state = tuple([jax.numpy.array(v.value, copy=True) for v in group] for group in self.groups)

    def prepare(self, training: set[int], evaluation: set[int], /) -> None:
        for size in training:
            mixing = (np.zeros(size, "int32"), np.float32(0)) if self.mixed else ()
            lowered = self._step.lower(self._state, *self._blank(size), np.float32(0), *mixing)
            self._compiled[size] = lowered.compile()
        for size in evaluation:
            self._test(*self._evaluated(), *self._blank(size))

    def _blank(self, size: int) -> tuple[np.ndarray, np.ndarray]:
        return np.zeros((size, *self.network.input_shape[1:]), "uint8"), np.zeros(size, "int32")

    def _evaluated(self) -> tuple[list, list]:
        """The weights that are scored, averages where there are some, and the moving statistics."""
        trainable, other, optimizer, _ = self._state
        return [optimizer[i] for i in self._averages_at] or trainable, other

    def put(self, state: State) -> None:
        engine.fits(state, self.named)
        for path, variable in self.named.items():
            variable.assign(state[path])
        self._read()

    def get(self) -> State:
        pairs = zip((v for group in self.groups for v in group), (a for part in self._state for a in part), strict=True)
        return {self._paths[id(v)]: np.array(value) for v, value in pairs}

    def run(self, first_step: int, last_step: int) -> dict[str, float]:
        if self._batches is None or self._batches[1] != first_step:
            self._batches = iter(self.batches(first_step)), first_step
        logs = {}
        for _ in range(first_step, last_step):
            batch = next(self._batches[0])
            step = self._compiled.get(len(batch[0]), self._step)
            logs, self._state = step(self._state, *batch)
        self._batches = self._batches[0], last_step
        return {name: float(value) for name, value in logs.items()}

    def reset_metrics(self) -> None:
        self._state = (*self._state[:3], [jax.numpy.zeros_like(value) for value in self._state[3]])

    def evaluate(self, batches: Iterable) -> Score:
        return engine.score([[np.asarray(x) for x in self._test(*self._evaluated(), *batch)] for batch in batches])
