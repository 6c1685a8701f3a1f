"""The part of the gate that needs PyTorch, in its own process: the losses of the same steps from the same weights.

python -m benchmarks.bench.gate_torch NETWORK FILE
"""

import sys

import numpy as np
import torch

from benchmarks.bench import gate
from benchmarks.bench.arms import torch_eager, torch_networks

ARRAYS = ("losses", "pixels", "labels", "mean", "std")  # in the file beside the weights


def main() -> None:
    name, file = sys.argv[1:]
    with np.load(file) as stored:
        arrays = dict(stored)
    expected, pixels, labels, mean, std = (arrays.pop(word) for word in ARRAYS)
    network = torch_networks.build(name, gate.MODE).train()
    torch_networks.put(network, arrays)
    trainer = torch_eager.optimizer(network, gate.LEARNING_RATES[name])
    losses = []
    for batch, answers in zip(pixels, labels, strict=True):
        scale = torch.from_numpy(mean), torch.from_numpy(std)
        images = torch_eager.network_input(torch.from_numpy(batch), *scale, torch.contiguous_format)
        losses.append(float(torch_eager.step(network, trainer, images, torch.from_numpy(answers).long())))
    print(gate.require_equal("PyTorch", losses, expected.tolist()))


if __name__ == "__main__":
    main()
