"""Recognise experiments of which nothing has changed since their files were written, so that none is drawn again."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from ablation.report.overview.experiments import Compared
from ablation.report.tables import export, markdown
from ablation.rundir import layout

PROGRAM = Path(__file__).parents[2]  # the package, whose files decide how everything is drawn


def inputs_digest(item: Compared, words: Sequence[str]) -> str:
    """A digest of everything that the files of an experiment show. words: the command that shows it alone.

    Of runs it takes inode-independent facts of their records: path, size and time of the last change.
    """
    digest = hashlib.sha256(program_digest().encode())
    for text in (*words, *item.sentences, export.json(item.table), markdown.markdown(item.table)):
        digest.update(f"{text}\0".encode(errors="surrogatepass"))
    experiment = item.experiment
    records = [run.path for run in experiment.all_runs] + [path for path, _ in experiment.runs.excluded]
    for line in _states(os.path.join(path, layout.RECORD) for path in records):
        digest.update(line.encode(errors="surrogatepass"))
    return digest.hexdigest()


def program_digest() -> str:
    """The version and the files of the package that write reports, by their sizes and times."""
    files = sorted(path for path in (PROGRAM / "report").rglob("*") if path.suffix in (".py", ".html", ".css", ".js"))
    return "".join(_states([PROGRAM / "__init__.py", *files]))


def _states(files: Iterable[str | Path]) -> list[str]:
    """`path size time` of each file that is there."""
    states = []
    for file in files:
        with suppress(OSError):
            status = os.stat(file)
            states.append(f"{file} {status.st_size} {status.st_mtime_ns}\0")
    return states
