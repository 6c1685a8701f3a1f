"""A folder of images: its classes, parts, kinds of files, and what is wrong with it."""

import json
import os
import shutil

import numpy as np
import pytest
from PIL import Image
from support import images
from support.datasets import folder, is_paragraph

from ablation import data
from ablation.data import sample_sheet
from ablation.data.sources import folder as sources_folder
from ablation.data.sources import image_reading
from ablation.errors import AblateError


def test_a_folder_is_classes_in_alphabetical_order_with_their_own_pictures(tmp_path):
    counts = {"zebra": 3, "ant": 4, "Bee": 2, "10": 5, "9": 2}
    images.folder(tmp_path, counts)
    loaded = data.load(folder(tmp_path))
    assert loaded.classes == ("10", "9", "Bee", "ant", "zebra") == data.describe(folder(tmp_path))[1]
    assert np.bincount(loaded.train.labels).tolist() == [5, 2, 2, 4, 3]
    for name in counts:
        expected = {np.asarray(Image.open(p)).tobytes() for p in (tmp_path / name).iterdir()}
        of_class = loaded.train.pixels[loaded.train.labels == loaded.classes.index(name)]
        assert {image.tobytes() for image in of_class} == expected


def test_every_kind_of_image_file_is_read(tmp_path):
    """jpg, png, gif, bmp, webp; grey, palette, with transparency; suffixes in capitals; nested; and no other file."""
    y, x = np.mgrid[0:16, 0:16]
    picture = Image.fromarray(np.stack([x * 12 + 30, y * 12 + 30, 200 - x * 6 - y * 6], -1).astype("uint8"))
    kept = {"a.jpg": picture, "b.JPEG": picture, "c.png": picture, "d.PNG": picture.convert("RGBA"), "e.bmp": picture}
    kept |= {
        "f.webp": picture,
        "g.png": picture.quantize(256),
        "deep/er/h.Jpg": picture,
        "i.gif": picture.quantize(256),
    }
    for name, image in kept.items():
        (tmp_path / "colour" / name).parent.mkdir(parents=True, exist_ok=True)
        image.save(tmp_path / "colour" / name, **({"quality": 95} if name.lower().endswith(("g", "p")) else {}))
    grey = tmp_path / "grey"
    grey.mkdir()
    picture.convert("L").save(grey / "a.jpg", quality=95)
    picture.convert("LA").save(grey / "b.png")
    picture.convert("L").save(grey / "c.png")
    for other in ("grey/notes.txt", "grey/.DS_Store", "grey/Thumbs.db", "stray.png", "README.md", "colour/a.jpg.part"):
        (tmp_path / other).write_bytes(b"no image")
    loaded = data.load(folder(tmp_path, image_size=16))
    assert loaded.classes == ("colour", "grey") and np.bincount(loaded.train.labels).tolist() == [len(kept), 3]
    for label, expected in ((0, picture), (1, picture.convert("L").convert("RGB"))):
        for pixels in loaded.train.pixels[loaded.train.labels == label]:
            assert abs(pixels.astype(int) - np.asarray(expected)).mean() < 5


def test_sixteen_bit_grey_keeps_its_contrast(tmp_path):
    images.folder(tmp_path, {"a": 3, "b": 3})
    ramp = np.linspace(0, 65535, 64).reshape(8, 8).astype("uint16")
    Image.fromarray(ramp).save(tmp_path / "a" / "x.png")
    loaded = data.load(folder(tmp_path, channels=1))
    pixels = loaded.train.pixels[3, ..., 0]
    assert abs(pixels - ramp / 257).max() <= 1


def test_odd_names(tmp_path):
    names = ["ein Hund", "猫", "l'œuf", "a,b=c[1]{2}", "#x $HOME %s", " "]
    root = images.folder(tmp_path / "bilder ü [1]", dict.fromkeys(names, 4))
    for name in names:
        (root / name / "1.png").rename(root / name / "Bild (1) – Kopie, größer.PNG")
    cfg = folder(root)
    assert data.prepare(cfg)["name"] == "folder"
    loaded = data.load(cfg)
    assert loaded.classes == tuple(sorted(names)) and len(loaded.train.labels) == 24
    assert sample_sheet.sheet(*loaded.train.take(np.arange(10)), loaded.classes)


