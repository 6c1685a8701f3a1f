"""An npz file as a source: the file's bytes are its fingerprint, and a file that could run code is not read."""

import numpy as np
import pytest

from ablation import data
from ablation.config.schema import Data
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
        (b"no archive", "no npz file that can be read"),
        (np.array([{"a": 1}]), "holds Python objects, which could run code"),
        (np.zeros((3, 3)), "no npz file that can be read"),
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
    with pytest.raises(AblateError, match=f"{message}.*Received data.file="):
        data.prepare(config(file))


def test_a_source_without_a_file_is_a_mistake_of_the_program():
    with pytest.raises(ValueError, match="Expected a file"):
        Npz(Data(source="npz", name="npz"))
