"""Data sets that TFDS prepared, whole and damaged, and without a network."""

import dataclasses
import json
import os
import shutil
import socket
import struct
import time
from pathlib import Path

import numpy as np
import pytest
from support import images
from support.datasets import (
    NAMES,
    is_paragraph,
    of,
    tiny,
    tiny_parts,
)

from ablation import data
from ablation.cli import composition
from ablation.config import libraries
from ablation.data.sources import tfds_download
from ablation.data.sources.tfds import Tfds
from ablation.errors import AblateError


def test_a_prepared_set_is_read_as_it_is_stored(place):
    overrides = ["data=cifar10", "data.source=tfds", "data.name=tiny", f"data.dir={place}"]
    cfg = composition.compose([*overrides, "data.classes=3", "data.image_size=8"]).config.data
    assert data.describe(cfg) == ((8, 8, 3), tuple(NAMES))
    identity = data.prepare(cfg)
    assert (identity["name"], identity["version"]) == ("tiny", "1.10.0")
    json.dumps(identity, allow_nan=False)
    loaded = data.load(cfg)
    assert (len(loaded.train), len(loaded.validation), len(loaded.test)) == (27, 3, 12)
    assert (loaded.name, loaded.classes) == ("tiny", tuple(NAMES))
    for split, part in ((loaded.train, "train"), (loaded.test, "test")):  # three shards, one after the other
        np.testing.assert_array_equal(split.pixels, tiny_parts(1)[part][0])
        np.testing.assert_array_equal(split.labels, tiny_parts(1)[part][1])


def test_a_prepared_set_in_grey_and_of_another_size(tmp_path):
    pixels = images.pictures(12, size=9, channels=1)
    images.prepared(tmp_path, {"train": (pixels, np.arange(12) % 2)}, ["no", "yes"], name="grey_set")
    cfg = of("cifar10", name="grey_set", dir=str(tmp_path), classes=2, channels=1, image_size=9, holdout=0.3)
    np.testing.assert_array_equal(data.load(cfg).train.pixels, pixels)
    assert data.load(cfg).test is None
    wide = data.load(dataclasses.replace(cfg, channels=3, image_size=5)).train.pixels
    assert wide.shape == (12, 5, 5, 3) and np.array_equal(wide[..., 0], wide[..., 2])


def test_the_newest_version_wins_by_number(place):
    assert Tfds(tiny(place)).prepared == place / "tiny" / "1.10.0"  # "1.2.0" is the larger text


def test_a_set_s_own_validation_split_is_used(tmp_path, own_cache):
    counts = {"train": 9, "validation": 6, "test": 3}
    three = {name: (images.pictures(n, seed=n), np.arange(n) % 3) for name, n in counts.items()}
    images.prepared(tmp_path, three, NAMES)
    loaded = data.load(tiny(tmp_path))
    assert (len(loaded.train), len(loaded.validation), len(loaded.test)) == (9, 6, 3)
    np.testing.assert_array_equal(loaded.validation.pixels, three["validation"][0])


def test_the_identity_follows_the_version(place, lonely):
    shutil.copytree(place / "tiny" / "1.2.0", lonely.parent / "1.2.0")
    assert data.prepare(tiny(lonely.parents[1])) == data.prepare(tiny(place))  # wherever it lies
    shutil.rmtree(lonely)
    assert data.prepare(tiny(lonely.parents[1])) != data.prepare(tiny(place))


def test_a_set_that_was_made_again_is_decoded_again(tmp_path, own_cache):
    pixels = images.pictures(12)
    for name, labels in (("one", np.arange(12) % 3), ("other", np.arange(12)[::-1] % 3)):
        images.prepared(tmp_path / name, {"train": (pixels, labels)}, NAMES)
        assert data.load(tiny(tmp_path / name, holdout=0.3)).train.labels.tolist() == labels.tolist()


