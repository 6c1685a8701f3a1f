"""Stochastic depth (Huang et al. 2016, arXiv 1603.09382)."""

from typing import Any

import keras

from ablation.model.blocks.parts import Tensor

ops: Any = keras.ops  # Keras' annotations allow for backends that return None


@keras.saving.register_keras_serializable("ablation")
class StochasticDepth(keras.layers.Layer):
    """Drop a whole residual branch with probability `rate`. Draws once per image; the paper draws once per batch.

    A branch that is not dropped is divided by 1 - rate, which keeps the expectation, so inference needs no scaling. The
    paper multiplies by 1 - rate at inference instead (equation 5).
    """

    def __init__(self, rate: float, seed=None, **kwargs):
        super().__init__(**kwargs)
        if not 0 <= rate < 1:
            raise ValueError(f"Expected rate to be at least 0 and below 1. Received: rate={rate}")
        self.rate = rate
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, x, training=False):
        """x: (batch, ...). Returns the same shape and dtype."""
        if not training:
            return x
        # Computed in float32, as in ShakeShake: half precision cannot represent 1 / (1 - rate).
        shape = (ops.shape(x)[0],) + (1,) * (len(x.shape) - 1)
        survives = keras.random.uniform(shape, dtype="float32", seed=self.seed_generator) >= self.rate
        scale = ops.where(survives, 1 / (1 - self.rate), 0.0)
        return ops.cast(ops.cast(x, "float32") * scale, x.dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "rate": self.rate}


def stochastic_depth(x: Tensor, *, rate: float, name: str) -> Tensor:
    """Stochastic depth as a layer function; a rate of 0 adds no layer."""
    return StochasticDepth(rate, name=name)(x) if rate else x


def linear_decay(rate: float, blocks: int) -> list[float]:
    """The drop rate of each block: block l of L survives with probability 1 - l/L * rate (section 3, equation 4)."""
    return [rate * block / blocks for block in range(1, blocks + 1)]
