"""Arrays of any range and type: stored right, or refused by the name of the array."""

import numpy as np
import pytest

from ablation.data.sources.arrays.checking import Checker
from ablation.errors import AblateError

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.integers(0, 256, (6, 4, 5, 3)).astype("uint8")
LABELS = np.array([0, 1, 2, 0, 1, 2])


def checked(**arrays):
    return Checker("data.file=x.npz").checked({"x_train": IMAGES, "y_train": LABELS, **arrays})


@pytest.mark.parametrize(
    ("values", "note"),
    [
        (IMAGES, None),
        (IMAGES / 255, "values from 0 to 1 stored in 8 bits"),
        ((IMAGES / 255).astype("float32"), "values from 0 to 1 stored in 8 bits"),
        (IMAGES.astype("float64"), "values from 0 to 255 stored in 8 bits"),
        (IMAGES.astype("int64"), "values from 0 to 255 stored in 8 bits"),
        (IMAGES.astype("uint16") * 257, "values from 0 to 65535 stored in 8 bits"),
        ((IMAGES.astype("uint16") * 257).astype(">u2"), "values from 0 to 65535 stored in 8 bits"),
    ],
)
def test_images_of_any_range_are_stored_in_eight_bits(values, note):
    arrays = checked(x_train=values)
    assert arrays.form.is_image and arrays.form.dtype == "uint8" and arrays.form.shape == (4, 5, 3)
    assert np.array_equal(arrays.examples["train"], IMAGES)
    assert arrays.notes == (() if note is None else (note,))


TWO = {"x_test": IMAGES, "y_test": LABELS}


@pytest.mark.parametrize(
    ("train", "test", "note"),
    [
        (IMAGES.astype("uint16") * 16, IMAGES.astype("uint16") * 7, "0 to 4095"),
        (IMAGES.astype("float32"), IMAGES * 0.7, "0 to 255"),
        (IMAGES, IMAGES * 0.7, "0 to 255"),
        (IMAGES / 255, IMAGES / 255 * 0.09, "0 to 1 "),
        (IMAGES.astype("int64"), np.zeros_like(IMAGES, "int64"), "0 to 255"),
    ],
)
def test_white_is_the_same_in_a_darker_split(train, test, note):
    arrays = checked(x_train=train, x_test=test, y_test=LABELS)
    white = 4095 if train.dtype == "uint16" else 255 if train.max() > 1 else 1
    for part, values in {"train": train, "test": test}.items():
        assert np.array_equal(arrays.examples[part], np.rint(values * (255 / white)))
    assert note in arrays.notes[0]


def test_rounding_beyond_black_and_white_is_allowed():
    exact = checked(x_train=IMAGES / 255).examples["train"]
    for values in (IMAGES / 255 * (1 + 1e-6), IMAGES / 255 - 1e-6, IMAGES * (1 + 1e-6)):
        assert np.array_equal(checked(x_train=values).examples["train"], exact)
    with pytest.raises(AblateError, match="to 1.001, so black"):
        checked(x_train=IMAGES / 255 * 1.001)


@pytest.mark.parametrize("dtype", ["int64", "int8", "uint16", "float32", "bool"])
def test_images_of_zeros_and_ones_are_black_and_white(dtype):
    arrays = checked(x_train=(IMAGES > 99).astype(dtype))
    assert set(np.unique(arrays.examples["train"])) == {0, 255}
    assert arrays.notes == ("values from 0 to 1 stored in 8 bits",)


def test_grey_images_may_lack_the_last_axis():
    grey = checked(x_train=IMAGES[..., 0])
    assert grey.form.shape == (4, 5, 1) and np.array_equal(grey.examples["train"][..., 0], IMAGES[..., 0])
    masks = checked(x_train=IMAGES[..., :1] > 99)
    assert set(np.unique(masks.examples["train"])) == {0, 255}


@pytest.mark.parametrize(
    ("values", "dtype", "note"),
    [
        (RANDOM.normal(size=(6, 7)), "float32", ("float64 stored as float32",)),
        (RANDOM.normal(size=(6, 7, 2)).astype("float32"), "float32", ()),
        (RANDOM.integers(0, 9, (6, 7)), "float32", ("int64 stored as float32",)),
        (IMAGES.reshape(6, -1), "uint8", ()),
        (RANDOM.normal(size=(6, 4, 4, 5)), "float32", ("float64 stored as float32",)),
    ],
)
def test_other_arrays_keep_their_shape(values, dtype, note):
    arrays = checked(x_train=values)
    assert not arrays.form.is_image and arrays.form.shape == values.shape[1:] and arrays.form.dtype == dtype
    assert np.array_equal(arrays.examples["train"], values.astype(dtype)) and arrays.notes == note