def test_data_dir_beats_the_environment_and_the_environment_beats_home(place, tmp_path, monkeypatch):
    home = tmp_path / "home"
    for folder_, version in ((home / "tensorflow_datasets", "3.0.0"), (tmp_path / "environment", "2.0.0")):
        shutil.copytree(place / "tiny" / "1.2.0", folder_ / "tiny" / version)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "environment"))
    assert Tfds(tiny(place)).prepared == place / "tiny" / "1.10.0"
    assert Tfds(tiny(None, dir=None)).prepared == tmp_path / "environment" / "tiny" / "2.0.0"
    monkeypatch.setenv("TFDS_DATA_DIR", "~/tensorflow_datasets")
    assert Tfds(tiny(None, dir=None)).prepared == home / "tensorflow_datasets" / "tiny" / "3.0.0"
    monkeypatch.delenv("TFDS_DATA_DIR")
    assert Tfds(tiny(None, dir=None)).prepared == home / "tensorflow_datasets" / "tiny" / "3.0.0"


def test_without_a_home_folder_a_set_needs_a_folder_and_makes_none(place, tmp_path, monkeypatch):
    """As `docker run --user 12345` does."""
    import pwd

    def unknown(uid):
        raise KeyError(uid)

    for name in ("HOME", "TFDS_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AblateError) as error:
        data.prepare(tiny(None, dir=None))
    is_paragraph(error, "no home folder", "~/tensorflow_datasets", "data.dir=")
    assert data.describe(tiny(None, dir=None))[1] == ("0", "1", "2")
    assert data.prepare(tiny(place))["name"] == "tiny" and list(tmp_path.iterdir()) == []


def test_a_library_that_is_missing_is_asked_for_and_no_data_is_blamed(place, monkeypatch):
    monkeypatch.setattr(libraries, "_is_installed", lambda module: module != "tensorflow_datasets")
    with pytest.raises(AblateError) as error:
        data.prepare(tiny(place))
    is_paragraph(error, "tensorflow_datasets", "data=tiny", "pip install ablation-study")
    assert "rm -r" not in str(error.value)


def test_a_set_that_one_may_not_read_is_not_called_damaged(lonely, own_cache, monkeypatch):
    shard = sorted(lonely.glob("*train.tfrecord*"))[0]
    cut(lonely)
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != shard)
    with pytest.raises(AblateError) as error:
        data.load(tiny(lonely.parents[1]))
    is_paragraph(error, f"you may not read {shard}", f"ls -l '{lonely}'")
    assert "rm -r" not in str(error.value)


@pytest.fixture
def offline(monkeypatch):
    """No name resolves; whoever wants to wait and try again is not kept waiting, but counted: seconds."""
    waited = []

    def fail(*args, **kwargs):
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    monkeypatch.setattr(time, "sleep", waited.append)
    return waited


@pytest.mark.parametrize("name", ["cifar10", "cats_vs_dogs", "mnist", "no_such_set"])
def test_a_missing_set_without_a_network(tmp_path, offline, name):
    cfg = of("cifar10", name=name, dir=str(tmp_path / "nowhere"))
    began = time.monotonic()
    for _ in range(2):  # what the first attempt left is no prepared set
        with pytest.raises(AblateError) as error:
            data.prepare(cfg)
        is_paragraph(error, name, str(tmp_path / "nowhere"), "data.dir=", "data=digits", "build")
    assert time.monotonic() - began + sum(offline) < 60


def write(path: Path) -> None:
    path.write_text(str(os.getpid()))


def fail(path: Path) -> None:
    raise ValueError("no such luck")


def die(path: Path) -> None:
    os._exit(3)


@pytest.mark.integration
def test_a_set_is_prepared_in_a_process_of_its_own(tmp_path):
    """Else TensorFlow would have started before the run has set its threads."""
    tfds_download.run_in_child(write, tmp_path / "pid")
    assert int((tmp_path / "pid").read_text()) != os.getpid()
    for work, reason in ((fail, "no such luck"), (die, "was killed")):
        with pytest.raises(RuntimeError, match=reason):
            tfds_download.run_in_child(work, tmp_path)


def test_a_set_that_is_not_there_can_be_described(tmp_path):
    shape, names = data.describe(of("cifar10", dir=str(tmp_path)))
    assert (shape, len(names)) == ((32, 32, 3), 10)


def flip_a_byte(prepared: Path) -> None:
    shard = sorted(prepared.glob("*train.tfrecord*"))[1]
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 1
    shard.write_bytes(content)


