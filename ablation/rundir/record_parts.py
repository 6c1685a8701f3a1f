"""The parts of a run's record: its network, data, steps, metrics, timings and environment."""

from dataclasses import dataclass, field
from typing import Any

from ablation.rundir.record_fields import Fields, Json, is_number, unusable

SCORES = ("final", "best", "test", "test_best")  # in every record, null if not measured
REQUIRED_METRICS = {"final": ("epoch", "val_accuracy"), "best": ("epoch", "val_accuracy"), "test": ("accuracy",)}

Score = dict[str, float]


@dataclass
class NetworkRecord:
    """Name and size of the network. macs: multiply-accumulate operations per image.

    unnamed: the layers of a plugin's network that have automatic names, `{kind: [name, …]}`; see `model.coupling`.
    loaded: with model.weights, the digest of the file, and which weights do not come from it.
    """

    name: str
    depth: int | None
    trainable_parameters: int
    total_parameters: int
    macs: int
    unnamed: Json = field(default_factory=dict)
    loaded: Json = field(default_factory=dict)
    further: Json = field(default_factory=dict)

    @classmethod
    def from_json(cls, values: Json) -> "NetworkRecord":
        """Parse the field of a record. Raises Unreadable if a field is missing or has another type."""
        fields = Fields(values, "network.")
        return cls(
            fields.needed_text("name"),
            fields.count("depth"),
            fields.needed_count("trainable_parameters"),
            fields.needed_count("total_parameters"),
            fields.needed_count("macs"),
            _lists_of_text(fields, "unnamed"),
            fields.mapping("loaded") or {},
            fields.left,
        )

    def to_json(self) -> Json:
        return {
            "name": self.name,
            "depth": self.depth,
            "trainable_parameters": self.trainable_parameters,
            "total_parameters": self.total_parameters,
            "macs": self.macs,
            **({"unnamed": self.unnamed} if self.unnamed else {}),
            **({"loaded": self.loaded} if self.loaded else {}),
            **self.further,
        }


@dataclass
class DataRecord:
    """The data set: number of images per split (test: None without a test split), and a digest of all data.

    mean, std: of the training pixels, per channel; in the file `std` is called `deviation`. excluded: what the folder
    contains but the run does not use, as [{"reason": …, "count": …, "examples": [path, …]}, …]. duplicates: groups of
    identical images, as {"groups": …, "across_splits": …, "several_labels": …}. shape: of an example. kind: `image` or
    `array`.
    """

    name: str
    train: int | None
    validation: int
    test: int | None
    digest: str
    classes: list[Any] | None = None
    mean: list[float] | None = None
    std: list[float] | None = None
    excluded: list[Any] | None = None
    duplicates: Json | None = None
    shape: list[Any] | None = None
    kind: str | None = None
    further: Json = field(default_factory=dict)

    @classmethod
    def from_json(cls, values: Json) -> "DataRecord":
        """Parse the field of a record. Raises Unreadable if a field is missing or has another type."""
        fields = Fields(values, "data.")
        return cls(
            fields.needed_text("name"),
            fields.count("train"),
            fields.needed_count("validation"),
            fields.count("test"),
            fields.needed_text("digest"),
            fields.items("classes"),
            fields.items("mean"),
            fields.items("deviation"),
            fields.items("excluded"),
            fields.mapping("duplicates"),
            fields.items("shape"),
            fields.text("kind"),
            fields.left,
        )

    def to_json(self) -> Json:
        counts = {"train": self.train, "validation": self.validation, "test": self.test}
        optional = {
            "classes": self.classes,
            "mean": self.mean,
            "deviation": self.std,
            "excluded": self.excluded,
            "duplicates": self.duplicates,
            "shape": self.shape,
            "kind": self.kind,
        }
        return {"name": self.name, **counts, "digest": self.digest, **_recorded(optional), **self.further}


@dataclass
class Steps:
    """The length of a run in optimizer steps.

    note: says so if the published recipe is longer. further: also values of another type, such as a null note.
    """

    total: int | None = None
    per_epoch: int | None = None
    note: str | None = None
    further: Json = field(default_factory=dict)

    @classmethod
    def from_json(cls, values: Json) -> "Steps":
        fields = Fields(values)
        total, per_epoch = fields.value_of("total", int), fields.value_of("per_epoch", int)
        return cls(total, per_epoch, fields.value_of("note", str), fields.left)

    def to_json(self) -> Json:
        fields = {"total": self.total, "per_epoch": self.per_epoch, "note": self.note}
        return {**_recorded(fields), **self.further}


@dataclass
class Timings:
    """Timings in seconds.

    started: ISO 8601, UTC. seconds: of all epochs, without compilation. compile: of tracing and compilation in the last
    process. traces: how many times that process traced the training step for this run: 0 if it reused the compiled
    network of another run. session: of the last process, including it.
    """

    started: str | None = None
    seconds: float | None = None
    compile: float | None = None
    traces: int | None = None
    session: float | None = None
    further: Json = field(default_factory=dict)

    @classmethod
    def from_json(cls, values: Json) -> "Timings":
        """Parse the field of a record. Raises Unreadable if a field has another type."""
        fields = Fields(values, "timings.")
        return cls(
            fields.text("started"),
            fields.number("seconds"),
            fields.number("compile"),
            fields.count("traces"),
            fields.number("session"),
            fields.left,
        )

    def to_json(self) -> Json:
        fields = {
            "started": self.started,
            "seconds": self.seconds,
            "compile": self.compile,
            "traces": self.traces,
            "session": self.session,
        }
        return {**_recorded(fields), **self.further}


