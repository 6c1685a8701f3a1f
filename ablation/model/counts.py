"""Parameters and multiply-accumulate operations (MACs) of a network."""

import keras
import numpy as np


def macs(network: keras.Model) -> int:
    """MACs of convolutions and dense layers for one image; norms, pooling and additions are not counted."""
    total = 0
    for layer in network.layers:
        kernels = sum(int(np.prod(w.shape)) for w in layer.weights if w.name.endswith("kernel"))
        total += kernels and int(np.prod(layer.output.shape[1:-1])) * kernels
    return total


def parameters(network: keras.Model) -> tuple[int, int]:
    """(trainable, total) parameters; the total includes the moving statistics of norms."""
    trainable = sum(int(np.prod(w.shape)) for w in network.trainable_weights)
    return trainable, network.count_params()
