"""The contact sheet `samples.png`: augmented training images with their class names."""

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFont

COLUMNS, ROWS = 8, 4
SIDE, CAPTION, GAP = 96, 16, 6  # pixels: side of an image, height of its caption, gap between images
LONGEST_CLASS = 16  # characters of a class name that fit below an image


def sheet(pixels: np.ndarray, labels: np.ndarray, classes: tuple[str, ...]) -> bytes:
    """Draw the first images of a batch as a PNG.

    pixels: uint8 (b, h, w, c), greyscale or RGB. labels: int (b,), positions in `classes`.
    """
    shown = min(len(pixels), COLUMNS * ROWS)
    rows = -(-shown // COLUMNS)
    width, height = SIDE + GAP, SIDE + CAPTION + GAP
    page = Image.new("RGB", (COLUMNS * width + GAP, rows * height + GAP), "white")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(11)
    for i in range(shown):
        row, column = divmod(i, COLUMNS)
        x, y = column * width + GAP, row * height + GAP
        page.paste(_enlarged(pixels[i]), (x, y))
        draw.text((x, y + SIDE + 1), classes[labels[i]][:LONGEST_CLASS], "black", font)
    content = io.BytesIO()
    page.save(content, "PNG")
    return content.getvalue()


def _enlarged(pixels: np.ndarray) -> Image.Image:
    """Resize an image, uint8 (h, w, c), to SIDE x SIDE pixels; small images are enlarged without smoothing."""
    image = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
    if max(image.size) < SIDE:
        return image.resize((SIDE, SIDE), Image.Resampling.NEAREST).convert("RGB")
    return image.resize((SIDE, SIDE), Image.Resampling.BILINEAR).convert("RGB")
