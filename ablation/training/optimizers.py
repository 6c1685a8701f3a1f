"""Keras' optimizers with the papers' laws of momentum, epsilon and weight decay, and with gradient clipping."""

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from ablation.training import keras_private
from ablation.training.keras_private import Tensor

LARGEST = float(np.finfo("float32").max)
ops: Any = keras.ops  # Keras' annotations allow for backends that return None


class Clipping(keras_private.GradientClipping):
    """A mixin for gradient clipping, by the norm of each variable's gradient or by that of all gradients together.

    `clipnorm` scales every gradient with a larger norm down to this norm. `global_clipnorm` scales all gradients by one
    factor if the norm of all together is larger (Pascanu et al. 2013, arXiv 1211.5063, Algorithm 1).

    Keras computes v * c / max(|v|, c), which rounds short gradients too. Here a norm that no gradient reaches leaves
    every gradient as it is. But a compiled step can still round elsewhere with clipping than without: `uniform` makes
    them one program.
    """

    def __init__(self, *, uniform: bool = False, **kwargs: Any):
        """uniform: True to compute clipping and weight decay even without effect, so that the program depends on
        neither, and recipes that differ only in a setting without effect give bit-exact results.
        """
        super().__init__(**kwargs)
        self.uniform = uniform

    def build(self, variables: Sequence[keras.Variable]) -> None:
        if not self.built:
            super().build(variables)
            self.clip = self._inverse_norm(self.clipnorm, "clip")
            self.global_clip = self._inverse_norm(self.global_clipnorm, "global_clip")

    def _inverse_norm(self, norm: float | None, name: str) -> keras.Variable:
        """A variable with 1 / norm, or 0 without clipping. Always finite, as required of a state."""
        inverse = min(1 / norm, LARGEST) if norm else 0.0
        # Set by an initializer: `train_on_batch` builds in a traced function, where an assignment would be lost.
        value: Any = keras.initializers.Constant(inverse)
        return self.add_variable((), initializer=value, name=name)

    def clip_gradients(self, gradients: Sequence[Tensor | None]) -> list[Tensor | None]:
        if not (self.clipnorm or self.global_clipnorm or self.uniform):
            return list(gradients)
        squared_norms: dict[int, Tensor] = {}
        for position, gradient in enumerate(gradients):
            if gradient is not None:
                squared_norms[position] = keras.ops.sum(keras.ops.square(gradient))
        global_norm: Any = keras.ops.sqrt(sum(squared_norms.values(), start=0.0))
        global_excess = global_norm * self.global_clip
        clipped = list(gradients)
        for position, squared_norm in squared_norms.items():
            clipped[position] = self._clipped(gradients[position], squared_norm, global_excess)
        return clipped

    def _clipped(self, gradient: Tensor, squared_norm: Tensor, global_excess: Tensor) -> Tensor:
        """The gradient divided by its excess over the allowed norm. At most one of the two norms is limited."""
        norm: Any = keras.ops.sqrt(squared_norm)
        excess: Any = norm * keras.ops.cast(self.clip, gradient.dtype)
        excess = keras.ops.where(global_excess > 1, keras.ops.cast(global_excess, gradient.dtype), excess)
        return keras.ops.where(excess > 1, gradient / excess, gradient)