def test_a_name_that_is_no_unicode(tmp_path):
    images.folder(tmp_path, {"a": 4, "b": 4})
    (tmp_path / "a" / "1.png").rename(tmp_path / "a" / os.fsdecode(b"caf\xe9.png"))
    data.prepare(folder(tmp_path))
    assert len(data.load(folder(tmp_path)).train.labels) == 8


def test_own_split_folders_are_used_as_they_are(tmp_path):
    counts = {"train/a": 5, "train/b": 6, "validation/a": 2, "validation/b": 1, "test/b": 3, "test/a": 1}
    cfg = folder(images.folder(tmp_path, counts))
    loaded = data.load(cfg)
    assert (len(loaded.train), len(loaded.validation), len(loaded.test)) == (11, 3, 4)
    assert loaded.classes == ("a", "b") and loaded.test.labels.tolist() == [0, 1, 1, 1]
    with Image.open(tmp_path / "validation" / "b" / "0.png") as image:
        first = np.asarray(image)
    np.testing.assert_array_equal(loaded.validation.pixels[2], first)


def test_own_test_folder_alone(tmp_path):
    loaded = data.load(folder(images.folder(tmp_path, {"train/a": 10, "train/b": 10, "test/a": 3, "test/b": 3})))
    assert (len(loaded.train), len(loaded.validation), len(loaded.test)) == (16, 4, 6)


def test_a_folder_without_parts_is_80_to_20_without_a_test(tmp_path):
    loaded = data.load(folder(images.folder(tmp_path, {"a": 25, "b": 50})))
    assert (len(loaded.train), len(loaded.validation), loaded.test) == (60, 15, None)


@pytest.mark.parametrize(
    "counts",
    [
        {"train/a": 5, "train/b": 5, "val/a": 5, "val/b": 5},
        {"train/a": 5, "train/b": 5, "val/a": 5, "val/b": 5, "test/a": 5, "test/b": 5},
        {"train/a": 5, "train/b": 5, "valid/a": 5, "valid/b": 5},
    ],
)
def test_a_split_folder_under_another_name_is_not_overlooked(tmp_path, counts):
    """`val` is what ImageNet, torchvision and Keras call it: training on 'train against val' must not happen."""
    cfg = folder(images.folder(tmp_path, counts))
    try:
        data.prepare(cfg)
        loaded = data.load(cfg)
    except AblateError as error:
        assert "validation" in str(error)
    else:
        assert loaded.classes == ("a", "b") and len(loaded.train) == len(loaded.validation) == 10


def test_hidden_folders_and_files_are_no_images(tmp_path):
    images.folder(tmp_path, {"a": 5, "b": 5, ".ipynb_checkpoints": 2, "a/.thumbnails": 2})
    (tmp_path / "b" / "._0.png").write_bytes(b"macOS")
    loaded = data.load(folder(tmp_path))
    assert loaded.classes == ("a", "b") and len(loaded.train.labels) == 10


def test_a_linked_class_folder_is_followed(tmp_path):
    images.folder(tmp_path, {"root/a": 4, "elsewhere/b": 4})
    (tmp_path / "root" / "b").symlink_to(tmp_path / "elsewhere" / "b")
    assert np.bincount(data.load(folder(tmp_path / "root")).train.labels).tolist() == [4, 4]


def test_the_identity_of_a_folder_is_its_content(tmp_path):
    root = images.folder(tmp_path / "root", {"a": 4, "b": 4})
    identity = data.prepare(folder(root))
    json.dumps(identity, allow_nan=False)

    def after(name: str, change) -> dict:
        copy = shutil.copytree(root, tmp_path / name)
        change(copy)
        return data.prepare(folder(copy))

    def touch(copy):
        for path in copy.rglob("*.png"):
            os.utime(path, (1, 1))

    assert after("moved", lambda copy: None) == identity
    assert after("touched", touch) == identity
    assert after("beside", lambda copy: (copy / "a" / "notes.txt").write_text("x")) == identity
    whole = (root / "a" / "0.png").read_bytes()
    others = [
        after("content", lambda copy: (copy / "a" / "0.png").write_bytes(whole[:-1] + b"x")),
        after("renamed", lambda copy: (copy / "a" / "0.png").rename(copy / "a" / "00.png")),
        after("relabelled", lambda copy: (copy / "a" / "3.png").rename(copy / "b" / "-.png")),
        after("class", lambda copy: (copy / "b").rename(copy / "c")),
        after("added", lambda copy: shutil.copy(copy / "a" / "0.png", copy / "a" / "4.png")),
        after("taken", lambda copy: (copy / "b" / "0.png").unlink()),
        after("exchanged", lambda copy: shutil.copy(copy / "b" / "0.png", copy / "a" / "0.png")),
    ]
    assert len({str(i) for i in [identity, *others]}) == 1 + len(others)


