"""Run directories as no run leaves them: cut, flipped, of wrong types, nested, linked, piped, sparse.

    PYTHONPATH=tests .venv/bin/python -m support.mutations DIRECTORIES SEED FOLDER

makes them among good runs in FOLDER, compares all, and prints what was found as JSON.
"""

import json
import os
import random
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from ablation.comparison.analysis import variants
from ablation.comparison.reading import load, parse_record, run
from ablation.report.tables.records import run_summary
from ablation.rundir import files, layout
from ablation.rundir import history as rundir_history
from ablation.rundir import record as rundir_record
from support.fake_runs import config, history, record, sweep

# What is shown of a run, beside what its config tells.
SHOWN = ("seed", "loss", "val_accuracy", "best_val_accuracy", "test_accuracy", "parameters", "macs", "seconds")
SHOWN += ("validation_images", "test_images", "history", "network", "data", "name", "metrics", "tags")
WRONG = (True, 10**400, 1e308, "", "x" * 1000, "\x1b[2J", "\ud800", "\0", [], [[]], {}, {"a": {}}, [1])
FILES = (layout.RECORD, layout.HISTORY)
TEMPLATE = json.dumps(record(config("resnet18", **{"model.width": 4}), history(20)))
ROWS = history(20)


def original(folder: Path, seed: int) -> Path:
    """Write a good run of a variant that no good run has, without waiting for the disk."""
    made = json.loads(TEMPLATE)
    made["seed"] = made["config"]["seed"] = seed
    folder.mkdir()
    lines = [list(layout.HISTORY_COLUMNS), *([repr(row[name]) for name in layout.HISTORY_COLUMNS] for row in ROWS)]
    (folder / layout.HISTORY).write_text("".join(",".join(line) + "\n" for line in lines))
    sign(folder, made)
    return folder


def sign(folder: Path, made: dict[str, Any]) -> None:
    """Write a record as a run does, for the history that lies beside it."""
    content = (folder / layout.HISTORY).read_bytes()
    made = {"kind": rundir_record.KIND, **made, "format": layout.FORMAT}
    made["files"] = {layout.HISTORY: {"size": len(content), "sha256": sha256(content).hexdigest()}}
    made["checksum"] = files.record_checksum(made)
    (folder / layout.RECORD).write_text(json.dumps(made, indent=1))


# ---------------------------------------------------------------- one file's bytes


def cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def flip(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 8, 100))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def drop(content: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content))
    return content[:start] + content[start + chance.randint(1, 200) :]


def double(content: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content))
    return content[:start] + content[start : start + chance.randint(1, 200)] + content[start:]


def swap(content: bytes, chance: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    one, two = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[two] = lines[two], lines[one]
    return b"".join(lines)


def insert(content: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content))
    odd = chance.choice(
        (b"\0", b"\0" * 5000, b"\xff\xfe", b"nan", b"inf", b"1_0", b"-", b",", b"\n", b"\r", b'"', b"1e999")
    )
    return content[:start] + odd + content[start:]


