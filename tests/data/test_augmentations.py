"""Crops, flips and cutouts against slow readings of the papers, pixel by pixel."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from support.images import split

from ablation.config import schema
from ablation.config.keys import keys_of
from ablation.data.augmentations import AUGMENTS, PAD, PADS, Draws, crop_flip, cutout, fill_colours
from ablation.data.normalization import by_channel

COUNT = 23
GREY = np.full(3, 128, "uint8")


SHAPES = st.tuples(st.integers(1, 5), st.integers(1, 9), st.integers(1, 9), st.sampled_from([1, 3]))


def slow_crop_flip(image: np.ndarray, offset: np.ndarray, flip: bool, padding: np.ndarray) -> np.ndarray:
    """One image, pixel by pixel, as He et al. 2015 (section 4.2) tell it."""
    height, width, _ = image.shape
    result = np.broadcast_to(padding, image.shape).copy()
    for y in range(height):
        for x in range(width):
            row, column = y + offset[0] - PAD, x + offset[1] - PAD
            if 0 <= row < height and 0 <= column < width:
                result[y, width - 1 - x if flip else x] = image[row, column]
    return result


@given(data=st.data(), shape=SHAPES)
def test_crop_flip_is_what_a_slow_reader_of_the_paper_writes(data, shape):
    pixels = data.draw(arrays.arrays("uint8", shape))
    offsets = data.draw(arrays.arrays("int64", (shape[0], 2), elements=st.integers(0, 2 * PAD)))
    flips = data.draw(arrays.arrays("bool", shape[0]))
    padding = data.draw(arrays.arrays("uint8", shape[3]))
    before = pixels.copy()
    result = crop_flip(pixels, Draws(offsets, flips), padding)
    expected = [slow_crop_flip(*each, padding) for each in zip(pixels, offsets, flips, strict=True)]
    assert result.dtype == np.uint8
    np.testing.assert_array_equal(result, np.stack(expected))
    np.testing.assert_array_equal(pixels, before)  # the decoded images are everyone's


@pytest.mark.parametrize(("pad", "colour"), [("mean", [100, 101, 255]), ("black", [0, 0, 0])])
def test_the_padding_is_of_its_colour_on_all_sides(pad, colour):
    white = np.full((4, 8, 8, 3), 255, "uint8")
    padding = fill_colours(pad, np.array([99.6, 101.4, 255], "float32")).padding
    offsets = np.array([[0, 0], [0, 8], [8, 0], [8, 8]])
    corners = crop_flip(white, Draws(offsets, np.zeros(4, bool)), padding)
    assert PAD == 4 and padding.dtype == corners.dtype == np.uint8
    for corner, (y, x) in zip(corners, offsets // 2, strict=True):
        inside = np.zeros((8, 8), bool)
        inside[4 - y : 8 - y, 4 - x : 8 - x] = True
        assert (corner[inside] == 255).all() and (corner[~inside] == colour).all()


@given(mean=arrays.arrays("float32", 3, elements=st.floats(0, 255, width=32)))
def test_the_network_sees_about_zero_in_a_mean_padding_and_a_cutout(mean):
    """As if the mean had been subtracted, and zeros padded after that."""
    for pad in PADS:
        colours, scale = fill_colours(pad, mean), by_channel(mean, np.ones(3, "float32"))
        seen = {name: (colour - scale.mean) / scale.std for name, colour in vars(colours).items()}
        assert np.abs(seen["cutout"]).max() <= 0.5
        assert np.abs(seen["padding"]).max() <= 0.5 or pad == "black"
        assert pad == "mean" or not colours.padding.any()


def test_a_colour_of_padding_has_its_name_in_the_schema():
    (limits,) = (key.limits for key in keys_of(schema.Data) if key.name == "pad")
    assert tuple(PADS) == limits.choices and schema.Data.pad == "mean"
    assert limits.read_by == tuple(name for name in AUGMENTS if "crop" in name)


def test_the_middle_crop_changes_nothing():
    pixels, _ = split(COUNT).take(np.arange(COUNT))
    middle = np.full((COUNT, 2), PAD)
    np.testing.assert_array_equal(crop_flip(pixels, Draws(middle, np.zeros(COUNT, bool)), GREY), pixels)
    np.testing.assert_array_equal(crop_flip(pixels, Draws(middle, np.ones(COUNT, bool)), GREY), pixels[:, :, ::-1])


@given(data=st.data(), shape=SHAPES)
def test_crops_and_flips_alone_are_the_halves_of_both(data, shape):
    pixels = data.draw(arrays.arrays("uint8", shape))
    offsets = data.draw(arrays.arrays("int64", (shape[0], 2), elements=st.integers(0, 2 * PAD)))
    flips = data.draw(arrays.arrays("bool", shape[0]))
    middle, nowhere = np.full_like(offsets, PAD), np.zeros_like(flips)
    padding = data.draw(arrays.arrays("uint8", shape[3]))
    received = {name: augment(pixels, Draws(offsets, flips), padding) for name, augment in AUGMENTS.items()}
    cropped = [slow_crop_flip(*each, False, padding) for each in zip(pixels, offsets, strict=True)]
    flipped = [slow_crop_flip(*each, padding) for each in zip(pixels, middle, flips, strict=True)]
    np.testing.assert_array_equal(received["none"], pixels)
    np.testing.assert_array_equal(received["crop"], cropped)
    np.testing.assert_array_equal(received["flip"], flipped)
    np.testing.assert_array_equal(received["crop_flip"], crop_flip(received["crop"], Draws(middle, flips), padding))
    np.testing.assert_array_equal(received["crop"], crop_flip(pixels, Draws(offsets, nowhere), padding))
    assert {m.dtype for m in received.values()} == {np.dtype("uint8")}


def test_an_augmentation_has_its_name_in_the_schema():
    assert tuple(AUGMENTS) == schema.AUGMENTS


def slow_cutout(image: np.ndarray, centre: np.ndarray, side: int, blank: np.ndarray) -> np.ndarray:
    """One image, pixel by pixel."""
    result = image.copy()
    for y in range(centre[0] - side // 2, centre[0] - side // 2 + side):
        for x in range(centre[1] - side // 2, centre[1] - side // 2 + side):
            if 0 <= y < image.shape[0] and 0 <= x < image.shape[1]:
                result[y, x] = blank
    return result


@given(data=st.data(), shape=SHAPES, side=st.integers(1, 9))
def test_a_cutout_is_a_square_around_its_centre_as_far_as_there_is_image(data, shape, side):
    pixels = data.draw(arrays.arrays("uint8", shape))
    centres = data.draw(
        st.tuples(*(arrays.arrays("int64", shape[0], elements=st.integers(0, n - 1)) for n in shape[1:3]))
    )
    blank = data.draw(arrays.arrays("uint8", shape[3]))
    before, centres = pixels.copy(), np.stack(centres, axis=1)
    result = cutout(pixels, centres, side, blank)
    expected = [slow_cutout(*each, side, blank) for each in zip(pixels, centres, strict=True)]
    assert result.dtype == np.uint8
    np.testing.assert_array_equal(result, np.stack(expected))
    np.testing.assert_array_equal(pixels, before)
