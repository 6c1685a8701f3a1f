"""The list of runs as JSON, for scripts; docs/runs.md describes its fields."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ablation.cli.runs.selection import Row
from ablation.cli.runs.table import total_size

FORMAT = 1


def runs_json(rows: Sequence[Row], refused: Iterable[tuple[Path, str]]) -> str:
    """The runs, one in each line, their totals, and the folders that were not searched. Strict JSON."""
    statuses: dict[str, int] = {}
    for row in rows:
        statuses[row.listed.status] = statuses.get(row.listed.status, 0) + 1
    totals = {"runs": len(rows), "size": total_size(rows), "statuses": statuses}
    not_searched = [{"path": str(path), "reason": reason} for path, reason in refused]
    runs = ",\n".join([_encoded(_run(row)) for row in rows])  # with indents, the encoder would take three times as long
    return (
        f'{{"format": {FORMAT},\n"runs": [\n{runs}\n],\n"totals": {_encoded(totals)},\n'
        f'"not_searched": {_encoded(not_searched)}}}'
    )


def _encoded(values: Any) -> str:
    return json.dumps(values, allow_nan=False)


def _run(row: Row) -> dict[str, Any]:
    listed, run, completed = row.listed, row.listed.run, row.run
    return {
        "path": str(listed.path),
        "status": listed.status,
        "reason": listed.reason or None,
        "experiment": row.place.experiment,
        "variant": row.place.variant or None,
        "studies": list(row.place.studies),
        "network": None if run is None else run.network,
        "data": None if run is None else run.data,
        "seed": listed.seed,
        "name": listed.name or None,
        "tags": list(listed.tags),
        "started": time_text(listed.started),
        "size": listed.size,
        "metrics": None if completed is None else completed.metrics.scores,
        "seconds": None if completed is None else completed.seconds,
        "fingerprint": listed.fingerprint,
        "config": None if run is None else run.config,
    }


def time_text(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat(timespec="seconds")
