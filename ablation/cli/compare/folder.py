"""The output folder of `ablate-compare`: what it writes there, and what earlier comparisons left."""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ablation.errors import AblateError
from ablation.redaction import printable
from ablation.report import experiment_files
from ablation.report.html.index_page import INDEX
from ablation.report.tables.export import FORMAT
from ablation.rundir import files as rundir_files
from ablation.rundir.files import Unreadable

INDEX_JSON, TABLE_JSON = "index.json", "table.json"


@dataclass(frozen=True)
class Former:
    """What the last comparison of several experiments wrote for one of them. files: below the output folder."""

    inputs: str
    files: tuple[str, ...]


def write(out: Path, files: dict[str, bytes]) -> None:
    """Write files, by their path below the folder, and remove those of earlier comparisons that have no successor.

    Raises AblateError if the folder is not writable, or if an index page or the folder of an experiment would replace
    what another program wrote.
    """
    leftovers = prepare(out, files)
    put(out, files)
    remove(out, [name for name in leftovers if name not in files])


def prepare(out: Path, files: Iterable[str]) -> list[str]:
    """Make the folder, and return the files of the last comparison in it. files: those that will be written.

    Raises AblateError as `write` does.
    """
    with _writing(out):
        out.mkdir(parents=True, exist_ok=True)
    leftovers = _files_of_last_comparison(out)
    _refuse_foreign(out, files, leftovers)
    return leftovers


def put(out: Path, files: dict[str, bytes]) -> None:
    """Write files, by their path below the folder. Raises AblateError if it is not writable."""
    with _writing(out):
        for name, content in files.items():
            path = out / name
            path.parent.mkdir(exist_ok=True)
            rundir_files.replace(path, content)


def remove(out: Path, names: Iterable[str]) -> None:
    """Remove files below the folder. Raises AblateError if it is not writable."""
    with _writing(out):
        _remove(out, names)


@contextmanager
def _writing(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise AblateError(
            f"Cannot write the comparison: {error.strerror}. Received --out {printable(str(out))}. "
            "Allowed: a writable folder on a disk with free space. Type for example --out /tmp/comparison"
        ) from error


def former_experiments(out: Path) -> dict[str, Former]:
    """The experiments of which all files of the last comparison are still there, by their folder."""
    found: dict[str, Former] = {}
    experiments = _document(out / INDEX_JSON).get("experiments")
    for experiment in experiments if isinstance(experiments, list) else []:
        if not isinstance(experiment, dict):
            continue
        folder, inputs, names = (experiment.get(key) for key in ("folder", "inputs", "files"))
        if not (isinstance(folder, str) and isinstance(inputs, str) and isinstance(names, list) and names):
            continue
        files = tuple(f"{folder}/{name}" for name in names)
        if re.fullmatch(r"[\w-]+", folder) and all((out / file).is_file() for file in files):
            found[folder] = Former(inputs, files)
    return found


def _refuse_foreign(out: Path, files: Iterable[str], leftovers: Iterable[str]) -> None:
    """Raise AblateError for an index page, or a file in the folder of an experiment, that is not of a comparison."""
    ours = set(leftovers)
    for name in files:
        path = out / name
        is_named_by_experiments = path.parent != out or name in (INDEX, INDEX_JSON)
        if not is_named_by_experiments:
            continue
        is_link = path.parent != out and path.parent.is_symlink()
        if is_link or (path.exists() and name not in ours and not _is_of_comparison(path)):
            raise AblateError(
                f"{printable(str(path))} is not of ablate-compare, and would be replaced. Received --out "
                f"{printable(str(out))}. Allowed: a folder of its own. Type for example --out comparison"
            )


def _is_of_comparison(path: Path) -> bool:
    """Return whether a file is beside the table.json of a comparison."""
    return "variants" in _document(path.parent / TABLE_JSON)


def _files_of_last_comparison(out: Path) -> list[str]:
    """The files that the last comparison may have written, as its table.json and index.json show."""
    names = experiment_files.file_names()
    files = []
    if "variants" in _document(out / TABLE_JSON):
        files += sorted(names)
    experiments = _document(out / INDEX_JSON).get("experiments")
    if isinstance(experiments, list):
        files += [INDEX, INDEX_JSON]
        for experiment in experiments:
            folder = experiment.get("folder") if isinstance(experiment, dict) else None
            if isinstance(folder, str) and re.fullmatch(r"[\w-]+", folder):
                files += [f"{folder}/{name}" for name in sorted(names)]
    return files


def _document(path: Path) -> dict[str, Any]:
    """The content of a JSON file with our format number; empty for anything else."""
    try:
        document = json.loads(rundir_files.read_bounded(path))
    except (OSError, Unreadable, ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) and document.get("format") == FORMAT else {}


def _remove(out: Path, names: Iterable[str]) -> None:
    """Remove files below the folder, and their own folders once they are empty. Links are not followed."""
    for name in names:
        path = out / name
        if path.parent != out and path.parent.is_symlink():
            continue
        with suppress(FileNotFoundError, NotADirectoryError):
            path.unlink()
        if path.parent != out:
            with suppress(OSError):  # not empty, or not there
                path.parent.rmdir()


def describe(out: Path, files: Iterable[str]) -> str:
    """`Written to comparison: report.html, table.{json,md,tex}.`"""
    endings: dict[str, list[str]] = {}
    for stem, _, ending in sorted(name.rpartition(".") for name in files):
        endings.setdefault(stem, []).append(ending)
    names = []
    for stem, kinds in endings.items():
        ending = kinds[0] if len(kinds) == 1 else f"{{{','.join(kinds)}}}"
        names.append(f"{stem}.{ending}")
    return f"Written to {printable(str(out))}: {', '.join(names)}."


def describe_several(out: Path, count: int) -> str:
    """Where the pages of several experiments are. count: of those that have one."""
    folders = "a folder for one experiment" if count == 1 else f"a folder for each of {count} experiments"
    return f"Written to {printable(str(out))}: {INDEX}, {INDEX_JSON} and {folders}."
