"""What Keras does behind its public interface is still what this package takes it for."""

import keras
import numpy as np

from ablation.training import keras_private


def compiled(**settings) -> keras.Model:
    inputs = keras.Input((3,))
    network = keras.Model(inputs, keras.layers.Dense(2, name="dense")(inputs))
    network.compile(keras.optimizers.SGD(0.5, **settings), "mean_squared_error", metrics=["mean_absolute_error"])
    return network


def test_loss_and_metrics_have_their_variables_before_any_batch():
    network = compiled()
    assert len(network.metrics_variables) == 2  # total and count of the loss
    keras_private.build_symbolically(
        network, keras.KerasTensor((4, 3), "float32"), keras.KerasTensor((4, 2), "float32")
    )
    assert len(network.metrics_variables) == 4  # and of the metric


def test_the_averages_are_those_of_the_weights_after_the_first_step():
    network = compiled(use_ema=True, ema_momentum=0.5)
    network.train_on_batch(np.ones((4, 3)), np.ones((4, 2)))
    averages = keras_private.weight_averages(network.optimizer)
    first = [np.array(weight) for weight in network.trainable_variables]
    for average, weight in zip(averages, first, strict=True):
        np.testing.assert_array_equal(average, weight)
    network.train_on_batch(np.ones((4, 3)), np.ones((4, 2)))
    for average, before, weight in zip(averages, first, network.trainable_variables, strict=True):
        np.testing.assert_allclose(average, 0.5 * before + 0.5 * np.array(weight), rtol=1e-6)


def test_without_averages_there_are_none():
    network = compiled()
    network.train_on_batch(np.ones((4, 3)), np.ones((4, 2)))
    assert keras_private.weight_averages(network.optimizer) == []


def test_what_was_excluded_does_not_decay():
    optimizer = keras.optimizers.SGD(0.5, weight_decay=0.1)
    kernel, bias = keras.Variable(np.ones(2), name="kernel"), keras.Variable(np.ones(2), name="bias")
    optimizer.exclude_from_weight_decay(var_list=[bias])
    optimizer.build([kernel, bias])
    assert keras_private.decays(optimizer, kernel) and not keras_private.decays(optimizer, bias)


def test_the_slots_of_an_optimizer_are_those_of_the_variable():
    kernel, bias = keras.Variable(np.ones(2), name="kernel"), keras.Variable(np.ones(2), name="bias")
    gradients = [keras.ops.zeros(2), keras.ops.convert_to_tensor(np.array([1.0, 2.0], "float32"))]
    sgd = keras.optimizers.SGD(0.5, momentum=0.9)
    adam = keras.optimizers.AdamW(0.5, beta_1=0.5, beta_2=0.75)
    for optimizer in (sgd, adam):
        optimizer.apply(gradients, [kernel, bias])
    np.testing.assert_array_equal(keras_private.momentum_of(sgd, kernel), [0, 0])
    np.testing.assert_array_equal(keras_private.momentum_of(sgd, bias), [-0.5, -1])
    first, second = keras_private.adam_moments(adam, bias)
    np.testing.assert_array_equal(first, [0.5, 1])  # (1 - beta_1) times the gradient: no bias is corrected in them
    np.testing.assert_array_equal(second, [0.25, 1])


def test_gradients_are_clipped_before_the_update():
    class Halving(keras_private.GradientClipping, keras.optimizers.SGD):
        def clip_gradients(self, gradients):
            return [gradient / 2 for gradient in gradients]

    weight = keras.Variable(np.zeros(2))
    Halving(1.0).apply([keras.ops.convert_to_tensor(np.array([2.0, -4.0], "float32"))], [weight])
    np.testing.assert_array_equal(weight, [-1, 2])
