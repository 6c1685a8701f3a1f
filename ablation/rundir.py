"""The on-disk format of a run. The only module that knows file names; the writer and every reader import it."""

import csv
import errno
import fcntl
import hashlib
import io
import json
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from filelock import FileLock, Timeout

from ablation.errors import AblateError, Busy, Failed

if TYPE_CHECKING:
    import numpy as np

FORMAT, KIND = 1, "run"  # of run.json
RECORD, HISTORY, WEIGHTS, CORRECT = "run.json", "history.csv", "weights.npz", "correct.npz"
SUMMARY, SAMPLES, LOG, HYDRA, CHECKPOINT = "model.txt", "samples.png", "run.log", ".hydra", "checkpoint.npz"
STATUSES = ("running", "completed", "failed", "diverged", "interrupted")
FINAL = ("completed", "diverged")  # what the same command leaves as it is
HISTORY_COLUMNS = (
    "epoch",
    "loss",
    "accuracy",
    "val_loss",
    "val_accuracy",
    "learning_rate",
    "seconds",
    "images_per_second",
)
# Below the root of all outputs: who runs what, how a sweep's jobs ended, and what submitit keeps of them
CLAIMS, JOBS, SUBMITTED = ".claims", ".jobs", ".submitit"
STUDIES, PLAN = "studies", "plan.json"
FROZEN = ("study", "test", "cells", "comparisons", "fraction")  # what the hash of a plan is of
INDEX = ".index"  # what comparisons keep of the runs beside it
STAGED = ".part"
LARGEST, LARGEST_RECORD = 64 * 2**20, 4 * 2**20  # bytes of a file that is read whole, and of run.json
MOST_EPOCHS, MOST_COLUMNS = 100_000, 64  # of a history
MOST_STUDIES = 1000  # folders that are looked into for plans
DEEPEST, MOST_ENTRIES = 32, 1_000_000  # folders below a path, and what is looked at in all of them
NUMERIC = b"0123456789.+-enaif"  # what the numbers of a history are written with, nan and inf among them


class Unreadable(Exception):
    """A file is not what this format says: why, in a few words."""


class Foreign(Unreadable):
    """A file of this name that no run has written."""


def name(network: str, data: str, seed: int, identity: str) -> str:
    """`resnet34-cifar10-s0-1a2b3c4d5e`: readable in front, unique behind."""
    return f"{network}-{re.sub(r'[^A-Za-z0-9_.]+', '_', data)[:40]}-s{seed}-{identity[:10]}"


@contextmanager
def claim(outputs: Path, run: str) -> Iterator[None]:
    """Hold a run for this process alone. The kernel drops the lock when the process ends, however it ends.

    Raises Busy when another process holds it, AblateError when the place cannot be written or is a link.
    """
    with writing(outputs):
        (outputs / CLAIMS).mkdir(parents=True, exist_ok=True)
        refuse_links(outputs / CLAIMS, *attempts(outputs, run))
        lock = FileLock(_claim(outputs, run))
        try:
            lock.acquire(timeout=0.2, poll_interval=0.02)  # a reader that asks who holds it does so for an instant
        except Timeout:
            raise Busy(f"{run} is being run by another process. Wait for it, or type another seed=") from None
    try:
        yield
    finally:
        lock.release()


def _claim(outputs: Path, run: str) -> Path:
    return outputs / CLAIMS / f"{run}.lock"