def encode(content: bytes, chance: random.Random) -> bytes:
    return content.decode().encode(chance.choice(("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "utf-7", "cp037")))


def nest(content: bytes, chance: random.Random) -> bytes:
    depth, (start, end) = chance.choice((10, 900, 5000, 200_000)), chance.choice((("[", "]"), ('{"a":', "}")))
    inner = start * depth + "1" + end * depth * chance.randint(0, 1)
    return chance.choice((inner, f'{{"format": 1, "checksum": {inner}}}')).encode()


def digits(content: bytes, chance: random.Random) -> bytes:
    many = b"9" * chance.choice((400, 5000, 3_000_000))
    return content.replace(b"1", many, 1) if chance.random() < 0.5 else b'{"format": ' + many + b"}"


def nothing(content: bytes, chance: random.Random) -> bytes:
    return chance.choice(
        (b"", b"\0" * len(content), b"null", b"[]", b"{}", b"0", b'"', b'{"format": 1}', os.urandom(500))
    )


BYTES = (cut, cut, cut, flip, flip, flip, drop, double, swap, insert, encode, nest, digits, nothing)


def content(folder: Path, chance: random.Random) -> None:
    """Change the bytes of one of the two files."""
    path = folder / chance.choice(FILES)
    path.write_bytes(chance.choice(BYTES)(path.read_bytes(), chance))


# ---------------------------------------------------------------- what is no plain file


def odd(folder: Path, chance: random.Random) -> None:
    """Put something else in a file's place."""
    path = folder / chance.choice(FILES)
    kept = path.read_bytes()
    path.unlink()
    kind = chance.choice(
        ("pipe", "socket", "folder", "sparse", "absent", "link", "loop", "dangling", "device", "zeros")
    )
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as bound:
            here = os.open(folder, os.O_RDONLY)  # a socket's whole path is at most 107 bytes
            bound.bind(f"/proc/self/fd/{here}/{path.name}")
            os.close(here)
    elif kind == "folder":
        path.mkdir()
    elif kind == "sparse":
        path.write_bytes(kept)
        os.truncate(path, chance.choice((len(kept) + 1, 2**22 + 1, 2**26 + 1, 2**40)))
    elif kind == "link":
        aside = folder.parent.parent / f"{folder.name}.{path.name}"  # out of the paths that are given
        aside.write_bytes(kept)
        path.symlink_to(aside)
    elif kind == "loop":
        path.symlink_to(path)
    elif kind == "dangling":
        path.symlink_to(folder / "absent")
    elif kind in ("device", "zeros"):
        path.symlink_to("/dev/zero" if kind == "zeros" else "/dev/tty")


# ---------------------------------------------------------------- records that are signed, and say what no run says


def signed_type(folder: Path, chance: random.Random) -> None:
    """One field of a type or size that no run writes; the checksums are right."""
    made = json.loads((folder / layout.RECORD).read_text())
    node = made
    while True:
        key = chance.choice(list(node) if isinstance(node, dict) else range(len(node)))
        if not isinstance(node[key], dict | list) or not node[key] or chance.random() < 0.2:
            break
        node = node[key]
    text = isinstance(node[key], str | None)  # another text would be another run
    node[key] = chance.choice([value for value in WRONG if not (text and isinstance(value, str))])
    sign(folder, made)


def signed_depth(folder: Path, chance: random.Random) -> None:
    made = json.loads((folder / layout.RECORD).read_text())
    deep: Any = 1
    for _ in range(chance.choice((20, 100, 300))):
        deep = [deep] if chance.random() < 0.5 else {"a": deep}
    part = chance.choice(("config", "data", "metrics", "timings", "versions", "tags"))
    if isinstance(made[part], dict):
        made[part]["deep"] = deep
    else:
        made[part] = deep
    sign(folder, made)


def signed_history(folder: Path, chance: random.Random) -> None:
    """Another history under a right checksum: nothing of it may pass for what the run measured."""
    path = folder / layout.HISTORY
    lines = path.read_text().splitlines()
    kind = chance.choice(
        ("twice", "gap", "header", "column", "short", "long", "nan", "inf", "text", "many", "wide", "share")
    )
    row = chance.randint(1, len(lines) - 1)
    cells = lines[row].split(",")
    if kind == "twice":
        lines.insert(row, lines[row])
    elif kind == "gap":
        del lines[chance.randint(1, len(lines) - 2)]
    elif kind == "header":
        del lines[0]
    elif kind == "column":
        lines = [line.rpartition(",")[0] for line in lines]
    elif kind == "short":
        lines[row] = ",".join(cells[:-1])
    elif kind == "long":
        lines[row] += ",1"
    elif kind in ("nan", "inf", "text", "wide", "share"):
        cells[1 if kind != "share" else 4] = {"text": "0x1", "wide": "9" * 10_000_000, "share": "1.5"}.get(kind, kind)
        lines[row] = ",".join(cells)
    elif kind == "many":
        lines = [lines[0], *(f"{i}{lines[1][1:]}" for i in range(1, rundir_history.MAX_EPOCHS + 2))]
    made = json.loads((folder / layout.RECORD).read_text())
    path.write_text("\n".join(lines) + "\n")
    sign(folder, made)


KINDS: tuple[Callable[[Path, random.Random], None], ...] = (content,) * 6 + (odd, odd, signed_type, signed_type)
KINDS += (signed_depth, signed_history)


# ---------------------------------------------------------------- what may come of it


def wrong(folder: Path, loaded: load.Loaded, seed: int, plain: run.Run) -> str | None:
    """What is wrong with how a mutated directory was taken; None where nothing is."""
    shown = [run for run in loaded.runs if run.path == folder]
    if shown:
        values = {name: getattr(shown[0], name) for name in SHOWN}
        expected = {name: getattr(plain, name) for name in SHOWN} | {"seed": seed}
        changed = [name for name in SHOWN if values[name] != expected[name]]
        return f"shows another {changed}" if changed else None
    if any(path == folder and reason for path, reason in loaded.excluded):
        return None
    return None if no_run(folder / layout.RECORD) else "is neither shown nor listed"


def no_run(path: Path) -> bool:
    """Is there nothing that a run may have written?"""
    try:
        told = json.loads(files.read_bounded(path).decode())
    except (OSError, ValueError, RecursionError, files.Unreadable):
        return not path.is_symlink() and not path.exists() or path.is_dir()
    return not isinstance(told, dict) or not {"format", "fingerprint", "checksum"} & told.keys()


def rows(loaded: load.Loaded) -> dict[str, dict[str, Any]]:
    """The table's rows by variant; labels aside, for they tell what differs from all others."""
    found = variants.variants(loaded.runs, loaded.diverged)
    table = {}
    for variant in found:
        if variant.runs:
            summary = vars(run_summary("", variant.runs))
            table[variant.runs[0].variant] = {name: repr(value) for name, value in summary.items()}
    return table


def compare(many: int, seed: int, place: Path) -> dict[str, Any]:
    """Make `many` directories among good runs, and take each by itself and all together."""
    outputs = place / "outputs"
    outputs.mkdir(parents=True)
    sweep(outputs, {"plain34": 0.5, "resnet34": 0.9})
    before = rows(load.load([outputs]))
    plain = parse_record.read(original(place / "plain", 0))
    chance, mutated, slowest, faults, kinds = random.Random(seed), {}, (0.0, ""), [], Counter()
    for number in range(many):
        folder = original(outputs / f"bad{number:05d}", 1000 + number)
        kind = chance.choice(KINDS)
        kind(folder, chance)
        kinds[kind.__name__] += 1
        mutated[folder] = 1000 + number
        began = time.perf_counter()
        alone = load.load([folder])
        slowest = max(slowest, (time.perf_counter() - began, f"{folder.name} {kind.__name__}"))
        if fault := wrong(folder, alone, 1000 + number, plain):
            faults.append(f"{folder.name} ({kind.__name__}) {fault}")
    together = load.load([outputs])
    after = rows(together)
    shown = {run.path for run in together.runs} & mutated.keys()
    return {
        "directories": many,
        "kinds": dict(kinds),
        "faults": faults,
        "good rows unchanged": all(after.get(name) == row for name, row in before.items()),
        "shown as they were": len(shown),
        "listed": len({path for path, _ in together.excluded} & mutated.keys()),
        "slowest": slowest,
        "memory": peak(),
    }


def peak() -> float:
    """MiB of this process; `ru_maxrss` would count what its parent held when it forked."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    print(json.dumps(compare(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])), indent=1))
