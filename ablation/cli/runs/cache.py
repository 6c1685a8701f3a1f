"""`ablate-runs --cache`: the cache of decoded images and compiled programs."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ablation.cli.runs import as_json, screen
from ablation.cli.runs.arguments import RunsArguments
from ablation.cli.runs.table import age_text
from ablation.comparison.reading.conditions import conditions, match_all
from ablation.data.housekeeping import cache_entries
from ablation.data.housekeeping.cache_entries import FILE_HASHES, CacheEntry
from ablation.errors import AblateError, Busy
from ablation.rundir import files
from ablation.text import size

KEYS = ("data", "size", "age")  # that a condition may name
IN_USE = "it is in use"


def show_or_delete(arguments: RunsArguments) -> int:
    """List the cache, or delete what matches the conditions. Returns the exit code."""
    entries = _matching(arguments.where)
    if arguments.json:
        print(_as_json(entries))
        return 0
    for line in _lines(entries):
        screen.paragraph(line)
    total = size(sum(entry.size for entry in entries))
    screen.paragraph(f"{_counted(len(entries))} in {files.cache_home()}: {total}.")
    if not arguments.delete:
        if entries:
            screen.paragraph(
                "Images are decoded and programs compiled again when a run needs them. "
                f"Type {screen.command('--cache', '--delete')}"
            )
        return 0
    return _delete(entries, arguments.yes)


def _matching(where: Sequence[str]) -> list[CacheEntry]:
    """The entries that meet all conditions. Raises AblateError for a condition on another key than KEYS."""
    parsed = conditions(where)
    for condition in parsed:
        if condition.key not in KEYS:
            raise AblateError(
                f"The cache does not know this key. Received --where {condition.typed}. Allowed with --cache: "
                f"{', '.join(KEYS)}, where age is the time since the last use. Type for example --where 'age>30d'"
            )
    now = datetime.now(UTC)
    matching = []
    for entry in cache_entries.entries():
        facts = {"data": entry.data, "size": entry.size, "age": (now - entry.used).total_seconds()}
        if match_all(parsed, facts):
            matching.append(entry)
    return matching


def _lines(entries: Sequence[CacheEntry]) -> list[str]:
    """The table: data set, images, size and last use of each entry."""
    now = datetime.now(UTC)
    rows = [("Data", "Images", "Form", "Size", "Last use", "")]
    for entry in _with_hashes_together(entries):
        images = "" if entry.images is None else f"{entry.images:,}"
        used = f"{age_text((now - entry.used).total_seconds())} ago"
        rows.append((entry.data, images, entry.form, size(entry.size), used, "in use" if entry.in_use else ""))
    if len(rows) == 1:
        return []
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for data, images, form, bytes_, used, state in rows:
        cells = (
            data.ljust(widths[0]),
            images.rjust(widths[1]),
            form.ljust(widths[2]),
            bytes_.rjust(widths[3]),
            used.rjust(widths[4]),
            state,
        )
        lines.append("  ".join(cells).rstrip())
    return lines


def _with_hashes_together(entries: Sequence[CacheEntry]) -> list[CacheEntry]:
    """The entries, with the small files that hold hashes as one at the end."""
    hashes = [entry for entry in entries if entry.data == FILE_HASHES]
    others = [entry for entry in entries if entry.data != FILE_HASHES]
    if len(hashes) < 2:
        return list(entries)
    data = f"hashes of {len(hashes):,} image folders"
    return [*others, replace(hashes[0], data=data, size=sum(entry.size for entry in hashes))]


def _delete(entries: Sequence[CacheEntry], is_agreed: bool) -> int:
    chosen = [entry for entry in entries if not entry.in_use]
    refused = [(entry.path, IN_USE) for entry in entries if entry.in_use]
    if chosen:
        total = size(sum(entry.size for entry in chosen))
        screen.require_consent(f"Delete {_counted(len(chosen))}, {total}?", is_agreed)
    freed, count = 0, 0
    for entry in chosen:
        try:
            cache_entries.delete(entry)
        except Busy:
            refused.append((entry.path, IN_USE))
        except OSError as error:
            refused.append((entry.path, f"{error.strerror}: {error.filename}"))
        else:
            freed, count = freed + entry.size, count + 1
    screen.paragraph(f"Deleted {_counted(count)}, {size(freed)}.")
    screen.note_refusals(refused, "deleted")
    return 2 if refused else 0


def _counted(count: int) -> str:
    return "1 entry" if count == 1 else f"{count:,} entries"


def _as_json(entries: Sequence[CacheEntry]) -> str:
    """The entries as strict JSON; docs/runs.md describes its fields."""
    cache = files.cache_home()
    values = {
        "format": as_json.FORMAT,
        "cache": None if cache is None else str(cache),
        "entries": [_entry(entry) for entry in entries],
        "totals": {"entries": len(entries), "size": sum(entry.size for entry in entries)},
    }
    return json.dumps(values, indent=1, allow_nan=False)


def _entry(entry: CacheEntry) -> dict[str, Any]:
    return {
        "path": str(entry.path),
        "data": entry.data,
        "images": entry.images,
        "form": entry.form or None,
        "size": entry.size,
        "used": as_json.time_text(entry.used),
        "in_use": entry.in_use,
    }