def held(outputs: Path, run: str) -> bool:
    """Does a living process hold the run?"""
    try:
        opened = os.open(_claim(outputs, run), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(opened)
    return False


def status(directory: Path, record: dict[str, Any]) -> str:
    """The record's status; what says `running` and whose process is gone is `interrupted`."""
    told = str(record.get("status"))
    alive = told != "running" or held(directory.parent, re.sub(r"\.\d+$", "", directory.name))
    return told if alive else "interrupted"


def refuse_links(*places: Path) -> None:
    """What a run writes stays where it is said to be: no link within it leads elsewhere. Raises AblateError."""
    for place in places:
        for path in (place, *(place.rglob("*") if place.is_dir() else ())):
            if path.is_symlink():
                raise AblateError(
                    f"A link lies where a run is written, and what it leads to is not the run's. Received {path}, "
                    f"which leads to {os.readlink(path)}. Allowed: files and folders. Move it away, or type another "
                    "outputs="
                )


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Turn an OSError into the paragraph that names the place."""
    try:
        yield
    except OSError as error:
        raise unwritable(error, place, began=False) from error


def unwritable(error: OSError, place: Path, began: bool) -> AblateError:
    """The paragraph for an OSError. began: something was committed before, and stands."""
    stands = " What was committed stands: make room and type the same command again." if began else ""
    return (Failed if began else AblateError)(
        f"Cannot write to {error.filename or place}: {error.strerror}. Received outputs={place}. "
        f"Allowed: a folder that you may write to, on a disk with room. Type for example outputs=/tmp/outputs.{stands}"
    )


def attempts(outputs: Path, run: str) -> list[Path]:
    """The directories of a run and of its reruns, oldest first; the first need not exist yet."""
    numbers = [int(p.name.rpartition(".")[2]) for p in outputs.glob(f"{run}.*") if p.name.rpartition(".")[2].isdigit()]
    return [outputs / run, *(outputs / f"{run}.{n}" for n in sorted(numbers))]


def rerun(outputs: Path, run: str) -> Path:
    """A directory beside those that exist: `run`, then `run.2`, `run.3`, …"""
    last = attempts(outputs, run)[-1]
    number = 1 if last.name == run else int(last.name.rpartition(".")[2])
    return outputs / f"{run}.{number + 1}" if last.exists() else last


def create(path: Path) -> BinaryIO:
    """Open a new file to be written. Every file of a run that is written whole begins here."""
    return open(path, "wb")


@contextmanager
def replacing(path: Path, lasting: bool = True) -> Iterator[BinaryIO]:
    """Write a file whole or not at all: staged beside it, synced, renamed over it; the rename is synced too.

    Without lasting nothing waits for the disk: a power cut may leave a torn file, or the one before.
    """
    staged = _beside(path)
    try:
        with create(staged) as file:
            yield file
            file.flush()
            if lasting:
                os.fsync(file.fileno())
        os.replace(staged, path)
    finally:
        staged.unlink(missing_ok=True)
    if lasting:
        sync(path.parent)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Fill a folder whole or not at all: beside it, then renamed into its place, from which an earlier one goes.

    Nothing waits for the disk: after a power cut the files of the folder may be torn.
    """
    staged = _beside(path)
    staged.mkdir()
    try:
        yield staged
        shutil.rmtree(path, ignore_errors=True)
        os.replace(staged, path)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}{STAGED}")


