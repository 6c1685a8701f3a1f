"""The fused operation against Keras' own layer, which is its reference."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ablation.model.blocks.batch_normalization import BatchNormalization

SHAPES = [(8, 6, 6, 5), (128, 4, 4, 16), (3, 1, 1, 7), (2, 2, 9, 1), (1, 5, 5, 3)]
WEIGHTS = ("gamma", "beta", "moving_mean", "moving_variance")


def pair(channels, dtype=None, **settings):
    """Keras' layer and ours with equal weights, none of which has its initial value."""
    generator = np.random.default_rng(channels)
    layers = [
        kind(name="norm", dtype=dtype, **settings) for kind in (keras.layers.BatchNormalization, BatchNormalization)
    ]
    weights = [generator.uniform(0.5, 2, channels).astype("float32") for _ in WEIGHTS]
    for layer in layers:
        layer.build((None, None, None, channels))
        layer.set_weights(weights)
    return layers


def trained(layer, inputs):
    """Outputs, gradients and moving statistics of one call in training."""

    @tf.function
    def call(x, direction):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x, training=True)
            loss = tf.reduce_sum(tf.cast(y, "float32") * direction)
        return [y, *tape.gradient(loss, [x, layer.gamma.value, layer.beta.value])]

    direction = np.random.default_rng(1).normal(size=inputs.shape).astype("float32")
    values = call(tf.constant(inputs), direction)
    values += [layer.moving_mean.value, layer.moving_variance.value]
    return [np.asarray(tf.cast(value, "float32")) for value in values]


def operations(layer, inputs, training=True):
    graph = tf.function(lambda x: layer(x, training=training)).get_concrete_function(tf.constant(inputs)).graph
    return {operation.type for operation in graph.get_operations()}


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("epsilon", [1e-5, 0.1])
def test_outputs_gradients_and_statistics_are_those_of_keras(shape, epsilon):
    inputs = np.random.default_rng(0).normal(3, 2, shape).astype("float32")
    reference, ours = pair(shape[-1], epsilon=epsilon, momentum=0.7)
    assert "FusedBatchNormV3" in operations(ours, inputs) - operations(reference, inputs)
    for layer in (reference, ours):  # tracing has not changed the statistics
        np.testing.assert_array_equal(layer.get_weights()[2], pair(shape[-1])[0].get_weights()[2])
    for expected, value in zip(trained(reference, inputs), trained(ours, inputs), strict=True):
        np.testing.assert_allclose(value, expected, rtol=2e-4, atol=2e-4 * max(1, np.abs(expected).max()))


@pytest.mark.parametrize("dtype", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_is_that_of_keras(dtype):
    inputs = np.random.default_rng(0).normal(3, 2, (16, 4, 4, 8)).astype("float32")
    half = tf.cast(inputs, dtype.removeprefix("mixed_"))
    reference, ours = pair(8, dtype=dtype)
    assert ours(half, training=True).dtype == reference(half, training=True).dtype == half.dtype
    for expected, value in zip(trained(reference, half), trained(ours, half), strict=True):
        np.testing.assert_allclose(value, expected, rtol=2e-2, atol=2e-2 * max(1, np.abs(expected).max()))


def test_the_variance_of_a_single_value_stays_finite():
    _, ours = pair(3)
    ours(np.ones((1, 1, 1, 3), "float32"), training=True)
    assert np.isfinite(ours.get_weights()).all()


@pytest.mark.parametrize("settings", [{"axis": 1}, {"scale": False}, {"center": False}, {"renorm": True}], ids=str)
def test_what_the_fused_operation_lacks_is_left_to_keras(settings):
    layer = BatchNormalization(**settings)
    layer.build((None, 4, 4, 4))
    assert "FusedBatchNormV3" not in operations(layer, np.ones((2, 4, 4, 4), "float32"))


@pytest.mark.parametrize("dtype", ["float64", "float16", "bfloat16"])
def test_weights_of_other_types_are_left_to_keras(dtype):
    inputs = tf.cast(np.random.default_rng(0).normal(size=(4, 3, 3, 2)), dtype)
    reference, ours = pair(2, dtype=dtype)
    np.testing.assert_array_equal(ours(inputs, training=True), reference(inputs, training=True))


def test_inference_frozen_layers_and_vectors_are_left_to_keras():
    inputs = np.random.default_rng(0).normal(size=(4, 3, 3, 2)).astype("float32")
    reference, ours = pair(2)
    np.testing.assert_array_equal(ours(inputs, training=False), reference(inputs, training=False))
    ours.trainable = False
    assert "FusedBatchNormV3" not in operations(ours, inputs)
    vectors = BatchNormalization()
    vectors.build((None, 5))
    assert vectors(np.ones((3, 5), "float32"), training=True).shape == (3, 5)


def test_a_gpu_gets_the_layer_of_keras(monkeypatch):
    _, ours = pair(2)
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind: ["gpu"])
    assert "FusedBatchNormV3" not in operations(ours, np.ones((4, 3, 3, 2), "float32"))


def test_weights_and_summary_have_the_names_of_keras():
    reference, ours = pair(4)
    assert [w.path for w in ours.weights] == [w.path for w in reference.weights]
    assert type(ours).__name__ == type(reference).__name__ and ours.get_config() == reference.get_config()
