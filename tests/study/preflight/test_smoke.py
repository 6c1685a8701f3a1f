"""What a smoke test digests, with layers and batches by hand; that it sees training is tested in `test_guard`."""

from types import SimpleNamespace

import numpy as np

from ablation.study.preflight import smoke


def test_a_digest_is_of_values_and_their_type():
    ones = np.ones(4, "float32")
    assert smoke.digest(ones) == smoke.digest(np.ones(4, "float32")) != smoke.digest(np.ones(4, "float64"))
    assert smoke.digest(1.0, "a") != smoke.digest(1.0, "b") and len(smoke.digest()) == 16
    assert smoke.digest(np.arange(6).reshape(2, 3).T) == smoke.digest(
        np.ascontiguousarray(np.arange(6).reshape(2, 3).T)
    )


def test_a_layer_is_its_settings_without_precision_and_place():
    class Conv:
        def get_config(self):
            return {"filters": 4, "dtype": "float32", "seed": 3, "batch_shape": (None, 8), "name": "stem"}

    assert smoke.layer_settings(Conv()) == {"class": "Conv"}  # Keras stores arguments that a layer may not use
    Conv.__module__ = "keras.layers"
    assert smoke.layer_settings(Conv()) == {"class": "Conv", "filters": "4", "name": "stem"}


def test_a_recipe_is_optimizer_and_loss_without_the_learning_rate():
    class Sgd:
        def get_config(self):
            return {"name": "sgd", "learning_rate": 0.1, "momentum": 0.9}

    class Crossentropy:
        def get_config(self):
            return {"name": "loss", "from_logits": True}

    network = SimpleNamespace(optimizer=Sgd(), loss=Crossentropy())
    assert smoke.recipe_settings(network) == {
        "optimizer": "Sgd",
        "optimizer.momentum": "0.9",
        "loss": "Crossentropy",
        "loss.from_logits": "True",
    }


def test_only_numbers_that_are_finite_are_trained():
    assert smoke.all_finite({"w": np.ones(3), "step": np.array(7)})
    assert not smoke.all_finite({"w": np.array([1.0, np.nan])})
    assert not smoke.all_finite({"w": np.array([np.inf])})
