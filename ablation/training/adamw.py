"""Keras' AdamW with clipping that leaves short gradients alone."""

import keras

from ablation.training.clipping import Clipping


@keras.saving.register_keras_serializable("ablation")
class AdamW(Clipping, keras.optimizers.AdamW):
    """Loshchilov & Hutter 2019, arXiv 1711.05101, Algorithm 2, with the decay times the rate of the step."""

    def __init__(self, epsilon: float = 1e-8, name: str = "adamw", **kwargs):
        """epsilon: the paper's, and Torch's; Keras has 1e-7. name: else a second network in this process would name
        its state another way.
        """
        super().__init__(epsilon=epsilon, name=name, **kwargs)
