"""`run.json`: one run as a typed value, and the only place that reads, checks and writes it."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from ablation.rundir.files import Foreign, Unreadable, read_bounded, record_checksum, replace
from ablation.rundir.layout import CHECKPOINT, FINAL, FORMAT, PROGRAM, RECORD, STAGED, STATUSES
from ablation.rundir.record_fields import LARGEST_COUNT, Fields, Json, unusable
from ablation.rundir.record_parts import DataRecord, Exactness, Git, Hardware, Metrics, NetworkRecord, Steps, Timings

KINDS = KIND, COMMAND = ("run", "command")  # of run.json: a run of ours, and of a program of the user's own
RESULT = "result"  # the score of a program's run, with the value of its only metric
FIRST_TAGS = "first_tags"  # the tags with which a run ended, in the record of a run whose tags were changed since
LARGEST_RECORD = 4 * 2**20  # bytes
MOST_PLANS, MOST_COMPARISONS = 100, 100_000  # plans that contain one run; comparisons of one plan
Part = TypeVar("Part")


class HasJson(Protocol):
    """A part of a record."""

    def to_json(self) -> Json: ...


@dataclass(frozen=True)
class PlanReference:
    """A plan that contained a run when the run ended. plan: its hash. comparisons: the number that it corrects for."""

    study: str
    plan: str
    comparisons: int

    def to_json(self) -> Json:
        return {"study": self.study, "plan": self.plan, "comparisons": self.comparisons}


def plan_references(values: Any) -> tuple[PlanReference, ...]:
    """The valid references in a list; none for anything else."""
    references: list[PlanReference] = []
    for value in values[:MOST_PLANS] if isinstance(values, list) else []:
        if not isinstance(value, dict):
            continue
        study, plan, comparisons = value.get("study"), value.get("plan"), value.get("comparisons")
        if not (isinstance(study, str) and isinstance(plan, str)):
            continue
        if type(comparisons) is int and 0 < comparisons <= MOST_COMPARISONS:
            references.append(PlanReference(study, plan, comparisons))
    return tuple(references)


@dataclass
class RunRecord:
    """One run, as in its `run.json`. A field that the run has not reached is None.

    versions: of Python and of packages, by name. steps, exactness, hardware, git: values of another type in them refuse
    no record and are kept in `further` of the part.
    plans: the studies that had planned the run when it ended.
    files: size and SHA-256 of the other files of a finished run.
    checksum: of the record when it was read, with the tags with which the run ended.
    further: keys of other versions.
    """

    status: str
    kind: str = KIND
    name: str | None = None
    tags: list[str] | None = None
    seed: int | None = None
    fingerprint: str | None = None
    attempt: int = 1
    code: str | None = None
    plugins: list[str] | None = None
    config: Json | None = None
    network: NetworkRecord | None = None
    data: DataRecord | None = None
    steps: Steps | None = None
    selected_on: str | None = None
    exactness: Exactness | None = None
    metrics: Metrics = field(default_factory=Metrics)
    timings: Timings = field(default_factory=Timings)
    error: str | None = None
    versions: Json | None = None
    hardware: Hardware | None = None
    git: Git | None = None
    plans: tuple[PlanReference, ...] = ()
    files: dict[str, Json] | None = None
    checksum: str | None = None
    further: Json = field(default_factory=dict)

    @classmethod
    def from_json(cls, values: Json) -> "RunRecord":
        """Validate and parse a record. Raises Unreadable, naming the field, if a field has another type."""
        fields = Fields(values)
        status, attempt = fields.needed_text("status"), fields.count("attempt")
        if status not in STATUSES:
            raise unusable("status")
        network, data = fields.mapping("network"), fields.mapping("data")
        metrics, timings = fields.mapping("metrics"), fields.mapping("timings")
        fields.left.pop("format", None)
        return cls(
            status=status,
            kind=fields.text("kind") or KIND,
            name=fields.text("name"),
            tags=_texts(fields.left.pop("tags", None)),
            seed=fields.count("seed", -LARGEST_COUNT),
            fingerprint=fields.text("fingerprint"),
            attempt=1 if attempt is None else attempt,
            code=fields.text("code"),
            plugins=_texts(fields.items("plugins")),
            config=fields.mapping("config"),
            network=_part(NetworkRecord.from_json, network),
            data=_part(DataRecord.from_json, data),
            steps=_part(Steps.from_json, fields.mapping("steps")),
            selected_on=fields.text("selected_on"),
            exactness=_part(Exactness.from_json, fields.mapping("exactness")),
            metrics=Metrics() if metrics is None else Metrics.from_json(metrics),
            timings=Timings() if timings is None else Timings.from_json(timings),
            error=fields.text("error"),
            versions=fields.mapping("versions"),
            hardware=_part(Hardware.from_json, fields.mapping("hardware")),
            git=_part(Git.from_json, fields.mapping("git")),
            plans=plan_references(fields.left.pop("plans", None)),
            files=fields.mapping("files"),
            checksum=fields.text("checksum"),
            further=fields.left,
        )

    def to_json(self) -> Json:
        """The record as it is written, without the format and the checksum."""
        values: Json = {
            "kind": self.kind,
            "status": self.status,
            "name": self.name,
            "tags": self.tags,
            "seed": self.seed,
            "fingerprint": self.fingerprint,
            "attempt": self.attempt,
            "code": self.code,
            "plugins": self.plugins,
            "config": self.config,
            "network": _to_json(self.network),
            "data": _to_json(self.data),
            "steps": _to_json(self.steps),
            "selected_on": self.selected_on,
            "exactness": _to_json(self.exactness),
            "metrics": self.metrics.scores,
            "timings": self.timings.to_json(),
            "error": self.error,
            "versions": self.versions,
            "hardware": _to_json(self.hardware),
            "git": _to_json(self.git),
            "plans": [plan.to_json() for plan in self.plans],
            **self.further,
        }
        if self.files is not None:
            values["files"] = self.files
        return values

    @property
    def is_final(self) -> bool:
        """True if the run is completed or diverged, so that the same command skips it."""
        return self.status in FINAL

    @property
    def is_exact(self) -> bool:
        """True if the whole run was deterministic and in one environment class."""
        return self.exactness is not None and bool(self.exactness.exact)

    def sha256(self, name: str) -> str | None:
        """The digest of a file of the run. name: its path in the run's directory. None if the record has none."""
        entry = (self.files or {}).get(name)
        return entry.get("sha256") if isinstance(entry, dict) else None

    def size_of_files(self) -> int:
        """The bytes of the other files of a finished run, as the record lists them."""
        total = 0
        for entry in (self.files or {}).values():
            size = entry.get("size") if isinstance(entry, dict) else None
            if type(size) is int and size > 0:
                total += size
        return total


