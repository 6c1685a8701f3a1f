"""Regenerate the pictures and quoted output of README and docs: `make figures`.

Runs the commands that the documents show, from the root of a checkout, and writes their output between the marks
`<!-- screen: NAME -->` and `<!-- /screen -->`. Completed runs are not repeated. `pictures.py` renders the pictures of
tables and pages. With NAME as an argument, only that example is regenerated.
"""

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pictures

from ablation.demo import records

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
DOCUMENTS = ("README.md", "docs/gallery.md")
COLUMNS = "100"  # width of the terminal


@dataclass(frozen=True)
class Example:
    """A comparison that the documents show.

    commands: as typed; the documents show the output of the last one. comparison: the folder with its output files.
    pictures: the folder in docs/ for its pictures.
    """

    commands: tuple[str, ...]
    comparison: str
    pictures: str


EXAMPLES = {
    "quickstart": Example(
        (
            "ablate -m model=plain34,resnet34 seed=0,1,2 data=digits model.width=8 train=quickstart"
            " outputs=outputs/quickstart",
            "ablate-compare outputs/quickstart --baseline resnet34 --out comparison/quickstart",
        ),
        "comparison/quickstart",
        "docs/quickstart",
    ),
    "digits_components": Example(
        (
            "ablate-plan +study=digits_components",
            "ablate -m +study=digits_components n_jobs=2 outputs=outputs/digits_components",
            "ablate-compare outputs/digits_components --out comparison/digits_components",
        ),
        "comparison/digits_components",
        "docs/digits_components",
    ),
}


LIVED_IN = "lived_in"  # a folder of several experiments, whose runs are made up


def main(names: list[str]) -> None:
    for name in names or [*EXAMPLES, LIVED_IN]:
        if name == LIVED_IN:
            lived_in()
            continue
        example = EXAMPLES[name]
        screen = ""
        for command in example.commands:
            print(command, flush=True)
            screen = output(command)
        for document in DOCUMENTS:
            fill(ROOT / document, name, screen, (ROOT / example.comparison / "table.md").read_text())
        pictures.main(ROOT / example.comparison, ROOT / example.pictures)
        if name == records.STUDY:  # which `ablate-compare --demo` shows
            records.ARCHIVE.write_bytes(records.pack(ROOT / "outputs" / name))


def output(command: str, folder: Path = ROOT, codes: tuple[int, ...] = (0,)) -> str:
    """Run a command of this Python environment and return its output. Raises RuntimeError for another exit code."""
    program, *words = command.split()
    variables = os.environ | {"COLUMNS": COLUMNS, "TERM": "dumb"}
    completed = subprocess.run([BIN / program, *words], cwd=folder, env=variables, stdout=subprocess.PIPE, text=True)
    if completed.returncode not in codes:
        raise RuntimeError(f"{command} ended with exit code {completed.returncode}")
    return completed.stdout


def lived_in() -> None:
    """Write a folder of several experiments, compare it, and render its index page."""
    sys.path.insert(0, str(ROOT / "tests"))
    from hydra.types import RunMode
    from support import lived_in as made_up

    from ablation.cli import composer, hydra_setup, loader

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        with hydra_setup.installed():
            conf = loader.conf_loader()
            quick = composer.Composer(conf, conf.load_configuration("config", [], RunMode.MULTIRUN))
            made_up.make(quick, place / "outputs")
        with made_up.running(place / "outputs"):
            print("ablate-compare outputs", flush=True)
            screen = output("ablate-compare outputs", place, codes=(0, 2))
        fill(ROOT / "docs/gallery.md", LIVED_IN, screen, "")
        pictures.index(place / "comparison" / "index.html", ROOT / "docs" / LIVED_IN)


def fill(document: Path, name: str, screen: str, table: str) -> None:
    """Replace the terminal output and the Markdown table of an example in a document."""
    text = document.read_text()
    begin, end = f"<!-- screen: {name} -->", "<!-- /screen -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    lines = "\n".join(line.rstrip() for line in screen.strip("\n").splitlines())
    text = pattern.sub(lambda _: f"{begin}\n```text\n{lines}\n```\n{end}", text)
    begin, end = f"<!-- table: {name} -->", "<!-- /table -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    document.write_text(pattern.sub(lambda _: f"{begin}\n{table.strip()}\n{end}", text))


if __name__ == "__main__":
    main(sys.argv[1:])
