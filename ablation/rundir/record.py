"""`run.json`."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ablation.rundir.files import Foreign, Unreadable, read_bounded, record_checksum, replace
from ablation.rundir.layout import CHECKPOINT, FINAL, FORMAT, RECORD, STAGED

KIND = "run"  # of run.json


LARGEST_RECORD = 4 * 2**20  # bytes of a file that is read whole, and of run.json


def write_record(directory: Path, record: dict[str, Any]) -> None:
    """Write run.json: strict JSON with a checksum of itself; a final one with size and SHA-256 of the other files."""
    record = {"kind": KIND, **record, "format": FORMAT}
    if record["status"] in FINAL:
        record["files"] = dict(_files(directory))
    record["checksum"] = record_checksum(record)
    replace(directory / RECORD, json.dumps(record, indent=1, allow_nan=False).encode())


def _files(directory: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    gone = (RECORD, CHECKPOINT)  # the checkpoint of a completed run goes once its record stands
    for path in sorted(p for p in directory.rglob("*") if p.is_file() and p.name not in gone and p.suffix != STAGED):
        content = path.read_bytes()
        yield str(path.relative_to(directory)), {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def read_record(directory: Path) -> dict[str, Any]:
    """Read run.json. Raises Unreadable when it is missing, torn, changed or of another format."""
    try:
        record = json.loads(read_bounded(directory / RECORD, LARGEST_RECORD).decode())
        if not isinstance(record, dict) or not {"format", "fingerprint", "checksum"} & record.keys():
            raise Foreign(f"{RECORD} is another program's")
        if record.get("format") != FORMAT:
            raise Unreadable(f"{RECORD} is not of format {FORMAT}")
        if record.get("kind") != KIND:
            raise Unreadable(f"{RECORD} is of another kind than {KIND}")
        if record.get("checksum") != record_checksum(record):
            raise Unreadable(f"{RECORD} does not match its checksum")
        if not _sound(record):
            raise Unreadable(f"{RECORD} has fields of other types than a run writes")
    except OSError as error:
        raise Unreadable(f"{RECORD}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{RECORD} is not JSON") from error
    return record


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
