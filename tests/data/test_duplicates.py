"""Identical images are counted as a brute-force search over all pairs counts them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from support import images
from support.datasets import folder

from ablation.data import dataset
from ablation.data.duplicates import Duplicates, HashedSplit, count_duplicates
from ablation.data.summary import summary

IMAGES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), max_size=12)  # of a split, as (hash, label)


def split(rows) -> HashedSplit:
    hashes, labels = [row[0] for row in rows], [row[1] for row in rows]
    return HashedSplit(np.array(hashes, "uint64"), np.array(labels, "int32"))


@given(st.lists(IMAGES, min_size=1, max_size=3))
def test_groups_are_what_a_search_finds(splits):
    members: dict[int, list] = {}
    for number, rows in enumerate(splits):
        for pixels, label in rows:
            members.setdefault(pixels, []).append((number, label))
    groups = [group for group in members.values() if len(group) > 1]
    across = [group for group in groups if len({number for number, _ in group}) > 1]
    several = [group for group in groups if len({label for _, label in group}) > 1]
    found = count_duplicates([split(rows) for rows in splits])
    assert found == Duplicates(len(groups), len(across), len(several))


def test_hashes_use_all_64_bits():
    close = np.array([2**63, 2**63 + 1, 0, 1], "uint64")
    assert count_duplicates([HashedSplit(close, np.zeros(4, "int32"))]) == Duplicates()


def copies(root):
    """Folders with one image in both splits, one with two labels, one twice within a class, and others once."""
    images.folder(root, {"train/ant": 4, "train/bee": 4, "validation/ant": 3, "validation/bee": 3})
    for copy, original in (
        ("validation/ant/copy.png", "train/ant/0.png"),
        ("train/bee/copy.png", "train/ant/1.png"),
        ("train/bee/again.png", "train/bee/2.png"),
    ):
        (root / copy).write_bytes((root / original).read_bytes())
    return root


def test_copies_are_told_and_the_same_from_the_cache(tmp_path):
    cfg = folder(copies(tmp_path))
    for _ in ("decoded", "cached"):
        loaded = dataset.load(cfg)
        assert loaded.duplicates == Duplicates(groups=3, across_splits=1, several_labels=1)
        assert summary(loaded).endswith("; 3 groups of identical images: 1 across splits, 1 with more than one label")


@pytest.mark.parametrize("form", ["bmp", "webp"])
def test_another_file_of_the_same_pixels_is_a_copy(tmp_path, form):
    root = images.folder(tmp_path, {"ant": 5, "bee": 5})
    image = Image.open(root / "ant" / "0.png").convert("RGB")
    image.save(root / "bee" / f"copy.{form}", **({"lossless": True} if form == "webp" else {}))
    assert dataset.load(folder(root)).duplicates.several_labels == 1


@pytest.mark.parametrize("place", [(0, 0, 0), (7, 7, 2), (3, 4, 1)])
def test_images_that_differ_in_one_value_are_not_identical(tmp_path, place):
    root = images.folder(tmp_path, {"ant": 5, "bee": 5})
    pixels = np.asarray(Image.open(root / "ant" / "0.png")).copy()
    pixels[place] ^= 1
    Image.fromarray(pixels).save(root / "bee" / "close.png")
    assert dataset.load(folder(root)).duplicates == Duplicates()