def _part(parse: Callable[[Json], Part], values: Json | None) -> Part | None:
    """A parsed part; None if the record lacks it."""
    return None if values is None else parse(values)


def _to_json(part: HasJson | None) -> Json | None:
    return None if part is None else part.to_json()


def _texts(values: Any) -> list[str] | None:
    """The texts in a list; None for anything else."""
    if not isinstance(values, list):
        return None
    return [value for value in values if isinstance(value, str)]


def write_record(directory: Path, record: RunRecord) -> None:
    """Write run.json: strict JSON with its own checksum and, once final, size and SHA-256 of the run's other files."""
    values = {**record.to_json(), "format": FORMAT}
    if record.is_final:
        values["files"] = dict(file_digests(directory))
    values["checksum"] = record_checksum(values)
    replace(directory / RECORD, json.dumps(values, indent=1, allow_nan=False).encode())


def file_digests(directory: Path) -> Iterator[tuple[str, Json]]:
    """Size and SHA-256 of every other file, except the checkpoint, deleted once the final record is written."""
    for path in sorted(_files(directory)):
        if path.name in (RECORD, CHECKPOINT) or path.suffix == STAGED:
            continue
        content = path.read_bytes()
        yield str(path.relative_to(directory)), {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _files(directory: Path) -> Iterator[Path]:
    """The files of a run, without those that a program of the user's own wrote, which may be many and large."""
    for folder, folders, names in os.walk(directory):
        if Path(folder) == directory and PROGRAM in folders:
            folders.remove(PROGRAM)
        yield from (path for path in (Path(folder, name) for name in names) if path.is_file())


def read_record(directory: Path) -> RunRecord:
    """Read run.json. Raises Unreadable if it is missing, truncated, modified or not of this format."""
    values = read_values(directory)
    record = RunRecord.from_json(values)
    if FIRST_TAGS in values:
        record.checksum = lasting_checksum(values)
    return record


def read_values(directory: Path) -> Json:
    """Read run.json as JSON, verified by its checksum. Raises the same errors as `read_record`."""
    try:
        values = json.loads(read_bounded(directory / RECORD, LARGEST_RECORD).decode())
        if not isinstance(values, dict) or not {"format", "fingerprint", "checksum"} & values.keys():
            raise Foreign(f"{RECORD} was written by another program")
        if values.get("format") != FORMAT:
            raise Unreadable(f"{RECORD} is not of format {FORMAT}")
        if values.get("kind") not in KINDS:
            raise Unreadable(f"{RECORD} is not of kind {' or '.join(KINDS)}")
        if values.get("checksum") != record_checksum(values):
            raise Unreadable(f"{RECORD} does not match its checksum")
        return values
    except OSError as error:
        raise Unreadable(f"{RECORD}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{RECORD} is not JSON") from error


def lasting_checksum(values: Json) -> str:
    """The checksum that a record had when its run ended, whatever tags it has now: it covers everything else."""
    restored = {name: value for name, value in values.items() if name != FIRST_TAGS}
    return record_checksum({**restored, "tags": values[FIRST_TAGS]})