def sync(folder: Path) -> None:
    """Bring a folder's entries to the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def replace(path: Path, content: bytes, lasting: bool = True) -> None:
    """Write a file of this content, whole or not at all; lasting as in `replacing`."""
    with replacing(path, lasting) as file:
        file.write(content)


def tidy(directory: Path) -> None:
    """Take away what a killed process left half written."""
    for staged in directory.rglob(f".*{STAGED}"):
        staged.unlink(missing_ok=True)


def _checksum(record: dict[str, Any]) -> str:
    text = json.dumps({k: v for k, v in record.items() if k != "checksum"}, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def write_record(directory: Path, record: dict[str, Any]) -> None:
    """Write run.json: strict JSON with a checksum of itself; a final one with size and SHA-256 of the other files."""
    record = {"kind": KIND, **record, "format": FORMAT}
    if record["status"] in FINAL:
        record["files"] = dict(_files(directory))
    record["checksum"] = _checksum(record)
    replace(directory / RECORD, json.dumps(record, indent=1, allow_nan=False).encode())


def _files(directory: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    gone = (RECORD, CHECKPOINT)  # the checkpoint of a completed run goes once its record stands
    for path in sorted(p for p in directory.rglob("*") if p.is_file() and p.name not in gone and p.suffix != STAGED):
        content = path.read_bytes()
        yield str(path.relative_to(directory)), {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def whole(path: Path, largest: int = LARGEST) -> bytes:
    """The content of a regular file of a sensible size: a pipe would block, a sparse giant would fill the memory.

    Raises OSError, and Unreadable for what is no file: a link is not followed.
    """
    with _regular(path) as (file, size):
        if size > largest:
            raise Unreadable(f"{path.name} is larger than {largest // 2**20} MiB")
        content = file.read(size) if size else b""
    if len(content) != size:
        raise Unreadable(f"{path.name} changed while it was read")
    return content


def tail(path: Path, most: int) -> bytes:
    """The end of a regular file of any size, at most so many bytes. Raises as `whole` does."""
    with _regular(path) as (file, size):
        file.seek(max(0, size - most))
        return file.read(most) or b""


@contextmanager
def _regular(path: Path) -> Iterator[tuple[io.FileIO, int]]:
    """A regular file that is no link, opened without waiting, and its size."""
    kept = os.lstat(path)
    if stat.S_ISLNK(kept.st_mode):
        raise Unreadable(f"{path.name} is a link, which is not followed")
    if not stat.S_ISREG(kept.st_mode):
        raise FileNotFoundError(errno.ENOENT, "no such file", str(path))
    opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)  # what it is now may be another thing
    with open(opened, "rb", buffering=0) as file:
        kept = os.fstat(opened)
        if not stat.S_ISREG(kept.st_mode):
            raise FileNotFoundError(errno.ENOENT, "no such file", str(path))
        yield file, kept.st_size


def read_record(directory: Path) -> dict[str, Any]:
    """Read run.json. Raises Unreadable when it is missing, torn, changed or of another format."""
    try:
        record = json.loads(whole(directory / RECORD, LARGEST_RECORD).decode())
        if not isinstance(record, dict) or not {"format", "fingerprint", "checksum"} & record.keys():
            raise Foreign(f"{RECORD} is another program's")
        if record.get("format") != FORMAT:
            raise Unreadable(f"{RECORD} is not of format {FORMAT}")
        if record.get("kind") != KIND:
            raise Unreadable(f"{RECORD} is of another kind than {KIND}")
        if record.get("checksum") != _checksum(record):
            raise Unreadable(f"{RECORD} does not match its checksum")
        if not _sound(record):
            raise Unreadable(f"{RECORD} has fields of other types than a run writes")
    except OSError as error:
        raise Unreadable(f"{RECORD}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{RECORD} is not JSON") from error
    return record


def plan(outputs: Path, study: str) -> Path:
    """Where the plan of a study lies."""
    return outputs.joinpath(STUDIES, *(re.sub(r"[^\w-]+", "_", part) for part in study.split("/")), PLAN)


def plans(outputs: Path) -> list[Path]:
    """The plans that lie below a root of outputs, by their places. No link is followed."""
    studies = outputs / STUDIES
    walked = () if studies.is_symlink() else islice(os.walk(studies), MOST_STUDIES)
    found = (Path(folder, PLAN) for folder, _, names in walked if PLAN in names)
    return sorted(path for path in found if path.is_file() and not path.is_symlink())


def digest(told: Any) -> str:
    """Of plain values, 64 hexadecimal digits."""
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def read_plan(place: Path) -> dict[str, Any] | None:
    """plan.json as it was written; None where there is none, or it was changed by another hand."""
    try:
        told = json.loads(whole(place))
        frozen = {k: told[k] for k in FROZEN}
        return told if told["format"] == FORMAT and told["hash"] == digest(frozen) else None
    except (OSError, Unreadable, ValueError, KeyError, TypeError, RecursionError):
        return None


def job_log(outputs: Path, run: str) -> Path:
    """Where a sweep keeps what the process of a run prints."""
    return outputs / JOBS / f"{run}.log"


def write_story(outputs: Path, run: str, story: dict[str, Any]) -> None:
    """Keep how a sweep's job stands or ended, whole or not at all. Raises OSError."""
    (outputs / JOBS).mkdir(parents=True, exist_ok=True)
    story = {**story, "format": FORMAT}
    replace(outputs / JOBS / f"{run}.json", json.dumps({**story, "checksum": _checksum(story)}).encode())


def read_story(outputs: Path, run: str) -> dict[str, Any] | None:
    """How a sweep's job stood last; None where no sweep has run it, or what is there is no such file."""
    try:
        story = json.loads(whole(outputs / JOBS / f"{run}.json"))
        types = {"status": str, "reason": str | None, "log": str, "begun": int}
        sound = story["checksum"] == _checksum(story) and all(isinstance(story[k], types[k]) for k in types)
        return story if sound and story["log"] in (LOG, JOBS) else None
    except (OSError, Unreadable, ValueError, KeyError, TypeError, RecursionError):
        return None


def _sound(record: dict[str, Any]) -> bool:
    """Has what every reader takes for granted its type?"""
    parts = ("metrics", "exactness", "timings", "data", "network", "config")
    if not isinstance(record.get("status"), str) or not isinstance(record.get("error"), str | None):
        return False
    if not all(isinstance(record.get(name), dict | None) for name in parts):
        return False
    scores = {name: score for name, score in (record.get("metrics") or {}).items() if score is not None}
    wanted = {"final": ("epoch", "val_accuracy"), "best": ("epoch", "val_accuracy"), "test": ("accuracy",)}
    if not all(isinstance(score, dict) for score in scores.values()):
        return False
    numbers = [scores[name].get(key) for name, keys in wanted.items() if name in scores for key in keys]
    seconds = (record.get("timings") or {}).get("seconds")
    return all(isinstance(number, int | float) for number in [*numbers, seconds or 0])


