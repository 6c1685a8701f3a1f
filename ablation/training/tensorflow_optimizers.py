"""The optimizers of `optimizers` with one fused TensorFlow operation for each variable's update."""

from typing import Any

import keras
import tensorflow as tf

from ablation.training import keras_private
from ablation.training.keras_private import Tensor
from ablation.training.optimizers import SGD, TorchSGD


@keras.saving.register_keras_serializable("ablation")
class FusedSGD(keras_private.SingleReplica, SGD):
    """`SGD` in one pass over the memory of each variable and its momentum."""

    def update_step(self, gradient: Tensor, variable: keras.Variable, learning_rate: Tensor) -> None:
        gradient = self.decayed(gradient, variable)
        rate = tf.cast(learning_rate, gradient.dtype)
        if not self.momentum:
            tf.raw_ops.ResourceApplyGradientDescent(var=_handle(variable), alpha=rate, delta=gradient)
            return
        tf.raw_ops.ResourceApplyKerasMomentum(
            var=_handle(variable),
            accum=_handle(keras_private.momentum_of(self, variable)),
            lr=rate,
            grad=gradient,
            momentum=tf.cast(self.momentum, gradient.dtype),
            use_nesterov=self.nesterov,
        )


@keras.saving.register_keras_serializable("ablation")
class FusedTorchSGD(keras_private.SingleReplica, TorchSGD):
    """`TorchSGD` in one pass over the memory of each variable and its momentum."""

    def update_step(self, gradient: Tensor, variable: keras.Variable, learning_rate: Tensor) -> None:
        gradient = self.decayed(gradient, variable)
        rate = tf.cast(learning_rate, gradient.dtype)
        if not self.momentum:
            tf.raw_ops.ResourceApplyGradientDescent(var=_handle(variable), alpha=rate, delta=gradient)
            return
        tf.raw_ops.ResourceApplyMomentum(
            var=_handle(variable),
            accum=_handle(keras_private.momentum_of(self, variable)),
            lr=rate,
            grad=gradient,
            momentum=tf.cast(self.momentum, gradient.dtype),
            use_nesterov=self.nesterov,
        )


def _handle(variable: keras.Variable) -> Any:
    return variable.value.handle


MOMENTUM_FORMS: dict[str, type[SGD]] = {"keras": FusedSGD, "torch": FusedTorchSGD}
