"""`model.weights`: what fits by name and shape is set, and what does not is listed."""

import keras
import numpy as np
import pytest

from ablation.errors import AblateError
from ablation.model import initial_weights
from ablation.model.layer_origins import keep, recorded
from ablation.training import engine


def network(width=3, last="last", classes=2, hidden=(), first="first"):
    """Dense layers with a norm. hidden: names of further layers between them, None for an automatic one."""
    with recorded() as origins:
        image = keras.Input((4,))
        x = keras.layers.Dense(width, name=first)(image)
        for name in hidden:
            x = keras.layers.Dense(width, name=name)(x)
        x = keras.layers.BatchNormalization(name="norm")(x)
        made = keras.Model(image, keras.layers.Dense(classes, name=last)(x))
    keep(made, origins)
    return made


def loaded(made, origin):
    return initial_weights.load(made, str(origin), engine.weights(made))


def arrays(made):
    return {weight.path: np.asarray(weight) for weight in made.weights}


def test_the_weights_of_a_run_are_set_by_path(tmp_path):
    np.savez(tmp_path / "weights.npz", **arrays(network()))
    source = dict(np.load(tmp_path / "weights.npz"))
    for origin in (tmp_path, tmp_path / "weights.npz"):
        made = network()
        found = loaded(made, origin)
        assert not found.missing and not found.unused and len(found.values) == 8
        assert all(np.array_equal(value, source[path]) for path, value in arrays(made).items())


def test_what_does_not_fit_is_listed_and_kept(tmp_path):
    np.savez(tmp_path / "weights.npz", **arrays(network(width=5, last="old")))
    made = network(width=5)
    before = arrays(made)
    found = loaded(made, tmp_path)
    assert found.missing == ("last/kernel", "last/bias") and found.unused == ("old/kernel", "old/bias")
    assert np.array_equal(arrays(made)["last/kernel"], before["last/kernel"])
    sentence = found.sentence("x")
    assert sentence.startswith(
        "Initial weights from x: 6 of 8 weights; from the seed: last/kernel and last/bias; not used"
    )
    assert found.record()["weights"] == 6 and len(found.record()["digest"]) == 64


def test_a_file_of_keras_is_matched_by_keras(tmp_path):
    source, file = network(), tmp_path / "file.weights.h5"
    source.save_weights(file)
    made = network()
    found = loaded(made, file)
    assert not found.missing
    assert all(np.array_equal(value, arrays(source)[path]) for path, value in arrays(made).items())
    other = network(classes=7)
    before = arrays(other)
    assert loaded(other, file).missing == ("last/kernel", "last/bias")
    assert np.array_equal(arrays(other)["first/kernel"], arrays(source)["first/kernel"])
    assert np.array_equal(arrays(other)["last/kernel"], before["last/kernel"])
    with pytest.raises(AblateError, match="None of the initial weights fit"):
        loaded(network(width=5), file)


def test_files_that_cannot_be_used(tmp_path):
    np.savez(tmp_path / "weights.npz", other=np.zeros(3))
    with pytest.raises(AblateError, match="None of the initial weights fit this network.*the file has other"):
        loaded(network(), tmp_path)
    (tmp_path / "bad.weights.h5").write_bytes(b"nothing")
    with pytest.raises(AblateError, match="The initial weights cannot be read"):
        loaded(network(), tmp_path / "bad.weights.h5")
    with pytest.raises(AblateError, match="No such file.*model.weights="):
        loaded(network(), tmp_path / "none")


def test_layers_keep_their_own_weights_when_another_is_gone(tmp_path):
    source = network(hidden=("a", "b"))
    np.savez(tmp_path / "weights.npz", **arrays(source))
    source.save_weights(tmp_path / "file.weights.h5")
    for origin in (tmp_path, tmp_path / "file.weights.h5"):
        variant = network(hidden=("b",))
        found = loaded(variant, origin)
        assert not found.missing
        assert all(np.array_equal(value, arrays(source)[path]) for path, value in arrays(variant).items())


@pytest.mark.parametrize("ending", ["npz", "h5"])
def test_layers_with_automatic_names_fit_only_a_network_of_the_same_layers(tmp_path, ending):
    source = network(hidden=(None, None))
    np.savez(tmp_path / "weights.npz", **arrays(source))
    source.save_weights(tmp_path / "file.weights.h5")
    origin = tmp_path if ending == "npz" else tmp_path / "file.weights.h5"
    shorter = network(hidden=(None,))
    assert set(loaded(shorter, origin).missing) == {"dense/kernel", "dense/bias"}
    same = network(hidden=(None, None))
    assert not loaded(same, origin).missing
    assert all(np.array_equal(value, arrays(source)[path]) for path, value in arrays(same).items())