def write_history(directory: Path, rows: Iterable[dict[str, float]]) -> None:
    """Write history.csv: one row an epoch, numbers in full precision."""
    text = io.StringIO()
    writer = csv.DictWriter(text, HISTORY_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({k: repr(row[k]) for k in HISTORY_COLUMNS} for row in rows)
    replace(directory / HISTORY, text.getvalue().encode())


def read_history(directory: Path, record: dict[str, Any]) -> list[dict[str, float]]:
    """Read history.csv of a finished run. Raises Unreadable unless it is the very file that the run wrote."""
    rows = read_columns(directory, record).T.tolist()
    if not all(epoch.is_integer() for epoch, *_ in rows):
        raise Unreadable(f"{HISTORY} is not a history")
    return [dict(zip(HISTORY_COLUMNS, (int(epoch), *rest), strict=True)) for epoch, *rest in rows]


def read_columns(directory: Path, record: dict[str, Any]) -> "np.ndarray":
    """Read history.csv as float64 (len(HISTORY_COLUMNS), epochs). Raises as `read_history` does."""
    try:
        content = whole(directory / HISTORY)
    except OSError as error:
        raise Unreadable(f"{HISTORY}: {error.strerror}") from error
    try:
        if hashlib.sha256(content).hexdigest() != record["files"][HISTORY]["sha256"]:
            raise Unreadable(f"{HISTORY} does not match its checksum")
        return _columns(content)
    except (KeyError, TypeError, ValueError) as error:
        raise Unreadable(f"{HISTORY} is not a history") from error


def _columns(content: bytes) -> "np.ndarray":
    """Parse what `write_history` writes. Raises ValueError for anything else, before it takes time or memory."""
    import numpy as np  # not for a mere look at what ran

    head, _, body = content.partition(b"\n")
    if head.count(b",") >= MOST_COLUMNS:
        raise ValueError(HISTORY)
    names, rows = head.decode("ascii").split(","), body.count(b"\n")
    if len(set(names)) != len(names) or not set(HISTORY_COLUMNS) <= set(names) or not 0 < rows <= MOST_EPOCHS:
        raise ValueError(HISTORY)
    shape = (b"," * (len(names) - 1) + b"\n") * rows  # all that is left without the numbers
    if body.translate(None, NUMERIC) != shape:
        raise ValueError(HISTORY)
    table = np.loadtxt(io.BytesIO(body), delimiter=",", comments=None, ndmin=2)
    return table.T[[names.index(name) for name in HISTORY_COLUMNS]]


def find(paths: Iterable[Path]) -> list[Path]:
    """The run directories at or below the paths, each once, in the order of their names."""
    return survey(paths)[0]


def survey(paths: Iterable[Path]) -> tuple[list[Path], list[tuple[Path, str]]]:
    """The run directories at or below the paths, as `find` gives them, and what was not looked into, with the reason.

    No link below a path is followed, and nothing is looked for within a run.
    """
    found: dict[Any, Path] = {}
    refused: list[tuple[Path, str]] = []
    left = MOST_ENTRIES
    roots = list(dict.fromkeys(path.parent if path.name == RECORD else path for path in paths))
    for root in roots:
        folders = [(str(root), 0)]
        while folders:
            folder, depth = folders.pop()
            try:
                if _has_record(folder):
                    found.setdefault(_place(folder) if len(roots) > 1 else folder, Path(folder))
                    continue
                names, seen = _folders(folder, left)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except (OSError, ValueError) as error:  # ValueError: a path with a NUL
                refused.append((Path(folder), getattr(error, "strerror", None) or "no path"))
                continue
            left -= seen
            if names and depth == DEEPEST:
                refused.append((Path(folder), f"its folders lie more than {DEEPEST} deep and were not looked at"))
            elif left > 0:
                folders += [(os.path.join(folder, name), depth + 1) for name in reversed(names)]
            if left <= 0:
                refused.append((Path(root), f"has more than {MOST_ENTRIES:,} entries; the rest was not looked at"))
                return list(found.values()), refused
    return list(found.values()), refused


def _place(folder: str) -> tuple[int, int]:
    """Equal for two paths to one folder."""
    told = os.stat(folder)
    return told.st_dev, told.st_ino


def _has_record(folder: str) -> bool:
    try:
        return not stat.S_ISDIR(os.lstat(f"{folder}/{RECORD}").st_mode)
    except FileNotFoundError:
        return False


def _folders(folder: str, most: int) -> tuple[list[str], int]:
    """The folders in a folder by name, and how many entries were looked at. No links, nothing hidden."""
    names, seen = [], 0
    with os.scandir(folder) as entries:
        for seen, entry in enumerate(entries, 1):  # noqa: B007
            if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
                names.append(entry.name)
            if seen >= most:
                break
    return sorted(names), seen
