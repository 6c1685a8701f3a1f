"""A compiled network that later runs of its structure train again, each from the initial state of its own seed.

The state of a run is all that distinguishes it from another run of its structure, so a network that is set to the state
before the first step gives the bits of a network that was built for this run.
"""

import functools

import keras
import numpy as np

from ablation.config.schema import Config
from ablation.model import initialization
from ablation.model.initial_weights import Loaded
from ablation.training import engine
from ablation.training.checkpoint import State
from ablation.training.engine import Engine


class Compiled:
    """A compiled network.

    training_sizes, evaluation_sizes: the batch sizes for which the engine is compiled.
    """

    def __init__(self, network: keras.Model, compiled: Engine, loaded: Loaded | None = None):
        """network, compiled: before the first step. loaded: initial weights that do not depend on the seed."""
        self.loaded = loaded
        self.network, self.engine = network, compiled
        self.training_sizes: set[int] = set()
        self.evaluation_sizes: set[int] = set()
        self._path_of = {id(variable): path for path, variable in engine.variables(network).items()}
        self._constants = self._constant_state()

    def _constant_state(self) -> State:
        """The initial state, with zeros for what `restart` draws.

        An array that holds one value throughout takes the memory of this value.
        """
        state = self.engine.get()
        drawn = {self._path_of[id(variable)] for variable, _ in initialization.draws(self.network, seed=0)}
        drawn |= {self._path_of[id(pair.average)] for pair in engine.averages(self.network)}
        for path, value in state.items():
            first = np.zeros((), value.dtype) if path in drawn else value.flat[0]
            if path in drawn or np.all(value == first):
                state[path] = np.broadcast_to(first, value.shape)
        return state

    @functools.cached_property
    def summary(self) -> str:
        """Keras' summary of the network."""
        lines: list[str] = []
        self.network.summary(line_length=110, print_fn=lambda text, **_: lines.append(text))
        return "\n".join(lines) + "\n"

    def compile(self, training_sizes: set[int], evaluation_sizes: set[int]) -> None:
        """Compile for these batch sizes, unless that is done."""
        training, evaluation = training_sizes - self.training_sizes, evaluation_sizes - self.evaluation_sizes
        if training or evaluation:
            self.engine.compile(training, evaluation)
        self.training_sizes |= training
        self.evaluation_sizes |= evaluation

    def restart(self, cfg: Config) -> None:
        """Set the state of a network that was built for this config and has taken no step."""
        state = dict(self._constants)
        for variable, draw in initialization.draws(self.network, cfg.seed):
            state[self._path_of[id(variable)]] = draw()
        state |= self.loaded.values if self.loaded else {}
        for pair in engine.averages(self.network):
            state[self._path_of[id(pair.average)]] = state[self._path_of[id(pair.weight)]]
        learning_rate = self._path_of[id(engine.learning_rate_variable(self.network))]
        state[learning_rate] = np.array(cfg.train.learning_rate, "float32")
        self.engine.put(state)

    def release(self) -> None:
        """Release the batches of the last run, and its images with them."""
        self.engine.train_on(lambda first: (), np.zeros(0, "float32"))
