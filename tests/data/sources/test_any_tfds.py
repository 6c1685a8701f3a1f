"""Any image classification set of TFDS by its name alone: classes, channels and size are known, or refused by name."""

import json

import numpy as np
import pytest
from support import images

from ablation import data
from ablation.cli.composition import compose
from ablation.data.sources.tfds import Tfds
from ablation.errors import AblateError

NAMES = ["ant", "bee", "cat"]
LABELS = np.arange(12) % 3


def pictures(channels, height=7, width=5, dtype="uint8", count=12):
    return np.random.default_rng(channels).integers(0, 256, (count, height, width, channels)).astype(dtype)


def config(place, *words):
    return compose(["data=tfds", "data.name=own_set", f"data.dir={place}", "data.holdout=0.3", *words]).config.data


@pytest.mark.parametrize(("channels", "shown"), [(1, 1), (3, 3), (4, 3)])
def test_channels_and_size_are_those_of_the_set(tmp_path, own_cache, channels, shown):
    pixels = pictures(channels)
    images.prepared(tmp_path, {"train": (pixels, LABELS)}, NAMES, name="own_set")
    cfg = config(tmp_path)
    data.prepare(cfg)
    loaded = data.load(cfg)
    assert data.describe(cfg) == ((7, 5, shown), tuple(NAMES)) and loaded.train.pixels.shape == (12, 7, 5, shown)
    if channels < 4:
        np.testing.assert_array_equal(loaded.train.pixels, pixels)
    else:
        on_white = 255 - (255 - pixels[..., :3].astype(int)) * pixels[..., 3:] / 255
        assert np.abs(loaded.train.pixels - on_white).max() <= 1
    square = data.load(config(tmp_path, "data.image_size=6", "data.channels=3"))
    assert square.train.pixels.shape == (12, 6, 6, 3)


def test_the_validation_split_of_the_set_is_used(tmp_path, own_cache):
    parts = {"train": (pictures(3), LABELS), "validation": (pictures(3, count=6), LABELS[:6])}
    images.prepared(tmp_path, parts, NAMES, name="own_set")
    loaded = data.load(config(tmp_path))
    assert (len(loaded.train), len(loaded.validation), loaded.test) == (12, 6, None)


def test_classes_without_names_have_numbers(tmp_path, own_cache):
    images.prepared(tmp_path, {"train": (pictures(3), LABELS)}, NAMES, name="own_set", label="count")
    cfg = config(tmp_path)
    data.prepare(cfg)
    assert data.load(cfg).classes == ("0", "1", "2")


def test_whole_numbers_as_labels_need_the_number_of_classes(tmp_path, own_cache):
    images.prepared(tmp_path, {"train": (pictures(3), LABELS)}, NAMES, name="own_set", label="integer")
    with pytest.raises(AblateError, match="no class names.*Type for example data.classes="):
        data.prepare(config(tmp_path))
    cfg = config(tmp_path, "data.classes=3")
    data.prepare(cfg)
    assert data.load(cfg).classes == ("0", "1", "2")


def test_an_integer_called_label_is_one_without_supervised_keys(tmp_path, own_cache):
    parts = {"train": (pictures(3), LABELS)}
    images.prepared(tmp_path, parts, NAMES, name="own_set", label="integer", supervised=None)
    with pytest.raises(AblateError, match="no class names.*Type for example data.classes="):
        data.prepare(config(tmp_path))
    cfg = config(tmp_path, "data.classes=3")
    data.prepare(cfg)
    assert np.array_equal(data.load(cfg).train.labels, LABELS)


def described(place, label, kind, parts=("train",), name="own_set"):
    """Write the two files that describe a prepared set, without its images."""
    folder = place / name / "1.0.0"
    folder.mkdir(parents=True)
    image = {"image": {"dtype": "uint8", "shape": {"dimensions": ["7", "5", "3"]}}}
    features = {"image": image, label: kind}
    (folder / "features.json").write_text(json.dumps({"featuresDict": {"features": features}}))
    splits = [{"name": part, "numBytes": "9", "shardLengths": ["12"]} for part in parts]
    (folder / "dataset_info.json").write_text(json.dumps({"splits": splits, "version": "1.0.0"}))
    return folder


CLASSES = {"classLabel": {"numClasses": "3"}}
INTEGER = {"tensor": {"dtype": "int64", "shape": {}}}


def test_the_names_are_those_of_the_label_feature(tmp_path):
    (described(tmp_path, "coarse", CLASSES) / "coarse.labels.txt").write_text("\n".join(NAMES))
    assert data.describe(config(tmp_path)) == ((7, 5, 3), tuple(NAMES))


def test_an_integer_of_another_name_is_no_label(tmp_path):
    described(tmp_path, "id", INTEGER)
    with pytest.raises(AblateError, match="Received the features image, id in .*an integer called label"):
        data.prepare(config(tmp_path, "data.classes=3"))


def test_a_set_without_a_train_split_is_not_to_be_deleted(tmp_path):
    described(tmp_path, "label", CLASSES, parts=("test", "extra"))
    with pytest.raises(AblateError, match="no split train.*Received the splits test, extra in .*Allowed: ") as refusal:
        data.prepare(config(tmp_path))
    assert "rm -r" not in str(refusal.value) and "damaged" not in str(refusal.value)


def test_a_set_with_configurations_needs_one_in_its_name(tmp_path, monkeypatch):
    def download(self):
        raise AssertionError("downloaded")

    monkeypatch.setattr(Tfds, "_download", download)
    for name in ("own_set/small", "own_set/large"):
        described(tmp_path, "label", CLASSES, name=name)
    with pytest.raises(
        AblateError, match="Allowed: own_set/large, own_set/small .*Type for example data.name=own_set/l"
    ):
        data.prepare(config(tmp_path))
    assert data.prepare(config(tmp_path, "data.name=own_set/small"))["name"] == "own_set/small"


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"shape": (None, None, 3)}, "have different sizes. Received data.image_size=null.*data.image_size=96"),
        ({"label": "text"}, "not one of images with one class label each"),
    ],
)
def test_what_is_not_known_is_refused_before_anything_starts(tmp_path, keys, message):
    images.prepared(tmp_path, {"train": (pictures(3), LABELS)}, NAMES, name="own_set", **keys)
    with pytest.raises(AblateError, match=message):
        data.prepare(config(tmp_path))


def test_sizes_that_differ_are_resized_to_the_size_that_is_typed(tmp_path, own_cache):
    images.prepared(tmp_path, {"train": (pictures(3), LABELS)}, NAMES, name="own_set", shape=(None, None, 3))
    assert data.load(config(tmp_path, "data.image_size=6")).train.pixels.shape == (12, 6, 6, 3)


def test_images_of_more_bits_are_refused(tmp_path):
    images.prepared(tmp_path, {"train": (pictures(1, dtype="uint16"), LABELS)}, NAMES, name="own_set")
    with pytest.raises(AblateError, match="do not have 8 bits per channel.*Received uint16"):
        data.prepare(config(tmp_path))


def test_a_missing_set_names_its_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(Tfds, "_download", lambda self: (_ for _ in ()).throw(AblateError("not downloaded")))
    with pytest.raises(AblateError, match="not downloaded"):
        data.prepare(config(tmp_path))
