"""Decode image files to the pixels that a viewer shows: upright, on white, in 8 bits per channel."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps


class UnreadableImage(Exception):
    """An image file that cannot be used. remedy: a sentence for the user, without a final stop."""

    def __init__(self, reason: str, remedy: str):
        super().__init__(reason)
        self.remedy = remedy


class DamagedImage(UnreadableImage):
    """An image file whose content is no intact image."""

    def __init__(self, reason: str):
        super().__init__(reason, "Repair it or move it away")


def decode(path: Path) -> Image.Image:
    """Decode the first frame of a file and turn it upright (EXIF orientation). Raises UnreadableImage."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                image.load()
                return ImageOps.exif_transpose(image)
    except Image.DecompressionBombError as error:
        raise UnreadableImage(str(error), "Reduce its size") from error
    except PermissionError as error:
        raise UnreadableImage("permission denied", "Make it readable") from error
    except FileNotFoundError as error:
        raise UnreadableImage("the file no longer exists", "Repeat the command") from error
    except OSError as error:
        if error.errno is not None:  # the disk or the network, not the content
            raise UnreadableImage(str(error.strerror or error), "Repeat the command") from error
        raise DamagedImage(str(error)) from error
    except MemoryError as error:
        raise UnreadableImage("it does not fit into memory", "Reduce its size") from error
    except Exception as error:  # the types depend on the format: ValueError, SyntaxError, struct.error, RuntimeError, …
        raise DamagedImage(str(error) or type(error).__name__) from error


def is_deep(image: Image.Image) -> bool:
    """Return whether the pixels have more than 8 bits: integers of 16 or 32 bits, or floating-point numbers."""
    return image.mode == "F" or image.mode.startswith("I")


def white_level(lowest: float, highest: float) -> float | None:
    """The value that stands for white, given the range of all deep images; None if it is ambiguous.

    1 for fractions; otherwise the largest value of the smallest bit depth that holds all values, such as 4095 for the
    12 bits of many cameras and X-ray detectors.
    """
    if lowest < 0 or not np.isfinite(highest):
        return None
    if highest <= 1:
        return 1.0
    if highest < 2:  # fractions that resampling has made larger than 1, or integers of one bit
        return None
    bits = max(8, int(np.ceil(np.log2(highest + 1))))
    return float(2**bits - 1)


def visible(image: Image.Image, white: float) -> Image.Image:
    """Convert to RGB as a viewer shows it. white: the value of white in deep images, see `white_level`."""
    if is_deep(image):
        values = np.asarray(image, "float64") * (255 / white)
        return Image.fromarray(values.round().clip(0, 255).astype("uint8")).convert("RGB")
    if image.has_transparency_data:
        layers = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layers.size, "white"), layers).convert("RGB")
    return image.convert("RGB")
