"""Which files of a folder are images, and why the others are not."""

import os

import pytest
from PIL import Image
from support import images

from ablation.data.sources import image_files


def names(paths):
    return [path.name for path in paths]


def test_images_are_listed_in_order_and_everything_else_by_reason(tmp_path):
    images.folder(tmp_path, {"a": 2, "b/deeper": 1, ".hidden": 2, "__MACOSX": 1})
    (tmp_path / "notes.TXT").write_text("x")
    (tmp_path / "Thumbs.db").write_text("x")
    (tmp_path / "readme").write_text("x")
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere.png")
    os.mkfifo(tmp_path / "pipe.png")
    listing = image_files.scan(tmp_path)
    assert listing.images == [tmp_path / "a" / "0.png", tmp_path / "a" / "1.png", tmp_path / "b" / "deeper" / "0.png"]
    assert {reason: names(paths) for reason, paths in listing.excluded.items()} == {
        image_files.HIDDEN: [".hidden", "Thumbs.db", "__MACOSX"],
        ".txt": ["notes.TXT"],
        image_files.NO_SUFFIX: ["readme"],
        image_files.DANGLING: ["gone.png"],
        image_files.SPECIAL: ["pipe.png"],
    }


def test_linked_folders_are_followed_once(tmp_path):
    images.folder(tmp_path, {"root/a": 1, "elsewhere": 2})
    (tmp_path / "root" / "a" / "more").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "back").symlink_to(tmp_path / "root")
    listing = image_files.scan(tmp_path / "root" / "a")
    assert len(listing.images) == 3 and names(listing.excluded[image_files.CYCLE]) == ["back"]


@pytest.mark.parametrize("name", ["eps", "wmf", "pdf", "svg", "heic", "h5", "mpg", "npy"])
def test_what_pillow_does_not_decode_is_named_by_its_suffix(tmp_path, name):
    (tmp_path / f"x.{name}").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0")
    listing = image_files.scan(tmp_path)
    assert listing.images == [] and list(listing.excluded) == [f".{name}"]


def test_an_image_needs_no_suffix(tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "plain", "PNG")
    assert names(image_files.scan(tmp_path).images) == ["plain"]
