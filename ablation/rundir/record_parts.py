"""The parts of a run's record: its network, data, metrics and timings."""

from dataclasses import dataclass, field
from typing import Any

from ablation.rundir.record_fields import Fields, Json, is_number, unusable

SCORES = ("final", "best", "test", "test_best")  # in every record, null if not measured
REQUIRED_METRICS = {"final": ("epoch", "val_accuracy"), "best": ("epoch", "val_accuracy"), "test": ("accuracy",)}

Score = dict[str, float]


@dataclass
class NetworkRecord:
    """Name and size of the network. macs: multiply-accumulate operations per image."""

    name: str
    depth: int | None
    trainable_parameters: int
    total_parameters: int
    macs: int
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
            fields.left,
        )

    def to_json(self) -> Json:
        return {
            "name": self.name,
            "depth": self.depth,
            "trainable_parameters": self.trainable_parameters,
            "total_parameters": self.total_parameters,
            "macs": self.macs,
            **self.further,
        }


@dataclass
class DataRecord:
    """The data set: number of images per split (test: None without a test split), and a digest of all data.

    mean, std: of the training pixels, per channel; in the file `std` is called `deviation`. excluded: what the folder
    contains but the run does not use, as [{"reason": …, "count": …, "examples": [path, …]}, …].
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
            fields.left,
        )

    def to_json(self) -> Json:
        values: Json = {
            "name": self.name,
            "train": self.train,
            "validation": self.validation,
            "test": self.test,
            "digest": self.digest,
        }
        optional = {"classes": self.classes, "mean": self.mean, "deviation": self.std, "excluded": self.excluded}
        for name, value in optional.items():
            if value is not None:
                values[name] = value
        return {**values, **self.further}


@dataclass
class Timings:
    """Timings in seconds.

    started: ISO 8601, UTC. seconds: of all epochs, without compilation. session: of the last process, including it.
    """

    started: str | None = None
    seconds: float | None = None
    session: float | None = None
    further: Json = field(default_factory=dict)

    @classmethod
    def from_json(cls, values: Json) -> "Timings":
        """Parse the field of a record. Raises Unreadable if a field has another type."""
        fields = Fields(values, "timings.")
        return cls(fields.text("started"), fields.number("seconds"), fields.number("session"), fields.left)

    def to_json(self) -> Json:
        fields = {"started": self.started, "seconds": self.seconds, "session": self.session}
        return {**{name: value for name, value in fields.items() if value is not None}, **self.further}


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
