"""What the report tells of single runs: the facts that matter, what a failed one says of itself, the end of its log."""

import re
from math import isfinite, nan
from pathlib import Path
from typing import Any

from ablation.comparison.analysis.comparison import ComparedVariant
from ablation.comparison.reading.run import Run
from ablation.report.wording.number_format import number, typeset
from ablation.rundir import files, layout, record
from ablation.text import duration

LONGEST, LISTED = 2000, 100  # characters of one text; items of one list
LONGEST_ERROR = 500  # characters
TAIL, TAIL_LINES = 4096, 20  # bytes and lines of a log
ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)?")  # of terminals


def written(value: float, places: int, sign: bool = False) -> str:
    """A number with a true minus; nothing for nan."""
    return typeset(number(value, places, sign)) if isfinite(value) else ""


def details(row: ComparedVariant) -> dict[str, Any]:
    """An arm's runs, each with the facts that matter and the end of its log."""
    differs = [(key, one, other) for key, (one, other) in row.differs.items()]
    return {
        "label": row.label,
        "differs": differs[:LISTED],
        "more": len(differs[LISTED:]),
        "runs": [
            {**brief(row, run), "facts": [f for f in _facts(run) if f[1]], "log": tail(run.path)}
            for run in (*row.runs, *row.diverged)
        ],
    }


def brief(row: ComparedVariant, run: Any) -> dict[str, Any]:
    """What a table has of a run; of a diverged one there is less."""
    done = isinstance(run, Run)
    return {
        "label": row.label,
        "seed": run.seed,
        "value": row.arm.values.get(run.seed, nan) if done else nan,
        "metric": written(row.arm.values.get(run.seed, nan), 4) if done else "diverged",
        "validation": run.val_accuracy if done else nan,
        "val_text": written(run.val_accuracy, 4) if done else "",
        "loss": run.loss if done else nan,
        "loss_text": written(run.loss, 4) if done else "",
        "seconds": run.seconds if done else nan,
        "time": duration(run.seconds) if done else "",
        "path": str(run.path),
    }


def _facts(run: Any) -> list[tuple[str, str]]:
    epochs = len(run.history["epoch"])
    common = [("folder", str(run.path)), ("tags", ", ".join(run.tags)), ("fingerprint", run.fingerprint[:16])]
    common.append(("network", run.network))
    if not isinstance(run, Run):
        return [*common, ("status", f"diverged after {epochs} whole epoch{'s' * (epochs != 1)}"), ("data", run.data)]
    facts, best = run.facts, run.metrics.get("best", {})
    changed = ", with changes" if _text(facts, "git.dirty") == "yes" else ""
    return [
        *common,
        ("name", run.name),
        ("attempt", str(run.attempt) if run.attempt > 1 else ""),
        ("started", run.started),
        ("length", f"{epochs} epoch{'s' * (epochs != 1)}, {_text(facts, 'steps.total')} steps".replace(",  steps", "")),
        ("time", duration(run.seconds)),
        ("training loss", written(run.loss, 4)),
        ("validation accuracy", f"{written(run.val_accuracy, 4)} (best {written(run.best_val_accuracy, 4)})"),
        ("best epoch", str(epoch) if isinstance(epoch := best.get("epoch"), int) else ""),
        ("test accuracy", written(run.test_accuracy, 4) if run.test_accuracy is not None else ""),
        ("data", f"{run.data}, digest {run.digest[:12]}"),
        ("exact", _text(facts, "exactness.exact")),
        ("backend", _text(facts, "exactness.backend")),
        ("versions", _text(facts, "versions")),
        ("hardware", " · ".join(t for k in ("devices", "processor") if (t := _text(facts, f"hardware.{k}")))),
        ("cores", _text(facts, "hardware.cores")),
        ("code", _text(facts, "code")),
        ("git", f"{commit[:12]}{changed}" if (commit := _text(facts, "git.commit")) else ""),
    ]


def _text(facts: dict[str, Any], key: str) -> str:
    """A fact as text, from a record that may have anything there."""
    value: Any = facts
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, dict):
        return " · ".join(f"{k} {v}" for k, v in list(value.items())[:LISTED] if isinstance(v, str | int | float))
    if isinstance(value, list):
        return ", ".join(str(v) for v in value[:LISTED] if isinstance(v, str | int | float))
    return (
        {True: "yes", False: "no"}[value] if isinstance(value, bool) else "" if value is None else str(value)[:LONGEST]
    )


def left_out(path: Path, reason: str, few: bool) -> dict[str, Any]:
    """few: are there so few runs that each one's own words are shown?"""
    told = {"path": str(path), "reason": reason, "error": "", "log": []}
    return {**told, "error": error(path), "log": tail(path)} if few else told


def error(directory: Path) -> str:
    """What a run says that ended it, in one line of at most LONGEST_ERROR; nothing where there is no such record."""
    try:
        message = record.read_record(directory).error
    except files.Unreadable:
        return ""
    line = " ".join((message or "").split())
    return line if len(line) <= LONGEST_ERROR else f"{line[: LONGEST_ERROR - 1]}…"


def tail(directory: Path) -> list[str]:
    """The last lines of run.log, without what steers a terminal; none unless it is a regular file of that folder."""
    try:
        content = files.tail(directory / layout.LOG, TAIL)
    except (OSError, ValueError, files.Unreadable):
        return []
    text = ESCAPES.sub("", content.decode(errors="replace")).replace("\r\n", "\n").expandtabs(4)
    lines = [line.rpartition("\r")[2] for line in text.rstrip("\n").split("\n")]
    return lines[-TAIL_LINES:] if text.strip() else []
