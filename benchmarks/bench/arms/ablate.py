"""Arm C: the command `ablate`, whole, in a fresh process."""

import csv
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench import processes
from benchmarks.bench.images import Source
from benchmarks.bench.settings import BATCH, NETWORKS

ABLATE = Path(sys.executable).with_name("ablate")


@dataclass(frozen=True)
class Trained:
    """A run of the command. speeds: images per second of each epoch after the first. peak: memory in MiB."""

    speeds: list[float]
    seconds: float
    peak: float
    parameters: int


def network_words(name: str, source: Source, count: int) -> list[str]:
    """The overrides that train a network of the table."""
    network = NETWORKS[name]
    return [
        *network.overrides,
        *source.overrides,
        "data.augment=crop_flip",
        f"data.limit={count}",
        "train=sgd_he2015",
        "train.schedule=constant",
        f"train.batch_size={BATCH}",
        f"train.learning_rate={network.learning_rate}",
    ]


def notebook_words(source: Source, count: int) -> list[str]:
    """The overrides for the work of `notebook`: no augmentation, test images as validation, clipped gradients."""
    return [
        *NETWORKS["resnet_cifar"].overrides,
        *source.overrides,
        "data.validation=test",
        f"data.limit={count}",
        "train=sgd",
        f"train.batch_size={BATCH}",
    ]


def train(words: Sequence[str], epochs: int) -> Trained:
    """Run the command in a folder that is deleted afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        finished = processes.run([ABLATE, *words, f"train.epochs={epochs}"], Path(folder))
        (record,) = Path(folder, "outputs").glob("*/run.json")
        parameters = json.loads(record.read_text())["network"]["trainable_parameters"]
        with record.with_name("history.csv").open() as history:
            speeds = [float(row["images_per_second"]) for row in csv.DictReader(history)]
    if len(speeds) != epochs:
        raise SystemExit(f"ablate {' '.join(words)} has {len(speeds)} epochs. Expected: {epochs}")
    return Trained(speeds[1:], finished.seconds, finished.peak, parameters)