def test_a_home_relative_root(tmp_path, monkeypatch):
    images.folder(tmp_path / "pictures", {"a": 5, "b": 5})
    monkeypatch.setenv("HOME", str(tmp_path))
    assert len(data.load(folder("~/pictures")).train) == 8


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda root: None, ["does not exist"]),
        (lambda root: root.write_text("a file"), ["does not exist"]),
        (lambda root: root.mkdir(), ["no images", ".jpg"]),
        (lambda root: images.folder(root, {"a": 0, "b": 0}), ["no images"]),
        (lambda root: images.folder(root, {"only": 5}), ["only one class", "only"]),
        (
            lambda root: images.folder(root, {"train/a": 3, "train/b": 3, "validation/a": 1, "validation/owl": 1}),
            ["validation", "that the train folder", "lacks: owl"],
        ),
    ],
)
def test_a_folder_that_is_no_data_set(tmp_path, make, words):
    root = tmp_path / "my pictures"
    make(root)
    with pytest.raises(AblateError) as error:
        data.prepare(folder(root))
    is_paragraph(error, str(root), "data.root=", *words)


def test_describing_or_loading_a_folder_that_is_not_there(tmp_path):
    for do in (data.describe, data.load):
        with pytest.raises(AblateError) as error:
            do(folder(tmp_path / "nowhere"))
        is_paragraph(error, "does not exist", str(tmp_path / "nowhere"))


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "bmp", "webp"])
def test_an_image_that_is_not_whole_is_named(tmp_path, suffix):
    images.folder(tmp_path, {"a": 2, "b": 2})
    broken = tmp_path / "b" / f"o'my broken.{suffix}"
    Image.fromarray(images.pictures(1, 32)[0]).save(broken)
    whole = broken.read_bytes()
    for content in (whole[: len(whole) // 2], whole[:20], b"", b"<html>404</html>"):
        broken.write_bytes(content)
        with pytest.raises(AblateError) as error:
            data.load(folder(tmp_path))
        is_paragraph(error, str(broken), "mv ")


def test_any_damage_to_an_image_is_named_or_harmless(tmp_path):
    """Pillow raises many types."""

    rng = np.random.default_rng(0)
    for suffix in ("png", "jpg", "gif", "webp"):
        path = tmp_path / f"x.{suffix}"
        Image.fromarray(images.pictures(1, 16)[0]).save(path)
        whole = path.read_bytes()
        for _ in range(100):
            damaged = bytearray(whole)
            for place in rng.integers(0, min(len(whole), 200), 2):
                damaged[place] = rng.integers(256)
            path.write_bytes(damaged)
            try:
                image_reading.visible(image_reading.decode(path), 255)
            except image_reading.UnreadableImage as error:
                assert str(error)


def test_a_damaged_chunk_of_a_png_is_named(tmp_path):
    images.folder(tmp_path, {"a": 2, "b": 2})
    broken = tmp_path / "a" / "0.png"
    Image.fromarray(images.pictures(1, 200)[0]).save(broken)
    head, first, second = broken.read_bytes().split(b"IDAT")
    broken.write_bytes(head + b"IDAT" + first + b"\0\1\2\3" + second)
    with pytest.raises(AblateError) as error:
        data.load(folder(tmp_path))
    is_paragraph(error, str(broken))


def test_a_folder_that_may_not_be_listed_is_named(tmp_path, monkeypatch):
    def refuse(root, layout):
        raise PermissionError(13, "Permission denied", str(root / "ant"))

    monkeypatch.setattr(sources_folder, "read_layout", refuse)
    with pytest.raises(AblateError) as error:
        data.prepare(folder(tmp_path))
    is_paragraph(error, "cannot be listed", "Permission denied", str(tmp_path / "ant"))