def cut(prepared: Path) -> None:
    shard = sorted(prepared.glob("*train.tfrecord*"))[1]
    shard.write_bytes(shard.read_bytes()[:-40])


def cut_between_records(prepared: Path) -> None:
    """The record framing stays whole: only the count can tell."""
    shard = sorted(prepared.glob("*train.tfrecord*"))[-1]
    content, ends, at = shard.read_bytes(), [], 0
    while at < len(content):
        at += struct.unpack_from("<Q", content, at)[0] + 16
        ends.append(at)
    assert ends[-1] == len(content) and len(ends) > 2
    shard.write_bytes(content[: ends[-2]])


def take_a_shard(prepared: Path) -> None:
    sorted(prepared.glob("*train.tfrecord*"))[0].unlink()


def spoil_the_features(prepared: Path) -> None:
    (prepared / "features.json").write_text("{}")


@pytest.mark.parametrize("damage", [flip_a_byte, cut, cut_between_records, take_a_shard, spoil_the_features])
def test_a_damaged_set_is_named(lonely, own_cache, damage):
    damage(lonely)
    cfg = tiny(lonely.parents[1])
    with pytest.raises(AblateError) as error:
        data.prepare(cfg)
        data.load(cfg)
    is_paragraph(error, "tiny", str(lonely), f"rm -r '{lonely}'")
    assert not own_cache.exists() or not [p for p in own_cache.iterdir() if p.is_dir()]


@pytest.mark.parametrize(
    "content",
    [
        *("", "{", "<html>", "null", "[]", "{}", '{"version": "1.0", "splits": [{}]}'),
    ],
)
def test_a_damaged_description_is_named(lonely, content):
    (lonely / "dataset_info.json").write_text(content)
    with pytest.raises(AblateError) as error:
        data.prepare(tiny(lonely.parents[1]))
    is_paragraph(error, "tiny", str(lonely), f"rm -r '{lonely}'")


def test_what_tfds_left_half_prepared_is_not_taken(lonely):
    half = lonely.parent / "incomplete.ABCDEF_2.0.0"
    shutil.copytree(lonely, half)
    assert Tfds(tiny(lonely.parents[1])).prepared == lonely
    shutil.rmtree(lonely)
    assert Tfds(tiny(lonely.parents[1])).prepared is None


@pytest.mark.parametrize("classes", [2, 4, None])
def test_the_number_of_classes_is_the_set_s(place, classes):
    """Or it is refused: labels beyond the last class would fail in the middle of training."""
    cfg = tiny(place, classes=classes)
    try:
        data.prepare(cfg)
        shape, names = data.describe(cfg)
    except AblateError as error:
        assert "data.classes" in str(error) and "3" in str(error)
    else:
        assert names == tuple(NAMES)


def _without_names(tmp_path, labels):
    made = images.prepared(tmp_path, {"train": (images.pictures(len(labels)), labels)}, NAMES)
    (made / "label.labels.txt").unlink()
    return made


@pytest.mark.parametrize("classes", [None, 3])
def test_a_set_without_class_names_has_numbers(tmp_path, own_cache, classes):
    _without_names(tmp_path, np.arange(12) % 3)
    cfg = tiny(tmp_path, classes=classes, holdout=0.3)
    data.prepare(cfg)
    assert data.load(cfg).classes == data.describe(cfg)[1] == ("0", "1", "2")


def test_a_set_without_class_names_and_with_another_number_of_classes_is_refused(tmp_path):
    _without_names(tmp_path, np.arange(12) % 3)
    with pytest.raises(AblateError) as error:
        data.prepare(tiny(tmp_path, classes=10))
    is_paragraph(error, "data.classes=10", "Type data.classes=3")


@pytest.mark.parametrize(("classes", "words"), [(None, "number of its classes is unknown"), (2, "from 0 to 2")])
def test_labels_that_no_file_counts(tmp_path, own_cache, monkeypatch, classes, words):
    """As in a set whose labels are plain integers."""
    _without_names(tmp_path, np.arange(12) % 3)
    monkeypatch.setattr(Tfds, "_class_count", lambda self: None)
    cfg = tiny(tmp_path, classes=classes, holdout=0.3)
    with pytest.raises(AblateError) as error:
        data.prepare(cfg)
        data.load(cfg)
    is_paragraph(error, words)


