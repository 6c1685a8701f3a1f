"""An npz file as a source: the file's bytes are its fingerprint, and a file that could run code is not read."""

import tokenize
import zlib

import numpy as np
import pytest

from ablation import data
from ablation.config.schema import Data
from ablation.data.sources.arrays import npz
from ablation.data.sources.arrays.npz import Npz
from ablation.errors import AblateError

RANDOM = np.random.default_rng(0)


def config(file, **keys):
    return Data(source="npz", name="npz", file=str(file), **{"channels": None, **keys})


def saved(tmp_path, **arrays):
    file = tmp_path / "data.npz"
    images = RANDOM.integers(0, 256, (40, 6, 4, 3)).astype("uint8")
    np.savez(file, **{"x_train": images, "y_train": np.arange(40) % 4, **arrays})
    return file


def test_splits_are_those_of_the_file_or_stratified(tmp_path):
    file = saved(tmp_path)
    loaded = data.load(config(file, holdout=0.25))
    assert (len(loaded.train), len(loaded.validation), loaded.test) == (28, 12, None) and loaded.is_image
    assert set(loaded.validation.take(np.arange(12))[1]) == {0, 1, 2, 3}
    images = RANDOM.integers(0, 256, (8, 6, 4, 3)).astype("uint8")
    file = saved(tmp_path, x_val=images, y_val=np.arange(8) % 4, x_test=images, y_test=np.arange(8) % 4)
    loaded = data.load(config(file))
    assert (len(loaded.train), len(loaded.validation), len(loaded.test or ())) == (40, 8, 8)
    assert data.describe(config(file)) == ((6, 4, 3), ("0", "1", "2", "3"))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.arange(40), "each of the 40 classes has a single example, .*Add examples, or join classes"),
        (
            np.arange(40) % 20,
            "The validation split is empty. Received .*data.holdout=0.2 .*Type for example data.holdout=0.25 ",
        ),
    ],
)
def test_classes_without_enough_examples_for_two_splits(tmp_path, labels, message):
    file = saved(tmp_path, y_train=labels)
    with pytest.raises(AblateError, match=message):
        data.load(config(file, holdout=0.2))
    if labels.max() < 39:
        assert len(data.load(config(file, holdout=0.25)).validation) == 20


def test_the_bytes_are_the_fingerprint(tmp_path):
    first = data.prepare(config(saved(tmp_path)))
    assert data.prepare(config(saved(tmp_path, classes=["a", "b", "c", "d"]))) != first
    copy = tmp_path / "copy.npz"
    copy.write_bytes((tmp_path / "data.npz").read_bytes())
    assert data.prepare(config(copy)) == data.prepare(config(tmp_path / "data.npz"))


def test_features_are_normalised_by_their_own_mean_and_deviation(tmp_path):
    table = RANDOM.normal(size=(40, 3)) * [1e-3, 1, 1e3] + [5, 0, 1e6]
    table[:, 1] = 7
    loaded = data.load(config(saved(tmp_path, x_train=table)))
    values = loaded.train.take(np.arange(len(loaded.train)))[0]
    assert values.dtype == "float32" and np.allclose(loaded.mean, values.mean(axis=0, dtype="float64"))
    assert np.allclose(loaded.std[[0, 2]], values.std(axis=0, dtype="float64")[[0, 2]], rtol=1e-4)
    assert loaded.std[1] == 1 and loaded.notes == ("float64 stored as float32",) and not loaded.is_image


def test_images_can_be_resized_and_made_grey(tmp_path):
    assert data.load(config(saved(tmp_path), image_size=8, channels=1)).train.pixels.shape[1:] == (8, 8, 1)
    table = saved(tmp_path, x_train=RANDOM.normal(size=(40, 3)))
    with pytest.raises(AblateError, match="data.image_size is for images, and npz has arrays of shape"):
        data.prepare(config(table, image_size=8))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "No such file"),
        (b"", "The file is empty"),
        (b"allow_pickle", "no npz file, whatever its name"),
        (np.array([{"a": 1}]), "holds Python objects, which could run code"),
        (np.zeros((3, 3)), "holds a single array"),
    ],
)
def test_other_files_are_refused(tmp_path, content, message):
    file = tmp_path / "data.npz"
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content is not None and content.dtype == object:
        np.savez(file, x_train=content, y_train=content)
    elif content is not None:
        np.save(tmp_path / "data.npy", content)
        (tmp_path / "data.npy").rename(file)
    with pytest.raises(AblateError, match=f"{message}.*Received data.file=") as refusal:
        data.prepare(config(file))
    assert "allow_pickle" not in str(refusal.value)


@pytest.mark.parametrize(
    "error",
    [zlib.error("Error -3"), NotImplementedError(), tokenize.TokenError("EOF", (2, 0)), EOFError(), KeyError(1)],
)
def test_a_damaged_file_is_one_refusal(tmp_path, monkeypatch, error):
    def fail(*arguments, **keys):
        raise error

    file = saved(tmp_path)
    monkeypatch.setattr(np, "load", fail)
    npz._read.cache_clear()
    with pytest.raises(AblateError, match="The file is damaged .*Received data.file=.*Save or copy it again"):
        data.prepare(config(file))


def test_any_changed_byte_is_refused_or_read(tmp_path):
    """No exception but AblateError."""
    file = tmp_path / "data.npz"
    np.savez_compressed(file, x_train=RANDOM.normal(size=(20, 5)), y_train=np.arange(20) % 2)
    content, refused = file.read_bytes(), 0
    for position in range(0, len(content), 9):
        damaged = bytearray(content)
        damaged[position] ^= 0x5A
        file.write_bytes(damaged)
        try:
            npz._read(file, str(position), "data.file=data.npz")
        except AblateError:
            refused += 1
    assert refused > 50


def test_a_source_without_a_file_is_a_mistake_of_the_program():
    with pytest.raises(ValueError, match="Expected a file"):
        Npz(Data(source="npz", name="npz"))
