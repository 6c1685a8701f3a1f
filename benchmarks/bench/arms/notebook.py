"""Arm A: the notebook that the project grew from, with the network of `ablate model=resnet_cifar model.depth=20`.

    python -m benchmarks.bench.arms.notebook IMAGES EPOCHS BATCH

Its structure is kept: TFDS decodes every image in every epoch, one call at a time maps each image to [0, 1], batches
are repeated and then shuffled, the network ends with softmax, gradients are clipped, `fit` evaluates after each epoch.
As in the notebook, there is no augmentation, and no XLA, which Keras 2 did not use by itself.
"""

import sys

import keras
import tensorflow as tf
import tensorflow_datasets as tfds

from benchmarks.bench.arms import keras_networks


def normalize(image: tf.Tensor, label: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    return tf.cast(image, tf.float32) / 255.0, label


def prepare(dataset: tf.data.Dataset, count: int, batch: int) -> tf.data.Dataset:
    """Shuffles as many batches as an epoch has, as the notebook does: it has 200 of 195."""
    dataset = dataset.map(normalize, num_parallel_calls=1).batch(batch)
    return dataset.repeat().shuffle(count // batch).prefetch(tf.data.AUTOTUNE)


def main() -> None:
    count, epochs, batch = (int(word) for word in sys.argv[1:])
    train, test = tfds.load(
        "cifar10", split=[f"train[:{count}]", f"test[:{count}]"], as_supervised=True, shuffle_files=True, download=False
    )
    logits = keras_networks.build("resnet_cifar")
    network = keras.Model(logits.input, keras.layers.Softmax()(logits.output))
    network.compile(
        loss="sparse_categorical_crossentropy",
        optimizer=keras.optimizers.SGD(0.01, clipnorm=1.0),
        metrics=["accuracy"],
        jit_compile=False,
    )
    history = network.fit(
        prepare(train, count, batch),
        steps_per_epoch=count // batch,
        validation_data=prepare(test, count, batch),
        validation_steps=count // batch,
        epochs=epochs,
        verbose=2,
    )
    if len(history.history["val_accuracy"]) != epochs:
        raise SystemExit("the notebook's loop did not evaluate every epoch")


if __name__ == "__main__":
    main()
