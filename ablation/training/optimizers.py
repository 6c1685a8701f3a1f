"""Keras' optimizers with the papers' weight decay, and with clipping that leaves short gradients bit-exact."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from ablation.training import keras_private
from ablation.training.keras_private import Tensor

LARGEST = float(np.finfo("float32").max)


class Clipping(keras_private.GradientClipping):
    """A mixin: `clipnorm` scales every gradient with a larger norm down to this norm, per variable.

    Keras computes v * c / max(|v|, c), which rounds short gradients too, and a step compiled with clipping can round
    elsewhere than one compiled without. Here the compiled program is the same with and without clipping, so a clipnorm
    that no gradient reaches gives results that are bit-exact with no clipnorm.
    """

    def build(self, variables: Sequence[keras.Variable]) -> None:
        if not self.built:
            super().build(variables)
            # Set by an initializer: `train_on_batch` builds in a traced function, where an assignment would be lost.
            value: Any = keras.initializers.Constant(self._inverse_norm())
            self.clip = self.add_variable((), initializer=value, name="clip")

    def _inverse_norm(self) -> float:
        """1 / clipnorm, or 0 without clipping. Always finite, as required of a state."""
        if not self.clipnorm:
            return 0.0
        return min(1 / self.clipnorm, LARGEST)

    def clip_gradients(self, gradients: Sequence[Tensor | None]) -> list[Tensor | None]:
        return [None if gradient is None else self._clipped(gradient) for gradient in gradients]

    def _clipped(self, gradient: Tensor) -> Tensor:
        norm: Any = keras.ops.sqrt(keras.ops.sum(keras.ops.square(gradient)))
        excess = norm * keras.ops.cast(self.clip, gradient.dtype)
        return keras.ops.where(excess > 1, gradient / excess, gradient)


@keras.saving.register_keras_serializable("ablation")
class AdamW(Clipping, keras.optimizers.AdamW):
    """AdamW (Loshchilov & Hutter 2019, arXiv 1711.05101, Algorithm 2); the decay is scaled by the learning rate."""

    def __init__(self, epsilon: float = 1e-8, name: str = "adamw", **kwargs: Any):
        """epsilon: 1e-8 is the default in the paper and in PyTorch; Keras has 1e-7.

        name: fixed, because Keras would otherwise number the optimizers in a process and so rename their variables.
        """
        super().__init__(epsilon=epsilon, name=name, **kwargs)


@keras.saving.register_keras_serializable("ablation")
class SGD(Clipping, keras.optimizers.SGD):
    """SGD with coupled weight decay: g = clip(dL/dw) + l2 * w, then momentum (Krizhevsky et al. 2012, section 5).

    Keras' own `weight_decay` is decoupled: it multiplies weights by 1 - learning rate * decay, outside the momentum,
    which is a tenth as strong at momentum 0.9. All trainable variables decay, as in Caffe and PyTorch, which the papers
    used, except those named in `exclude_from_weight_decay`.
    """

    def __init__(self, l2: float = 0.0, name: str = "sgd", **kwargs: Any):
        """l2: the coefficient of the weight in the gradient. name: fixed, as in `AdamW`."""
        super().__init__(name=name, **kwargs)
        self.initial_l2 = l2

    def build(self, variables: Sequence[keras.Variable]) -> None:
        if not self.built:
            super().build(variables)
            value: Any = keras.initializers.Constant(self.initial_l2)  # for the same reason as `clip`
            self.l2 = self.add_variable((), initializer=value, name="l2")

    def update_step(self, gradient: Tensor, variable: keras.Variable, learning_rate: Tensor) -> None:
        gradient = keras.ops.cast(gradient, variable.dtype)
        if keras_private.decays(self, variable):
            gradient += keras.ops.cast(self.l2, variable.dtype) * variable
        super().update_step(gradient, variable, learning_rate)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "l2": self.initial_l2}
