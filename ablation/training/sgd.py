"""Keras' SGD with the papers' weight decay."""

import keras

from ablation.training.clipping import Clipping


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
