"""Arm B: the best plain Keras `fit` that we know.

    python -m benchmarks.bench.arms.keras_fit NETWORK IMAGES LEARNING_RATE STEPS_PER_EXECUTION…

The images stay in memory as uint8; only their positions are shuffled. A whole batch is gathered, cropped, flipped and
normalised by one call in the pipeline's threads while the step before it runs. Of several STEPS_PER_EXECUTION the
fastest is kept after a timed epoch of each.
"""

import sys
import time
from typing import Any

import keras
import tensorflow as tf

from benchmarks.bench import images, processes
from benchmarks.bench.arms import keras_networks
from benchmarks.bench.settings import BATCH, MOMENTUM, WEIGHT_DECAY

PAD = 4


def pipeline(loaded: images.Loaded) -> tf.data.Dataset:
    """Batches of augmented images, float32 (b, 32, 32, 3), and labels, in another order in every epoch."""
    pixels, labels = tf.constant(loaded.pixels), tf.constant(loaded.labels)

    def batch(positions: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        chosen = crop_flip(tf.gather(pixels, positions), loaded.fill)
        return (tf.cast(chosen, tf.float32) - loaded.mean) / loaded.std, tf.gather(labels, positions)

    positions = tf.data.Dataset.range(len(loaded.labels)).shuffle(len(loaded.labels)).batch(BATCH)
    return positions.map(batch, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def crop_flip(pixels: tf.Tensor, fill: Any) -> tf.Tensor:
    """Pad with the colour `fill`, crop each image at random, and flip it with probability 0.5."""
    count, side = tf.shape(pixels)[0], pixels.shape[1]
    border = [[0, 0], [PAD, PAD], [PAD, PAD]]
    channels = [tf.pad(pixels[..., i], border, constant_values=int(value)) for i, value in enumerate(fill)]
    padded = tf.stack(channels, axis=-1)
    offsets = tf.random.uniform((2, count, 1), 0, 2 * PAD + 1, tf.int32)
    flips = tf.random.uniform((count, 1)) < 0.5
    rows = offsets[0] + tf.range(side)
    columns = offsets[1] + tf.where(flips, tf.range(side)[::-1], tf.range(side))
    return tf.gather(tf.gather(padded, rows, axis=1, batch_dims=1), columns, axis=2, batch_dims=1)


def compiled(name: str, learning_rate: float, steps_per_execution: int = 1, mode: str = "shake") -> keras.Model:
    """The network with its optimizer. Without XLA, which is slower on a CPU. mode: of `ShakeShake`.

    Weight decay is that of Keras' optimizer, which takes less time than regularizers do. It is outside the momentum,
    where decay of the same strength is as many times larger as momentum enlarges a gradient.
    """
    network = keras_networks.build(name, mode)
    network.compile(
        optimizer=keras.optimizers.SGD(learning_rate, MOMENTUM, weight_decay=WEIGHT_DECAY / (1 - MOMENTUM)),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        steps_per_execution=steps_per_execution,
        jit_compile=False,
    )
    return network


class Clock(keras.callbacks.Callback):
    """Notes the seconds of each epoch."""

    def __init__(self):
        super().__init__()
        self.seconds: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self.began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self.seconds.append(time.perf_counter() - self.began)


class FitArm:
    """A network and its pipeline. Answers requests for epochs."""

    def __init__(self, name: str, loaded: images.Loaded, learning_rate: float, candidates: list[int]):
        self.count, self.dataset = len(loaded.labels), pipeline(loaded)
        networks = {steps: compiled(name, learning_rate, steps) for steps in candidates}
        speeds = {}
        for steps, network in networks.items():
            speeds[steps] = self._fit(network, 2)[-1] if len(candidates) > 1 else self._fit(network, 1)[-1]
        self.best = max(speeds, key=lambda steps: speeds[steps])
        self.network = networks[self.best]

    def _fit(self, network: keras.Model, epochs: int) -> list[float]:
        """Images per second of each epoch."""
        clock = Clock()
        network.fit(self.dataset, epochs=epochs, verbose=0, callbacks=[clock])
        return [self.count / seconds for seconds in clock.seconds]

    def answer(self, epochs: int) -> dict[str, Any]:
        """Train further epochs. 0 only waits for the warm-up."""
        speeds = self._fit(self.network, epochs) if epochs else []
        return {"speeds": speeds, "best": self.best, "parameters": trainable(self.network)}


def trainable(network: keras.Model) -> int:
    return sum(int(keras.ops.size(variable)) for variable in network.trainable_variables)


def main() -> None:
    name, file, learning_rate, *candidates = sys.argv[1:]
    arm = FitArm(name, images.read(file), float(learning_rate), [int(each) for each in candidates])
    processes.serve(arm.answer)


if __name__ == "__main__":
    main()
