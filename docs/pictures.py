"""Pictures of a comparison, for documentation: its LaTeX table as pdflatex sets it, its report as Chromium shows it.

    .venv/bin/python docs/pictures.py comparison/quickstart docs/quickstart

Into the folder go table.pdf and table.png, report.png and report_phone.png, beside the overlay, the forest, the table
and the report themselves. Needs pdflatex, pdftoppm and chromium on the path.
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
SCREENS = {"report": (1200, 5000), "report_phone": (500, 2200)}  # no browser window of Chromium is narrower
COLOURS = 128


def main(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        if (source / name).exists():
            shutil.copy(source / name, target)
    with tempfile.TemporaryDirectory() as made:
        table(source / "table.tex", target, Path(made))
        for name, size in SCREENS.items():
            page(source / "report.html", target / f"{name}.png", size, Path(made))


def table(source: Path, target: Path, made: Path) -> None:
    """Set alone on a page of A4 paper; the picture shows no more than the table."""
    shutil.copy(source, made / "table.tex")
    (made / "paper.tex").write_text(PAPER)
    run("pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex", into=made)
    shutil.copy(made / "paper.pdf", target / "table.pdf")
    run("pdftoppm", "-r", "130", "-png", "-singlefile", "paper.pdf", "paper", into=made)
    save(Image.open(made / "paper.png").convert("RGB"), target / "table.png")


def page(source: Path, target: Path, size: tuple[int, int], made: Path) -> None:
    """As far down as the window reaches."""
    shot = made / "shot.png"
    window = f"--window-size={size[0]},{size[1]}"
    run(
        "chromium",
        "--headless",
        "--no-sandbox",
        "--hide-scrollbars",
        window,
        f"--screenshot={shot}",
        source.resolve(),
        into=made,
    )
    save(Image.open(shot).convert("RGB"), target)


def save(image: Image.Image, target: Path) -> None:
    """Without the empty space around it, in few colours."""
    empty = Image.new("RGB", image.size, image.getpixel((0, 0)))
    left, top, right, bottom = ImageChops.difference(image, empty).getbbox()
    box = (max(0, left - 20), max(0, top - 20), min(image.width, right + 20), min(image.height, bottom + 20))
    image.crop(box).quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)


def run(*command: object, into: Path) -> None:
    subprocess.run(list(map(str, command)), cwd=into, check=True, capture_output=True, timeout=120)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