@pytest.mark.parametrize(
    ("labels", "classes", "expected"),
    [
        (LABELS, ("0", "1", "2"), LABELS),
        (LABELS + 1, ("1", "2", "3"), LABELS),
        (LABELS * 5 - 3, ("-3", "2", "7"), LABELS),
        (LABELS.astype("float32"), ("0", "1", "2"), LABELS),
        (LABELS[:, None], ("0", "1", "2"), LABELS),
        (np.eye(3)[LABELS], ("0", "1", "2"), LABELS),
        (np.array(["b", "c", "d", "b", "c", "d"]), ("b", "c", "d"), LABELS),
        (np.array([b"b", b"c", b"d", b"b", b"c", b"d"]), ("b", "c", "d"), LABELS),
        (np.array(list("bcdbcd"), dtype=object), ("b", "c", "d"), LABELS),
        (LABELS > 0, ("0", "1"), (LABELS > 0).astype(int)),
    ],
)
def test_labels_of_any_kind_become_positions(labels, classes, expected):
    arrays = checked(y_train=labels)
    assert arrays.classes == classes and np.array_equal(arrays.labels["train"], expected)


def test_names_of_classes_are_kept():
    assert checked(classes=np.array(["cat", "dog", "owl"])).classes == ("cat", "dog", "owl")
    texts = np.array(["owl", "cat", "dog"] * 2)
    arrays = checked(y_train=texts, classes=["dog", "owl", "cat"])
    assert [arrays.classes[label] for label in arrays.labels["train"]] == texts.tolist()


NANS = np.where(RANDOM.random((6, 7)) < 0.1, np.nan, 0.5)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x_train": IMAGES - 0.5}, "values from -0.5 to 254.5, so black and white are not certain"),
        ({"x_train": IMAGES / 127.5 - 1}, "so black and white are not certain"),
        ({"x_train": IMAGES / 255 * 3.5}, "so black and white are not certain"),
        ({"x_train": IMAGES / 255 * 300}, "so black and white are not certain"),
        ({"x_train": IMAGES / 255 / 256}, "so black and white are not certain"),
        ({"x_train": IMAGES / 255, "x_test": IMAGES, "y_test": LABELS}, "White is 1 in x_train and 255 in x_test"),
        (
            {"x_train": IMAGES / 1.0, "x_test": IMAGES / 255, "y_test": LABELS},
            "White is 255 in x_train and 1 in x_test",
        ),
        ({"x_train": IMAGES.astype("uint16") * 16, **TWO}, "White is 4095 in x_train and 255 in x_test"),
        ({"x_train": [[1, 2], [3]]}, "x_train is no array"),
        ({"y_train": LABELS * 1e300}, "labels beyond 2.53"),
        ({"x_train": NANS}, r"x_train has \d+ values that are not finite"),
        ({"x_train": np.full((6, 2), 1e39)}, "x_train has values beyond float32"),
        ({"x_train": LABELS}, "x_train has the shape"),
        ({"x_train": np.array([["a"]] * 6)}, "x_train has values of type"),
        ({"x_train": np.array([[None]] * 6)}, "x_train holds Python objects"),
        ({"x_train": IMAGES[:0]}, "x_train has the shape"),
        ({"x_train": IMAGES[:5]}, "x_train has 5 examples, and y_train 6 labels"),
        ({"x_test": IMAGES}, "There is no array y_test"),
        ({"y_val": LABELS}, "There is no array x_val"),
        ({"x_test": IMAGES[:, :2], "y_test": LABELS}, "those of x_test"),
        ({"x_test": IMAGES, "y_test": LABELS + 1}, "Some labels are not in y_train: 3"),
        ({"y_train": LABELS / 2}, "y_train has fractions"),
        ({"y_train": np.zeros(6)}, "one class only"),
        ({"y_train": np.ones((6, 2))}, "rows do not mark one class"),
        ({"y_train": np.array([None] * 6)}, "y_train holds Python objects"),
        ({"y_train": LABELS * 1j}, "y_train has labels of type"),
        ({"x_test": IMAGES, "y_test": np.array(["a"] * 6)}, "Some labels are numbers"),
        ({"classes": ["a", "b"]}, "classes has 2 names, and the labels are from 0 to 2"),
        ({"classes": ["a", "a", "b"]}, "different names"),
        ({"x": IMAGES}, "An array is unknown: x"),
    ],
)
def test_what_cannot_be_used_is_named(arrays, message):
    with pytest.raises(AblateError, match=f"{message}.*Received data.file=x.npz. Allowed: .*own_data"):
        checked(**arrays)


def test_a_missing_array_says_what_is_there():
    with pytest.raises(AblateError, match="There is no array x_train. It has a and y_train"):
        Checker("data.file=x.npz").checked({"a": IMAGES, "y_train": LABELS})