@dataclass
class Metrics:
    """The metrics of a run: {`final`, `best`, `test`, `test_best` or another score: {metric: value}, or None}."""

    scores: dict[str, Score | None] = field(default_factory=lambda: dict.fromkeys(SCORES))

    @classmethod
    def from_json(cls, values: Json) -> "Metrics":
        """Parse the field of a record. Raises Unreadable if a value is not a number or a required one is missing."""
        for name, score in values.items():
            if score is None:
                continue
            if type(score) is not dict:
                raise unusable(f"metrics.{name}")
            for key, value in score.items():
                if not is_number(value):
                    raise unusable(f"metrics.{name}.{key}")
            for key in REQUIRED_METRICS.get(name, ()):
                if key not in score:
                    raise unusable(f"metrics.{name}.{key}")
        return cls(values)

    def measured(self) -> dict[str, Score]:
        """The scores that were measured."""
        return {name: score for name, score in self.scores.items() if score}

    def value(self, score: str, metric: str) -> float | None:
        """One value, for example `value("test", "accuracy")`; None if it was not measured."""
        return (self.scores.get(score) or {}).get(metric)


@dataclass
class Exactness:
    """The environment class of a run, as `runtime.provenance` determines it.

    exact: the run was deterministic, and in this class from its first step. environment_class: a digest of the fields
    behind it; in the file it is called `class`. versions: of the packages that shape results. flags: the environment
    variables that do. data: digest of the data. further: also values of another type.
    """

    exact: bool | None = None
    environment_class: str | None = None
    backend: str | None = None
    deterministic: bool | None = None
    threads: int | None = None
    versions: Json | None = None
    devices: list[Any] | None = None
    processor: str | None = None
    instructions: str | None = None
    flags: Json | None = None
    floatx: str | None = None
    image_data_format: str | None = None
    data: str | None = None
    further: Json = field(default_factory=dict)

    @classmethod
    def from_json(cls, values: Json) -> "Exactness":
        fields = Fields(values)
        environment_class = fields.value_of("class", str)
        known = {name: fields.value_of(name, kind) for name, kind in {"exact": bool, **ENVIRONMENT}.items()}
        return cls(**known, environment_class=environment_class, further=fields.left)

    def to_json(self) -> Json:
        return {**_recorded({"exact": self.exact, "class": self.environment_class}), **self.environment()}

    def environment(self) -> Json:
        """What bit-exact runs have in common: all fields but `exact` and the digest."""
        return {**_recorded({name: getattr(self, name) for name in ENVIRONMENT}), **self.further}


ENVIRONMENT: dict[str, type] = {  # the fields of `Exactness` that bit-exact runs have in common, with their types
    **{"backend": str, "deterministic": bool, "threads": int, "versions": dict, "devices": list, "processor": str},
    **{"instructions": str, "flags": dict, "floatx": str, "image_data_format": str, "data": str},
}


@dataclass
class Hardware:
    """The hardware and operating system of a run. devices: of the backend. further: also values of another type."""

    devices: list[Any] | None = None
    processor: str | None = None
    machine: str | None = None
    system: str | None = None
    cores: int | None = None
    further: Json = field(default_factory=dict)

    @classmethod
    def from_json(cls, values: Json) -> "Hardware":
        fields = Fields(values)
        return cls(
            devices=fields.value_of("devices", list),
            processor=fields.value_of("processor", str),
            machine=fields.value_of("machine", str),
            system=fields.value_of("system", str),
            cores=fields.value_of("cores", int),
            further=fields.left,
        )

    def to_json(self) -> Json:
        fields = {
            "devices": self.devices,
            "processor": self.processor,
            "machine": self.machine,
            "system": self.system,
            "cores": self.cores,
        }
        return {**_recorded(fields), **self.further}


@dataclass
class Git:
    """The Git commit of the package's checkout.

    dirty: the checkout has uncommitted changes. further: also values of another type.
    """

    commit: str | None = None
    dirty: bool | None = None
    further: Json = field(default_factory=dict)

    @classmethod
    def from_json(cls, values: Json) -> "Git":
        fields = Fields(values)
        return cls(fields.value_of("commit", str), fields.value_of("dirty", bool), fields.left)

    def to_json(self) -> Json:
        return {**_recorded({"commit": self.commit, "dirty": self.dirty}), **self.further}


def _lists_of_text(fields: Fields, name: str) -> Json:
    """A mapping of lists of texts; empty if it is absent. Raises Unreadable for anything else."""
    lists = fields.mapping(name) or {}
    if not all(isinstance(items, list) and all(type(item) is str for item in items) for items in lists.values()):
        raise fields.unusable(name)
    return lists


def _recorded(fields: Json) -> Json:
    """The fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None}
