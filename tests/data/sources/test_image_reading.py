"""The pixels of an image file are those that a viewer shows."""

import errno

import numpy as np
import pytest
from PIL import Image
from support import images
from support.datasets import folder, is_paragraph

from ablation import data
from ablation.data.sources import folder as folder_source
from ablation.data.sources import image_reading
from ablation.errors import AblateError


def shown(path, white=255):
    return np.asarray(image_reading.visible(image_reading.decode(path), white))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_is_upright(tmp_path, orientation):
    """EXIF tag 274, as phones write it: the file holds the picture turned, and the viewer turns it back."""
    upright = np.zeros((8, 16, 3), "uint8")
    upright[:4, :8] = 255  # top left
    turned = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright),
        7: np.rot90(upright)[:, ::-1][::-1, ::-1].copy(),
        8: np.rot90(upright, -1),
    }
    turned[7] = upright[::-1, ::-1].transpose(1, 0, 2)
    image = Image.fromarray(np.ascontiguousarray(turned[orientation]))
    exif = image.getexif()
    exif[274] = orientation
    image.save(tmp_path / "x.png", exif=exif)
    np.testing.assert_array_equal(shown(tmp_path / "x.png"), upright)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "P"])
def test_transparent_pixels_are_white(tmp_path, mode):
    picture = Image.new("RGBA", (4, 2), (0, 0, 0, 255))
    picture.paste((0, 0, 0, 0), (2, 0, 4, 2))
    if mode == "P":
        palette = Image.new("P", (4, 2), 0)
        palette.putpalette([0, 0, 0, 10, 20, 30])
        palette.paste(1, (2, 0, 4, 2))
        palette.save(tmp_path / "x.png", transparency=1)
    else:
        picture.convert("LA" if mode != "RGBA" else "RGBA").save(tmp_path / "x.png")
    pixels = shown(tmp_path / "x.png")
    assert (pixels[:, :2] == 0).all() and (pixels[:, 2:] == 255).all()


def test_half_transparent_red_is_pink(tmp_path):
    Image.new("RGBA", (2, 2), (255, 0, 0, 128)).save(tmp_path / "x.png")
    assert abs(shown(tmp_path / "x.png").astype(int) - [255, 127, 127]).max() <= 1


@pytest.mark.parametrize(
    ("lowest", "highest", "white"),
    [(0, 65535, 65535), (0, 4090, 4095), (0, 4095, 4095), (0, 4096, 8191), (0, 1000, 1023), (0, 200, 255)]
    + [(0, 1, 1), (0.0, 0.7, 1), (0, 0, 1), (-1000, 3000, None), (0, np.inf, None), (0, np.nan, None)],
)
def test_white_is_the_top_of_the_bit_depth(lowest, highest, white):
    assert image_reading.white_level(lowest, highest) == white


@pytest.mark.parametrize("bits", [10, 12, 16])
def test_deep_images_keep_their_contrast(tmp_path, bits):
    """Twelve bits in a file of sixteen, as X-ray detectors write them, are not almost black."""
    images.folder(tmp_path, {"a": 3, "b": 3})
    ramp = np.linspace(0, 2**bits - 1, 64).reshape(8, 8).astype("uint16")
    Image.fromarray(ramp).save(tmp_path / "a" / "x.png")
    Image.fromarray(ramp // 2).save(tmp_path / "b" / "x.tif")
    loaded = data.load(folder(tmp_path, channels=1))
    expected = ramp.astype(float) * 255 / (2**bits - 1)
    np.testing.assert_allclose(loaded.train.pixels[3, ..., 0], expected, atol=0.51)
    np.testing.assert_allclose(loaded.train.pixels[7, ..., 0], expected / 2, atol=0.75)


def test_fractions_are_scaled_from_one(tmp_path):
    Image.fromarray(np.array([[0, 0.5, 1.0]], "float32")).save(tmp_path / "x.tif")
    assert shown(tmp_path / "x.tif", 1.0)[0, :, 0].tolist() == [0, 128, 255]


def test_negative_values_are_refused(tmp_path):
    images.folder(tmp_path, {"a": 3, "b": 3})
    Image.fromarray(np.full((8, 8), -1000, "int32")).save(tmp_path / "a" / "x.tif")
    with pytest.raises(AblateError) as error:
        data.load(folder(tmp_path))
    is_paragraph(error, "-1000", "more than 8 bits")


@pytest.mark.parametrize("mode", ["1", "L", "CMYK", "YCbCr"])
def test_other_modes_are_as_pillow_converts_them(tmp_path, mode):
    picture = Image.new("RGB", (8, 8), "white").convert(mode)
    picture.save(tmp_path / "x.tif")
    assert (shown(tmp_path / "x.tif") >= 253).all()


def test_an_image_that_is_too_large_is_not_to_be_deleted(tmp_path, monkeypatch):
    images.folder(tmp_path, {"a": 3, "b": 3})
    Image.new("L", (300, 300)).save(tmp_path / "a" / "large.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10_000)
    with pytest.raises(AblateError) as error:
        data.load(folder(tmp_path))
    is_paragraph(error, "large.png", "Reduce its size")
    assert "rm " not in str(error.value)


@pytest.mark.parametrize(
    ("problem", "words"), [(PermissionError(13, "x"), "readable"), (FileNotFoundError(2, "x"), "no longer")]
)
def test_a_file_that_cannot_be_opened_is_not_to_be_deleted(tmp_path, monkeypatch, problem, words):
    images.folder(tmp_path, {"a": 3, "b": 3})
    opened = Image.open

    def refuse(path, *arguments):
        if path.name == "1.png":
            raise problem
        return opened(path, *arguments)

    monkeypatch.setattr(Image, "open", refuse)
    with pytest.raises(AblateError) as error:
        data.load(folder(tmp_path))
    is_paragraph(error, "1.png", words)
    assert "rm " not in str(error.value)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError(errno.EMFILE, "Too many open files"), image_reading.UnreadableImage),
        (OSError(errno.EIO, "Input/output error"), image_reading.UnreadableImage),
        (MemoryError(), image_reading.UnreadableImage),
        (OSError("image file is truncated"), image_reading.DamagedImage),
        (RuntimeError("Failed to decode image"), image_reading.DamagedImage),
    ],
    ids=repr,
)
def test_only_content_is_called_damaged(tmp_path, monkeypatch, error, kind):
    def fail(path):
        raise error

    monkeypatch.setattr(image_reading.Image, "open", fail)
    with pytest.raises(image_reading.UnreadableImage) as found:
        image_reading.decode(tmp_path / "x.png")
    assert type(found.value) is kind


def test_an_image_that_can_be_read_again_is_named_all_the_same(tmp_path, monkeypatch):
    root = images.folder(tmp_path, {"ant": 3, "bee": 3})
    decode, calls = image_reading.decode, []

    def flaky(path):
        calls.append(path)
        if len(calls) == 3:
            raise image_reading.UnreadableImage("the file no longer exists", "Repeat the command")
        return decode(path)

    monkeypatch.setattr(folder_source, "decode", flaky)
    with pytest.raises(AblateError, match="no longer exists.*ant/2.png.*Repeat the command"):
        data.load(folder(root))


@pytest.mark.parametrize("values", [[0.5, float("nan")], [0.5, 1.003]])
def test_fractions_that_are_not_certain_are_refused(tmp_path, values):
    root = images.folder(tmp_path, {"ant": 3, "bee": 3})
    Image.fromarray(np.array([values], "float32")).save(root / "ant" / "deep.tiff")
    with pytest.raises(AblateError, match="no numbers|not certain"):
        data.load(folder(root))
