"""The parts of a run's record: its network, data, metrics and timings."""

from dataclasses import dataclass, field
from typing import Any

from ablation.rundir.record_fields import Fields, Json, is_number, unusable

SCORES = ("final", "best", "test", "test_best")  # that every run has, null where it was not measured
REQUIRED_METRICS = {"final": ("epoch", "val_accuracy"), "best": ("epoch", "val_accuracy"), "test": ("accuracy",)}

Score = dict[str, float]


@dataclass
class NetworkRecord:
    """Name and size of the network. macs: multiply-accumulate operations of one image."""

    name: str
    depth: int | None
    trainable_parameters: int
    total_parameters: int
    macs: int
    further: Json = field(default_factory=dict)

    @classmethod
    def from_json(cls, values: Json) -> "NetworkRecord":
        """Raises Unreadable where a field is missing or of another type."""
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
    """The data: images of each split (test: None where there is no test split), and a digest of all of it.

    mean, std: of the training images' pixels, per channel; in the file `std` is called `deviation`.
    """

    name: str
    train: int | None
    validation: int
    test: int | None
    digest: str
    classes: list[Any] | None = None
    mean: list[float] | None = None
    std: list[float] | None = None
    further: Json = field(default_factory=dict)

    @classmethod
    def from_json(cls, values: Json) -> "DataRecord":
        """Raises Unreadable where a field is missing or of another type."""
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
        optional = {"classes": self.classes, "mean": self.mean, "deviation": self.std}
        for name, value in optional.items():
            if value is not None:
                values[name] = value
        return {**values, **self.further}


@dataclass
class Timings:
    """started: ISO 8601, UTC. seconds: of all epochs, without compilation. session: of the last process, with it."""

    started: str | None = None
    seconds: float | None = None
    session: float | None = None
    further: Json = field(default_factory=dict)

    @classmethod
    def from_json(cls, values: Json) -> "Timings":
        """Raises Unreadable for a field of another type."""
        fields = Fields(values, "timings.")
        return cls(fields.text("started"), fields.number("seconds"), fields.number("session"), fields.left)

    def to_json(self) -> Json:
        known = {"started": self.started, "seconds": self.seconds, "session": self.session}
        return {**{name: value for name, value in known.items() if value is not None}, **self.further}


@dataclass
class Metrics:
    """What was measured: {`final`, `best`, `test`, `test_best` or any other: {metric: value}, or None}."""

    scores: dict[str, Score | None] = field(default_factory=lambda: dict.fromkeys(SCORES))

    @classmethod
    def from_json(cls, values: Json) -> "Metrics":
        """Raises Unreadable for a value that is not a number, and for a score that lacks what every run measures."""
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
        """The scores that are there."""
        return {name: score for name, score in self.scores.items() if score}

    def value(self, score: str, metric: str) -> float | None:
        """`value("test", "accuracy")`; None where it was not measured."""
        return (self.scores.get(score) or {}).get(metric)
