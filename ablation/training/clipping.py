"""Clipping that leaves alone what need not be clipped."""

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
