"""The only uses of Keras' private API in this room.

Keras is pinned to one minor version (pyproject.toml), and `tests/training/test_keras_private.py` fails if any of these
is removed or changes its meaning.
"""

from collections.abc import Sequence
from typing import Any

import keras

Tensor = Any  # an array or tensor of the backend; the backends share no type


def build_symbolically(network: keras.Model, images: keras.KerasTensor, targets: keras.KerasTensor) -> None:
    """Create the variables of loss and metrics.

    `fit` calls `_symbolic_build` before its first batch; public methods that do so also train or evaluate on data.
    """
    network._symbolic_build(data_batch=(images, targets))


def weight_averages(optimizer: keras.optimizers.Optimizer) -> list[keras.Variable]:
    """The moving averages of the weights, in the order of the trainable variables; empty if none are kept.

    The public `finalize_variable_values` can only overwrite the weights with them.
    """
    if not optimizer.use_ema:
        return []
    return optimizer._model_variables_moving_average


def decays(optimizer: keras.optimizers.Optimizer, variable: keras.Variable) -> bool:
    """Return whether weight decay applies to a variable.

    The public `exclude_from_weight_decay` sets this, but no public method reads it.
    """
    return optimizer._use_weight_decay(variable)


def momentum_of(optimizer: keras.optimizers.SGD, variable: keras.Variable) -> keras.Variable:
    """The momentum of a variable, which only a method of Keras' base class can look up."""
    return optimizer.momentums[optimizer._get_variable_index(variable)]


def adam_moments(optimizer: keras.optimizers.Adam, variable: keras.Variable) -> tuple[keras.Variable, keras.Variable]:
    """The moving averages of a variable's gradient and of its square, before any bias correction."""
    position = optimizer._get_variable_index(variable)
    return optimizer._momentums[position], optimizer._velocities[position]


class GradientClipping(keras.optimizers.Optimizer):
    """Base class for optimizers with their own gradient clipping, in `clip_gradients`.

    Keras calls `_clip_gradients` after dividing by the loss scale and before weight decay and momentum, which is the
    right place. It calls no public method there.
    """

    def clip_gradients(self, gradients: Sequence[Tensor | None]) -> list[Tensor | None]:
        """The clipped gradients, in the same order; None stays None."""
        raise NotImplementedError

    def _clip_gradients(self, grads: Sequence[Tensor | None]) -> list[Tensor | None]:
        return self.clip_gradients(grads)


class SingleReplica(keras.optimizers.Optimizer):
    """Base class for optimizers that update variables on one device.

    On TensorFlow, Keras sends each update through `tf.distribute`, which takes most of the time to trace it.
    """

    def _backend_update_step(self, grads: Sequence[Tensor], trainable_variables: Sequence[Any], learning_rate: Tensor):
        for gradient, variable in zip(grads, trainable_variables, strict=True):
            self.update_step(gradient, variable, learning_rate)
