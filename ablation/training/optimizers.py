"""Keras' optimizers with the papers' weight decay, and with clipping that leaves short gradients as they are."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from ablation.training import keras_private
from ablation.training.keras_private import Tensor

LARGEST = float(np.finfo("float32").max)


class Clipping(keras_private.GradientClipping):
    """A mixin: `clipnorm` scales each variable's gradient that is longer down to that norm.

    Keras computes v * c / max(|v|, c), which also rounds a gradient that is short enough. Besides, a step that is
    compiled with clipping may round in other places than one without. So there is one program, with or without a norm,
    and a norm that no gradient reaches gives the bits of no norm at all.
    """

    def build(self, variables: Sequence[keras.Variable]) -> None:
        if not self.built:
            super().build(variables)
            # By its initializer: `train_on_batch` builds inside a traced function, where an assignment would be lost.
            value: Any = keras.initializers.Constant(self._inverse_norm())
            self.clip = self.add_variable((), initializer=value, name="clip")

    def _inverse_norm(self) -> float:
        """One over the norm, 0 without one. Finite, as every value of a state is."""
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
    """Loshchilov & Hutter 2019, arXiv 1711.05101, Algorithm 2; the decay is multiplied by the step's learning rate."""

    def __init__(self, epsilon: float = 1e-8, name: str = "adamw", **kwargs: Any):
        """epsilon: the paper's and PyTorch's default; Keras has 1e-7.

        name: fixed, since Keras would otherwise number the optimizers of a process and name their variables by that.
        """
        super().__init__(epsilon=epsilon, name=name, **kwargs)


@keras.saving.register_keras_serializable("ablation")
class SGD(Clipping, keras.optimizers.SGD):
    """Weight decay joins the gradient before momentum: g = clip(dL/dw) + l2 w (Krizhevsky et al. 2012, section 5).

    Keras' own `weight_decay` is decoupled: beside the momentum, it shrinks a weight by learning rate times decay, which
    at momentum 0.9 is a tenth as strong. Every trainable variable decays, as in Caffe and PyTorch, where the papers
    ran, except those that `exclude_from_weight_decay` names.
    """

    def __init__(self, l2: float = 0.0, name: str = "sgd", **kwargs: Any):
        """l2: the coefficient of the weight in the gradient. name: fixed, as in `AdamW`."""
        super().__init__(name=name, **kwargs)
        self.initial_l2 = l2

    def build(self, variables: Sequence[keras.Variable]) -> None:
        if not self.built:
            super().build(variables)
            value: Any = keras.initializers.Constant(self.initial_l2)  # as `clip` is
            self.l2 = self.add_variable((), initializer=value, name="l2")

    def update_step(self, gradient: Tensor, variable: keras.Variable, learning_rate: Tensor) -> None:
        gradient = keras.ops.cast(gradient, variable.dtype)
        if keras_private.decays(self, variable):
            gradient += keras.ops.cast(self.l2, variable.dtype) * variable
        super().update_step(gradient, variable, learning_rate)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "l2": self.initial_l2}
