"""Time an epoch of ResNet-20 on CIFAR-10 with and without bit-exact training.

    .venv/bin/python benchmarks/exactness.py [--rounds 3] [--images 45000] [--epochs 1]

with:    deterministic kernels, order and crops keyed by (seed, epoch), a checkpoint at the end of the epoch
without: TensorFlow's default kernels, tf.data's shuffle and draws, no checkpoint

The arms alternate, each in its own process, since determinism cannot be switched off within one. Both use the same
engine, train step and number of images. Epochs are timed after a warm-up epoch. Check: the loss falls in both arms.
Printed: seconds of an epoch (median, range) and the ratio of the medians.
"""

import argparse
import dataclasses
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

BATCH = 128
COMMAND = ["model=resnet_cifar", "model.depth=20", "data=cifar10", "train=sgd_he2015", "data.augment=crop_flip"]


def arm(exact: bool, images: int, timed: int) -> None:
    """Train a warm-up epoch and `timed` more in this process; print the seconds of these and the losses of all."""
    from ablation import data
    from ablation.cli import composition
    from ablation.model import network
    from ablation.runtime import backend, console, machine

    cfg = composition.compose(
        [*COMMAND, f"data.limit={images}", f"train.epochs={1 + timed}", f"deterministic={exact}"]
    ).config
    data.prepare(cfg.data)
    with console.muted():
        backend.start(cfg, machine.cores())
    from ablation.data import tensorflow_pipeline
    from ablation.data.augmentations import fill_colours
    from ablation.data.batches import Feed
    from ablation.data.normalization import NORMALIZATIONS
    from ablation.rundir import history, layout
    from ablation.training import checkpoint, recipe
    from ablation.training.checkpoint import is_finite
    from ablation.training.metrics import EpochRow
    from ablation.training.tensorflow_engine import TensorFlowEngine

    loaded = data.load(cfg.data)
    fill = fill_colours(cfg.data.pad, loaded.mean)
    feed = Feed(loaded.train, cfg.seed, BATCH, cfg.data.augment, fill=fill)
    rates = recipe.learning_rates(cfg.train, (1 + timed) * feed.steps_per_epoch)
    model = network.build(cfg.model, (32, 32, 3), 10, cfg.seed)

    def batches(first):
        return tensorflow_pipeline.training(feed, first, len(rates)) if exact else plain(loaded.train, fill)

    scale = NORMALIZATIONS["channel"](loaded.mean, loaded.std)
    trainer = TensorFlowEngine(model, cfg.train, batches, rates, scale, xla=False)
    losses, seconds, n, tick = [], [], feed.steps_per_epoch, 8
    with tempfile.TemporaryDirectory() as folder:
        for epoch in range(1 + timed):
            began = time.perf_counter()
            trainer.reset_metrics()
            for step in range(epoch * n, (epoch + 1) * n, tick):
                metrics = trainer.run(step, min(step + tick, (epoch + 1) * n))
            losses.append(metrics.loss)
            if exact:
                state = trainer.get()
                rows = [EpochRow(epoch + 1, *[0.5] * (len(layout.HISTORY_COLUMNS) - 1))] * (epoch + 1)
                if not is_finite(state):
                    sys.exit("the state contains NaN or infinite values")
                progress = checkpoint.Checkpoint(step=step, rows=rows, state=state, best=state)
                checkpoint.save(Path(folder) / layout.CHECKPOINT, progress)
                history.write_history(Path(folder), map(dataclasses.asdict, rows))
            seconds.append(time.perf_counter() - began)
    print(json.dumps({"seconds": seconds[1:], "losses": losses}))


def plain(images, fill):
    """Build the fast tf.data pipeline of the benchmark's arm with plain Keras, which is not reproducible."""
    import tensorflow as tf

    from benchmarks.bench.arms import keras_fit

    pixels, labels = (tf.constant(array) for array in images.take(np.arange(len(images))))

    def batch(positions):
        return keras_fit.crop_flip(tf.gather(pixels, positions), fill.padding), tf.gather(labels, positions)

    positions = tf.data.Dataset.range(len(images)).shuffle(len(images)).repeat().batch(BATCH)
    return positions.map(batch, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def measure(rounds: int, images: int, epochs: int) -> dict[str, list[float]]:
    """The seconds of each timed epoch, by arm. Raises SystemExit if an arm fails or its loss does not fall."""
    seconds: dict[str, list[float]] = {"with": [], "without": []}
    for _ in range(rounds):
        for name, taken in seconds.items():
            command = [sys.executable, __file__, "--arm", name, "--images", str(images), "--epochs", str(epochs)]
            done = subprocess.run(
                command, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}, capture_output=True, text=True
            )
            result = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else sys.exit(done.stderr)
            if min(result["losses"][1:]) >= result["losses"][0]:
                sys.exit(f"the loss did not decrease in arm {name}: {result['losses']}")
            taken += result["seconds"]
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--images", type=int, default=45000)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--arm", choices=("with", "without"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.arm:
        return arm(options.arm == "with", options.images, options.epochs)
    seconds = measure(options.rounds, options.images, options.epochs)
    for name, taken in seconds.items():
        print(f"{name:8} {statistics.median(taken):7.1f} s   ({min(taken):.1f} – {max(taken):.1f})")
    print(f"ratio    {statistics.median(seconds['with']) / statistics.median(seconds['without']):7.3f}")


if __name__ == "__main__":
    main()
