"""samples.png: training images as the network sees them, each under its class."""

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFont

COLUMNS, ROWS, SIDE, CAPTION, GAP = 8, 4, 96, 16, 6


def sheet(pixels: np.ndarray, labels: np.ndarray, classes: tuple[str, ...]) -> bytes:
    """A PNG of the first images of a batch; pixels uint8 (b, h, w, c)."""
    shown = min(len(pixels), COLUMNS * ROWS)
    rows = -(-shown // COLUMNS)
    cell = (SIDE + GAP, SIDE + CAPTION + GAP)
    page = Image.new("RGB", (COLUMNS * cell[0] + GAP, rows * cell[1] + GAP), "white")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(11)
    for i in range(shown):
        x, y = (i % COLUMNS) * cell[0] + GAP, (i // COLUMNS) * cell[1] + GAP
        image = Image.fromarray(pixels[i] if pixels.shape[-1] > 1 else pixels[i, ..., 0])
        enlarge = Image.Resampling.NEAREST if max(image.size) < SIDE else Image.Resampling.BILINEAR
        page.paste(image.resize((SIDE, SIDE), enlarge).convert("RGB"), (x, y))
        draw.text((x, y + SIDE + 1), classes[labels[i]][:16], "black", font)
    content = io.BytesIO()
    page.save(content, "PNG")
    return content.getvalue()
