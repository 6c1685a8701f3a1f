"""Optimizers with coupled weight decay, clipping and averaged weights."""

import keras
import numpy as np

LARGEST = float(np.finfo("float32").max)


class Clipping:
    """A mixin for Keras' optimizers: `clipnorm` scales the gradient of a variable that is longer down to that norm.

    Keras' own computes v * c / max(|v|, c), which rounds every gradient, also one that is short enough. And where the
    step is compiled, another program rounds in other places: so there is one program, with or without a norm, and a
    norm that nothing reaches gives the bits of no norm at all.
    """

    def build(self, variables):
        if not self.built:
            super().build(variables)
            inverse = min(1 / self.clipnorm, LARGEST) if self.clipnorm else 0  # finite, as all of a state is
            self.clip = self.add_variable((), initializer=keras.initializers.Constant(inverse), name="clip")

    def _clip_gradients(self, grads):
        return [None if gradient is None else self._clipped(gradient) for gradient in grads]

    def _clipped(self, gradient):
        excess = keras.ops.sqrt(keras.ops.sum(keras.ops.square(gradient))) * keras.ops.cast(self.clip, gradient.dtype)
        return keras.ops.where(excess > 1, gradient / excess, gradient)


@keras.saving.register_keras_serializable("ablation")
class AdamW(Clipping, keras.optimizers.AdamW):
    """Loshchilov & Hutter 2019, arXiv 1711.05101, Algorithm 2, with the decay times the rate of the step."""

    def __init__(self, epsilon: float = 1e-8, name: str = "adamw", **kwargs):
        """epsilon: the paper's, and Torch's; Keras has 1e-7. name: else a second network in this process would name
        its state another way.
        """
        super().__init__(epsilon=epsilon, name=name, **kwargs)


@keras.saving.register_keras_serializable("ablation")
class SGD(Clipping, keras.optimizers.SGD):
    """Weight decay joins the gradient before momentum: g = clip(dL/dw) + l2 w (Krizhevsky et al. 2012, section 5).

    Keras' own `weight_decay` is decoupled: it shrinks the weight by rate times decay beside the momentum, which at
    momentum 0.9 is a tenth as strong. Every trainable variable decays, as in Caffe and Torch where the papers ran, but
    those that `exclude_from_weight_decay` names.
    """

    def __init__(self, l2: float = 0.0, name: str = "sgd", **kwargs):
        super().__init__(name=name, **kwargs)
        self.initial_l2 = l2

    def build(self, variables):
        if not self.built:
            super().build(variables)
            self.l2 = self.add_variable((), initializer=keras.initializers.Constant(self.initial_l2), name="l2")

    def update_step(self, gradient, variable, learning_rate):
        gradient = keras.ops.cast(gradient, variable.dtype)
        if self._use_weight_decay(variable):
            gradient += keras.ops.cast(self.l2, variable.dtype) * variable
        super().update_step(gradient, variable, learning_rate)

    def get_config(self):
        return {**super().get_config(), "l2": self.initial_l2}
