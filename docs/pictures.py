"""Render pictures of a comparison for the documentation: its LaTeX table with pdflatex, its report with Chromium.

    .venv/bin/python docs/pictures.py comparison/quickstart docs/quickstart

Writes table.pdf, table.png, report.png and report_phone.png to the second folder, and copies overlay.png, forest.png,
table.tex and report.html to it. Needs pdflatex, pdftoppm and chromium on the path.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

COPIED = ("overlay.png", "forest.png", "table.tex", "report.html")
PAPER = r"""\documentclass{article}
\usepackage[a4paper,margin=25mm]{geometry}
\usepackage{array,booktabs,graphicx}
\pagestyle{empty}
\begin{document}
\input{table.tex}
\end{document}
"""
SCREENS = {"report": (1200, 5000), "report_phone": (500, 2200)}  # width, height; 500 is Chromium's minimum width
INDEX_SCREEN = (1200, 4200)
COLOURS = 128


def main(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        if (source / name).exists():
            shutil.copy(source / name, target)
    with tempfile.TemporaryDirectory() as folder:
        table(source / "table.tex", target, Path(folder))
        for name, size in SCREENS.items():
            page(source / "report.html", target / f"{name}.png", size, Path(folder))


def index(source: Path, target: Path) -> None:
    """Take a screenshot of the index page of several experiments."""
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        page(source, target / "index.png", INDEX_SCREEN, Path(folder))


def table(source: Path, target: Path, workspace: Path) -> None:
    """Typeset the table on a page of A4 paper, and crop the picture to the table."""
    shutil.copy(source, workspace / "table.tex")
    (workspace / "paper.tex").write_text(PAPER)
    run("pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex", cwd=workspace)
    shutil.copy(workspace / "paper.pdf", target / "table.pdf")
    run("pdftoppm", "-r", "130", "-png", "-singlefile", "paper.pdf", "paper", cwd=workspace)
    save(Image.open(workspace / "paper.png").convert("RGB"), target / "table.png")


def page(source: Path, target: Path, size: tuple[int, int], workspace: Path) -> None:
    """Take a screenshot of a page in a browser window of this size (width, height)."""
    screenshot = workspace / "screenshot.png"
    window = f"--window-size={size[0]},{size[1]}"
    run(
        "chromium",
        "--headless",
        "--no-sandbox",
        "--hide-scrollbars",
        window,
        f"--screenshot={screenshot}",
        source.resolve(),
        cwd=workspace,
    )
    save(Image.open(screenshot).convert("RGB"), target)


def save(image: Image.Image, target: Path) -> None:
    """Crop empty margins, reduce the image to COLOURS colours, and save it."""
    empty = Image.new("RGB", image.size, image.getpixel((0, 0)))
    left, top, right, bottom = ImageChops.difference(image, empty).getbbox()
    box = (max(0, left - 20), max(0, top - 20), min(image.width, right + 20), min(image.height, bottom + 20))
    image.crop(box).quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)


def run(*command: object, cwd: Path) -> None:
    """Run a command in a folder. Raises CalledProcessError."""
    subprocess.run(list(map(str, command)), cwd=cwd, check=True, capture_output=True, timeout=120)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