@keras.saving.register_keras_serializable("ablation")
class AdamW(Clipping, keras.optimizers.AdamW):
    """AdamW as in PyTorch (Loshchilov & Hutter 2019, arXiv 1711.05101, Algorithm 2).

    w -= learning_rate * (m / (1 - beta_1^t) / (sqrt(v / (1 - beta_2^t)) + epsilon) + weight_decay * w)

    Keras adds epsilon before it corrects the bias of v, where it acts as epsilon / sqrt(1 - beta_2^t): 32 times as much
    in the first step at beta_2 = 0.999. Keras also loses digits by cancellation, in 1 - beta_2^t and v + (g^2 - v).
    """

    def __init__(self, epsilon: float = 1e-8, name: str = "adamw", **kwargs: Any):
        """epsilon: added to the root of the bias-corrected second moment. 1e-8 is the default in PyTorch, and that of
        Adam's paper (Kingma & Ba 2015, arXiv 1412.6980, Algorithm 1); Keras has 1e-7.

        name: fixed, because Keras would otherwise number the optimizers in a process and so rename their variables.
        """
        super().__init__(epsilon=epsilon, name=name, **kwargs)
        if self.amsgrad:
            raise ValueError("Expected amsgrad=False, which is all that this AdamW implements. Received: amsgrad=True")
        if not (self.weight_decay or self.uniform):
            self.weight_decay = None  # Keras then leaves it out of the step

    def update_step(self, gradient: Tensor, variable: keras.Variable, learning_rate: Tensor) -> None:
        gradient = ops.cast(gradient, variable.dtype)
        iterations: Any = self.iterations
        step = ops.cast(iterations + 1, variable.dtype)
        first, second = keras_private.adam_moments(self, variable)
        self.assign(first, first * self.beta_1 + gradient * (1 - self.beta_1))
        self.assign(second, second * self.beta_2 + ops.square(gradient) * (1 - self.beta_2))
        mean = first / _bias_correction(self.beta_1, step)
        root = ops.sqrt(second / _bias_correction(self.beta_2, step))
        self.assign_sub(variable, ops.cast(learning_rate, variable.dtype) * mean / (root + self.epsilon))


def _bias_correction(beta: float, step: Tensor) -> Tensor:
    """1 - beta^step without cancellation. step: from 1."""
    if beta == 0:
        return ops.ones_like(step)
    return -ops.expm1(step * math.log(beta))


@keras.saving.register_keras_serializable("ablation")
class SGD(Clipping, keras.optimizers.SGD):
    """SGD with coupled weight decay: g = clip(dL/dw) + l2 * w, then momentum (Krizhevsky et al. 2012, section 5).

    Keras' own `weight_decay` is decoupled: it multiplies weights by 1 - learning rate * decay, outside the momentum,
    which is a tenth as strong at momentum 0.9. All trainable variables decay, as in Caffe and PyTorch, which the papers
    used, except those named in `exclude_from_weight_decay`.

    Momentum has the form of Keras and Caffe, with the learning rate inside: v = momentum * v - learning_rate * g,
    w += v. With Nesterov momentum, w += momentum * v - learning_rate * g.
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
        super().update_step(self.decayed(gradient, variable), variable, learning_rate)

    def decayed(self, gradient: Tensor, variable: keras.Variable) -> Tensor:
        """The gradient with weight decay, in the dtype of the variable."""
        gradient = keras.ops.cast(gradient, variable.dtype)
        if (self.initial_l2 or self.uniform) and keras_private.decays(self, variable):
            gradient += keras.ops.cast(self.l2, variable.dtype) * variable
        return gradient

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "l2": self.initial_l2}


@keras.saving.register_keras_serializable("ablation")
class TorchSGD(SGD):
    """SGD with momentum in the form of PyTorch and Lua Torch: v = momentum * v + g, w -= learning_rate * v.

    With Nesterov momentum, w -= learning_rate * (g + momentum * v). There is no dampening.

    While the learning rate is constant, both forms give the same weights. When it changes, this form applies the new
    learning rate to all past gradients at once; in that of `SGD` each keeps the learning rate of its own step (Goyal
    et al. 2017, arXiv 1706.02677, section 3, equations 9 and 10).
    """

    def update_step(self, gradient: Tensor, variable: keras.Variable, learning_rate: Tensor) -> None:
        direction = self.decayed(gradient, variable)
        if self.momentum:
            velocity = keras_private.momentum_of(self, variable)
            self.assign(velocity, velocity * self.momentum + direction)
            direction = direction + velocity * self.momentum if self.nesterov else velocity
        self.assign_sub(variable, direction * keras.ops.cast(learning_rate, variable.dtype))


MOMENTUM_FORMS: dict[str, type[SGD]] = {"keras": SGD, "torch": TorchSGD}