LABELS = np.arange(12) % 3


@pytest.mark.parametrize(("supervised", "label"), [(None, "class"), (("image", "label"), "integer")])
def test_image_and_label_are_found_without_names_for_them(tmp_path, own_cache, supervised, label):
    """As the only ones of their kind, or as the supervised ones."""
    pixels = images.pictures(12)
    parts = {"train": (pixels, LABELS), "validation": (pixels[:6], LABELS[:6])}
    images.prepared(tmp_path, parts, NAMES, supervised=supervised, label=label)
    cfg = tiny(tmp_path, classes=3)
    data.prepare(cfg)
    loaded = data.load(cfg)
    np.testing.assert_array_equal(loaded.train.pixels, pixels)
    assert loaded.train.labels.tolist() == LABELS.tolist()


def test_a_fourth_channel_is_opacity_on_white(tmp_path, own_cache):
    pixels = np.concatenate([images.pictures(12), np.full((12, 8, 8, 1), 255, "uint8")], axis=-1)
    pixels[:, :4, :, 3] = 0
    images.prepared(tmp_path, {"train": (pixels, LABELS), "validation": (pixels, LABELS)}, NAMES)
    cfg = tiny(tmp_path)
    data.prepare(cfg)
    shown = data.load(cfg).train.pixels
    assert (shown[:, :4] == 255).all()
    np.testing.assert_array_equal(shown[:, 4:], pixels[:, 4:, :, :3])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"supervised": None, "label": "integer"}, None),  # an integer called label, and data.classes
        ({"supervised": None, "label": "text"}, ("one class label each", "image, label, more")),
        ({"supervised": ("image", "label"), "label": "text"}, ("one class label each",)),
        ({"supervised": ("image", "image")}, None),  # the only image and the only label all the same
        ({"dtype": "uint16"}, ("8 bits per channel", "uint16")),
    ],
)
def test_a_set_of_other_things_is_refused_before_it_is_decoded_and_not_called_damaged(tmp_path, changes, words):
    pixels = images.pictures(12).astype(changes.pop("dtype", "uint8"))
    images.prepared(tmp_path, {"train": (pixels, LABELS)}, NAMES, **changes)
    if words is None:
        assert data.prepare(tiny(tmp_path))["name"] == "tiny"
        return
    with pytest.raises(AblateError) as error:
        data.prepare(tiny(tmp_path))
    is_paragraph(error, "data=folder data.root=", *words)
    assert "rm -r" not in str(error.value) and "damaged" not in str(error.value)


def test_class_names_in_another_encoding_are_names(lonely, own_cache):
    (lonely / "label.labels.txt").write_bytes(b"gr\xfcn\nrot\nblau\n")
    cfg = tiny(lonely.parents[1])
    data.prepare(cfg)
    assert data.load(cfg).classes == ("gr\N{REPLACEMENT CHARACTER}n", "rot", "blau")


def test_a_disk_that_does_not_answer_has_damaged_nothing(lonely, monkeypatch):
    read = Path.read_text

    def fail(path, *arguments, **keywords):
        if path.name == "dataset_info.json":
            raise OSError(5, "Input/output error")
        return read(path, *arguments, **keywords)

    monkeypatch.setattr(Path, "read_text", fail)
    with pytest.raises(AblateError) as error:
        data.prepare(tiny(lonely.parents[1]))
    is_paragraph(error, "Input/output error", str(lonely), "repeat the command")
    assert "rm -r" not in str(error.value)


def test_too_little_memory_has_damaged_nothing(lonely, own_cache, monkeypatch):
    import tensorflow_datasets

    def fail(folder):
        raise MemoryError("Cannot allocate memory")

    cfg = tiny(lonely.parents[1])
    data.prepare(cfg)
    monkeypatch.setattr(tensorflow_datasets, "builder_from_directory", fail)
    with pytest.raises(AblateError) as error:
        data.load(cfg)
    is_paragraph(error, "Cannot allocate memory", str(lonely))
    assert "rm -r" not in str(error.value)
