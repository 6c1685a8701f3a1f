"""A run as a comparison needs it, and its history."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ablation.comparison.reading.facts import RunFacts
from ablation.rundir import layout
from ablation.rundir.record import KIND, PlanReference
from ablation.rundir.record_fields import LARGEST_NUMBER
from ablation.rundir.record_parts import Metrics

TABLE = "table"  # the kind of a row of a table that another program wrote; KIND is that of a run of ablate
MEASURED = layout.HISTORY_COLUMNS[1:]  # all but the epoch, which counts from 1
PLACE = {name: place for place, name in enumerate(MEASURED)}


class History(Mapping):
    """The columns of a history.csv, {name: float64 (epochs,)}.

    columns: float64 (len(MEASURED), epochs), the same without the epochs, for arithmetic over many runs.
    """

    __slots__ = ("columns",)

    def __init__(self, columns: np.ndarray):
        self.columns = columns

    @property
    def epochs(self) -> int:
        return self.columns.shape[1]

    def __getitem__(self, name: str) -> np.ndarray:
        if name == "epoch":
            return np.arange(1.0, self.epochs + 1)
        return self.columns[PLACE[name]]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, History) and np.array_equal(self.columns, other.columns)

    __hash__ = None

    def __iter__(self) -> Iterator[str]:
        return iter(layout.HISTORY_COLUMNS)

    def __len__(self) -> int:
        return len(layout.HISTORY_COLUMNS)


def usable(columns: np.ndarray) -> bool:
    """Return whether every loss is finite and every val_accuracy is from 0 to 1.

    columns: float64 (len(MEASURED), epochs), of one run or of several runs concatenated.
    """
    loss, accuracy = columns[PLACE["loss"]], columns[PLACE["val_accuracy"]]
    # Comparisons with nan are false, so any nan makes the columns unusable.
    return bool(abs(loss).max() <= LARGEST_NUMBER and 0 <= accuracy.min() and accuracy.max() <= 1)


def no_history() -> History:
    """The history of a run of which no epoch is recorded."""
    return History(np.empty((len(MEASURED), 0)))


@dataclass(frozen=True)
class ValueStep:
    """The smallest step between values of a metric of which the number of examples is not recorded.

    resolution: below which an SD says nothing. decimals: that show one step. reason: behind `at least 0.003, `.
    """

    resolution: float
    decimals: int
    reason: str


@dataclass(frozen=True)
class OpenMetric:
    """The only metric of runs that ablate did not train.

    key: its name, as in `--metric`. name: the same without what an export adds to it. caption: a sentence on where its
    values come from. higher: True if a higher value is better. is_share: whether its values are shares from 0 to 1.
    step: None if its values are continuous.
    """

    key: str
    name: str
    caption: str
    higher: bool
    is_share: bool = False
    step: ValueStep | None = None


@dataclass(frozen=True)
class Run:
    """A completed run. Accuracies are from 0 to 1.

    kind: KIND if ablate trained it. Of a run of any other kind only path, config, variant, seed, metrics and metric are
    certain. Its other texts are empty, its counts and seconds None, and its history has no epochs, unless they are
    known; its metrics have a single score, RESULT.
    metric: of a run of another kind; None for one that ablate trained.
    """

    path: Path
    network: str  # derived from the structure, such as resnet34
    data: str  # the data set's name
    digest: str  # of its images, labels and splits
    config: dict[str, Any]  # flat, without the seed and what does not shape the result
    variant: str  # equal for runs that differ in their seed alone
    seed: int
    name: str  # free text that the user gave it, or empty
    attempt: int  # 1; for reruns 2, 3, …
    started: str  # ISO 8601, UTC; empty in older records
    checksum: str
    validation_images: int | None
    test_images: int | None
    validated_on_test: bool
    parameters: int | None  # trainable
    macs: int | None
    seconds: float | None
    history: History
    fingerprint: str  # by which a study's plan refers to the run
    facts: RunFacts  # recorded beside the config, and compared like it
    metrics: Metrics  # those that were measured
    tags: tuple[str, ...] = ()  # free words that the user gave it
    plans: tuple[PlanReference, ...] = ()  # the studies that had planned it when it ended
    size: int = 0  # of all its files, in bytes
    kind: str = KIND
    metric: OpenMetric | None = None
    block: str = ""  # such as the data set, if a seed has a run in each of several

    @property
    def status(self) -> str:
        return "completed"

    @property
    def is_own(self) -> bool:
        """Whether ablate trained it."""
        return self.kind == KIND

    @property
    def loss(self) -> float | None:
        """The training loss of the last epoch; None for a run that ablate did not train."""
        return self._measured("final", "loss")

    @property
    def val_accuracy(self) -> float | None:
        """The validation accuracy of the last epoch; None for a run that ablate did not train."""
        return self._measured("final", "val_accuracy")

    @property
    def best_val_accuracy(self) -> float | None:
        return self._measured("best", "val_accuracy")

    @property
    def test_accuracy(self) -> float | None:
        """The test accuracy of the last weights; None without a test split."""
        if self.metrics.scores.get("test") is None:
            return None
        return self._measured("test", "accuracy")

    def _measured(self, score: str, metric: str) -> float | None:
        """A metric that every completed run of ablate has. Raises ValueError if this one does not."""
        if not self.is_own:
            return None
        value = self.metrics.value(score, metric)
        if value is None:
            raise ValueError(f"Expected a completed run. Received one without {score}.{metric}: {self.path}")
        return float(value)


@dataclass(frozen=True)
class Diverged:
    """A diverged run, which is drawn up to its last epoch but never averaged. Fields as in Run."""

    path: Path
    network: str
    data: str
    digest: str
    config: dict[str, Any]
    variant: str
    seed: int
    history: History
    fingerprint: str
    tags: tuple[str, ...] = ()
    name: str = ""
    started: str = ""
    plans: tuple[PlanReference, ...] = ()
    kind: str = KIND
    block: str = ""

    @property
    def status(self) -> str:
        return "diverged"

    @property
    def is_own(self) -> bool:
        return self.kind == KIND


@dataclass(frozen=True)
class Unfinished:
    """A run that failed, was stopped or has not ended yet, so that its seed has no result. Fields as in Run.

    status: `failed`, `interrupted` or `running`. error: the reason if it failed; empty if it is not recorded.
    """

    path: Path
    network: str
    data: str
    digest: str
    config: dict[str, Any]
    variant: str
    seed: int
    fingerprint: str
    status: str
    tags: tuple[str, ...] = ()
    name: str = ""
    started: str = ""
    plans: tuple[PlanReference, ...] = ()
    error: str = ""
    kind: str = KIND
    block: str = ""
