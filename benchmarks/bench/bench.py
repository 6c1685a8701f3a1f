"""What the rows of the table share: the images, the length of the measurement, and the arms' processes."""

import functools
import importlib.util
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.bench import images, processes
from benchmarks.bench.settings import NETWORKS, Length

CANDIDATES = ("1", "4", "8")  # steps_per_execution; an epoch of resnet_cifar has 8
FORMATS = ("contiguous", "channels_last")


@dataclass
class Bench:
    """place: a temporary folder. before: the git commit that two rows compare with. threads: of PyTorch; TensorFlow
    takes all cores by itself."""

    place: Path
    source: images.Source
    length: Length
    before: str
    threads: int
    has_torch: bool = importlib.util.find_spec("torch") is not None
    files: dict[int, Path] = field(default_factory=dict)

    def count(self, name: str) -> int:
        """The images per epoch of a network."""
        return min(NETWORKS[name].images, self.length.images)

    def file(self, name: str) -> Path:
        """The file with the training images of a network, which are those of `ablate`."""
        count = self.count(name)
        if count not in self.files:
            self.files[count] = images.extract(self.source, count, self.place)
        return self.files[count]

    @functools.cached_property
    def steps_per_execution(self) -> str:
        """The fastest for Keras' `fit`, found with the network whose steps are the shortest: it matters most there."""
        worker = self.keras_fit("resnet_cifar", *CANDIDATES)
        best = worker.ask(epochs=0)["best"]
        worker.close()
        return str(best)

    def keras_fit(self, name: str, *candidates: str) -> processes.Worker:
        learning_rate = str(NETWORKS[name].learning_rate)
        return processes.Worker("arms.keras_fit", name, self.file(name), learning_rate, *candidates)

    def torch_eager(self, name: str) -> processes.Worker:
        learning_rate = str(NETWORKS[name].learning_rate)
        return processes.Worker("arms.torch_eager", name, self.file(name), learning_rate, str(self.threads), *FORMATS)
