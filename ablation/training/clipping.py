"""Clipping that leaves alone what need not be clipped."""

import keras


class Clipping:
    """A mixin for Keras' optimizers: `clipnorm` scales a gradient that is longer down to that norm.

    Keras' own computes v * c / max(|v|, c), which rounds every gradient, also one that is short enough; with this a
    norm that nothing reaches gives the bits of no norm at all.
    """

    def _clip_by_norm(self, values, axes=None):
        norm = keras.ops.sqrt(keras.ops.sum(keras.ops.square(values), axis=axes, keepdims=axes is not None))
        return keras.ops.where(norm > self.clipnorm, values * (self.clipnorm / norm), values)
