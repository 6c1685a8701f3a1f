"""The contact sheet."""

import io

import numpy as np
import pytest
from PIL import Image
from support import images
from support.datasets import NAMES

from ablation.data import sample_sheet


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("count", "size"), [(1, 8), (5, 32), (32, 96), (100, 8), (3, 224)])
def test_the_contact_sheet_is_a_png_with_a_cell_for_each_image(count, size, channels):
    content = sample_sheet.sheet(images.pictures(count, size, channels), np.arange(count) % 3, tuple(NAMES))
    page = Image.open(io.BytesIO(content))
    page.load()
    assert (page.format, page.mode) == ("PNG", "RGB")
    rows = -(-min(count, sample_sheet.COLUMNS * sample_sheet.ROWS) // sample_sheet.COLUMNS)
    cell = sample_sheet.SIDE + sample_sheet.GAP
    assert page.size == (
        sample_sheet.COLUMNS * cell + sample_sheet.GAP,
        rows * (cell + sample_sheet.CAPTION) + sample_sheet.GAP,
    )


@pytest.mark.parametrize("channels", [1, 3])
def test_each_image_is_in_its_cell_with_its_class_under_it(channels):
    colours = images.pictures(20, 1, channels)
    pixels = np.broadcast_to(colours, (20, 8, 8, channels)).copy()
    page = np.asarray(Image.open(io.BytesIO(sample_sheet.sheet(pixels, np.arange(20) % 3, ("", "W" * 99, "c")))))
    for i, colour in enumerate(colours.reshape(20, channels).tolist()):
        x = i % sample_sheet.COLUMNS * (sample_sheet.SIDE + sample_sheet.GAP) + sample_sheet.GAP
        y = i // sample_sheet.COLUMNS * (sample_sheet.SIDE + sample_sheet.CAPTION + sample_sheet.GAP) + sample_sheet.GAP
        picture = page[y : y + sample_sheet.SIDE, x : x + sample_sheet.SIDE]
        assert (picture == np.array(colour)).all()
        ink = (
            page[y + sample_sheet.SIDE : y + sample_sheet.SIDE + sample_sheet.CAPTION, x : x + sample_sheet.SIDE] < 128
        ).sum()
        assert (ink > 0) == (i % 3 > 0)


def test_the_smallest_images_have_a_sheet_too():
    for channels in (1, 3):
        assert sample_sheet.sheet(images.pictures(2, 1, channels), np.zeros(2, int), ("a",)).startswith(b"\x89PNG")
