"""Arm D: PyTorch, eager.

    python -m benchmarks.bench.arms.torch_eager NETWORK IMAGES LEARNING_RATE THREADS FORMAT…

FORMAT: contiguous or channels_last. Of several, the faster is kept after a timed epoch of each. The optimizer is the
fused one. A whole batch is gathered, cropped, flipped and normalised at once.
"""

import sys
import time
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from benchmarks.bench import images, processes
from benchmarks.bench.arms import torch_networks
from benchmarks.bench.settings import BATCH, MOMENTUM, WEIGHT_DECAY

FORMATS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}
PAD = 4


class Batches:
    """Batches of augmented images in another order in every epoch; the images stay in memory as uint8."""

    def __init__(self, loaded: images.Loaded, memory_format: torch.memory_format):
        """Pads once: the border is the same in every epoch."""
        count, side = loaded.pixels.shape[:2]
        padded = torch.from_numpy(loaded.fill).expand(count, side + 2 * PAD, side + 2 * PAD, 3).clone()
        padded[:, PAD:-PAD, PAD:-PAD] = torch.from_numpy(loaded.pixels)
        self.padded, self.side, self.memory_format = padded, side, memory_format
        self.labels = torch.from_numpy(loaded.labels).long()
        self.mean, self.std = torch.from_numpy(loaded.mean), torch.from_numpy(loaded.std)

    def __iter__(self):
        for positions in torch.randperm(len(self.labels)).split(BATCH):
            yield self.augmented(positions), self.labels[positions]

    def augmented(self, positions: Tensor) -> Tensor:
        """Images, float32 (b, 3, 32, 32), cropped at random and flipped with probability 0.5."""
        count, places = len(positions), torch.arange(self.side)
        offsets = torch.randint(0, 2 * PAD + 1, (2, count, 1))
        columns = torch.where(torch.rand(count, 1) < 0.5, places.flip(0), places) + offsets[1]
        rows = offsets[0] + places
        pixels = self.padded[positions[:, None, None], rows[:, :, None], columns[:, None, :]]
        return network_input(pixels, self.mean, self.std, self.memory_format)


def network_input(pixels: Tensor, mean: Tensor, std: Tensor, memory_format: torch.memory_format) -> Tensor:
    """Normalised images, float32 (b, c, h, w), from pixels, uint8 (b, h, w, c)."""
    values = (pixels.float() - mean) / std
    return values.permute(0, 3, 1, 2).contiguous(memory_format=memory_format)


def optimizer(network: torch.nn.Module, learning_rate: float) -> torch.optim.Optimizer:
    return torch.optim.SGD(
        network.parameters(), learning_rate, momentum=MOMENTUM, weight_decay=WEIGHT_DECAY, fused=True
    )


def step(network: torch.nn.Module, trainer: torch.optim.Optimizer, batch: Tensor, labels: Tensor) -> Tensor:
    """Train on one batch. Returns the loss before the update."""
    trainer.zero_grad(set_to_none=True)
    loss = functional.cross_entropy(network(batch), labels)
    loss.backward()
    trainer.step()
    return loss.detach()


class TorchArm:
    """A network in one memory format. Answers requests for epochs."""

    def __init__(self, name: str, loaded: images.Loaded, learning_rate: float, memory_format: torch.memory_format):
        self.count, self.batches = len(loaded.labels), Batches(loaded, memory_format)
        self.network = torch_networks.build(name).to(memory_format=memory_format).train()
        self.trainer = optimizer(self.network, learning_rate)
        for _, (batch, labels) in zip(range(2), self.batches, strict=False):  # warm-up
            step(self.network, self.trainer, batch, labels)

    def epoch(self) -> float:
        """Train one epoch. Returns images per second."""
        began, loss = time.perf_counter(), torch.zeros(())
        for batch, labels in self.batches:
            loss = loss + step(self.network, self.trainer, batch, labels)
        if not torch.isfinite(loss):
            raise SystemExit("the loss is not finite")
        return self.count / (time.perf_counter() - began)


def main() -> None:
    name, file, learning_rate, threads, *formats = sys.argv[1:]
    torch.set_num_threads(int(threads))
    loaded = images.read(file)
    arms = {word: TorchArm(name, loaded, float(learning_rate), FORMATS[word]) for word in formats}
    speeds = {word: arm.epoch() for word, arm in arms.items()}
    best = max(speeds, key=lambda word: speeds[word])
    arm = arms[best]
    parameters = sum(parameter.numel() for parameter in arm.network.parameters())

    def answer(epochs: int) -> dict[str, Any]:
        return {"speeds": [arm.epoch() for _ in range(epochs)], "best": best, "parameters": parameters}

    processes.serve(answer)


if __name__ == "__main__":
    main()
