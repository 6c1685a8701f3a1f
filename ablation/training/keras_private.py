"""What this room uses of Keras beyond its public interface; everything else here is public.

Keras is pinned to one minor version (pyproject.toml), and `tests/training/test_keras_private.py` fails where one of
these is gone or means something else.
"""

from collections.abc import Sequence
from typing import Any

import keras

Tensor = Any  # an array or tensor of the backend; the backends share no type


def build_symbolically(network: keras.Model, images: keras.KerasTensor, targets: keras.KerasTensor) -> None:
    """Create the variables of loss and metrics.

    `fit` calls `_symbolic_build` before its first batch; the public ways to get there train or evaluate on real data.
    """
    network._symbolic_build(data_batch=(images, targets))


def weight_averages(optimizer: keras.optimizers.Optimizer) -> list[keras.Variable]:
    """The moving averages of the weights, in the order of the trainable variables; empty where none are kept.

    The public `finalize_variable_values` only overwrites the weights with them.
    """
    if not optimizer.use_ema:
        return []
    return optimizer._model_variables_moving_average


def decays(optimizer: keras.optimizers.Optimizer, variable: keras.Variable) -> bool:
    """Whether weight decay applies to a variable.

    The public `exclude_from_weight_decay` sets what `_use_weight_decay` answers; nothing public reads it.
    """
    return optimizer._use_weight_decay(variable)


class GradientClipping(keras.optimizers.Optimizer):
    """A base for optimizers that clip gradients in their own way, in `clip_gradients`.

    Keras calls `_clip_gradients` at the one right place: after a loss scale is divided out and before weight decay
    and momentum. No public method is called there.
    """

    def clip_gradients(self, gradients: Sequence[Tensor | None]) -> list[Tensor | None]:
        """The clipped gradients, in the same order; None stays None."""
        raise NotImplementedError

    def _clip_gradients(self, grads: Sequence[Tensor | None]) -> list[Tensor | None]:
        return self.clip_gradients(grads)
