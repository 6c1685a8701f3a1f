"""What must be equal for runs to be comparable, whatever variants they belong to."""

from dataclasses import dataclass
from typing import Any

from ablation.comparison.comparability.rules import PRECISION_FLAGS
from ablation.comparison.reading.facts import RunFacts
from ablation.comparison.reading.run import Diverged, History, Run, Unfinished
from ablation.config.backends import SHAPING
from ablation.config.budget import EVALUATION, LENGTH, sets_length
from ablation.redaction import printable
from ablation.text import plural, typed_value

AnyRun = Run | Diverged | Unfinished
PRECISION, BACKEND, DETERMINISTIC = "train.precision", "backend", "deterministic"
# The batch size changes the number of steps, but not how often a run sees an image; as a variant it gets a label.
LENGTH_KEYS = tuple(sorted(LENGTH - {"train.batch_size"}))
CONFIG_KEYS = (*sorted(EVALUATION), *LENGTH_KEYS, "data.fraction", PRECISION, BACKEND, DETERMINISTIC)
SHORT_DIGEST = 8  # characters


@dataclass(frozen=True)
class Basis:
    """The data, split, length, precision, backend and code of a run.

    settings: the values of CONFIG_KEYS, as a user types them; empty for a key that does not apply. epochs: trained, and
    None for a run without a result. facts: what only a completed run records: selection, code, versions and flags.
    """

    data: str
    digest: str
    settings: tuple[str, ...]
    epochs: int | None = None
    facts: tuple[tuple[str, str], ...] = ()

    @property
    def declared(self) -> tuple[str, str, tuple[str, ...]]:
        """The part that is known before a run has a result."""
        return self.data, self.digest, self.settings

    def texts(self) -> dict[str, str]:
        """What distinguishes it from another basis, in words, the most important first."""
        by_key = dict(zip(CONFIG_KEYS, self.settings, strict=True))
        epochs = "" if self.epochs is None else plural(self.epochs, "epoch")
        texts = {"data": self.data, "length": _length(by_key, epochs)}
        for key in ("data.limit", "data.fraction", "data.holdout", "data.holdout_test", "data.validation"):
            texts[key] = f"{key.rpartition('.')[2]}={by_key[key]}" if by_key[key] else ""
        texts |= {"precision": by_key[PRECISION], "backend": by_key[BACKEND], "epochs": epochs}
        for key in (DETERMINISTIC, "train.reference_steps", "data.classes", "data.name", "data.source"):
            texts[key] = f"{key.rpartition('.')[2]}={by_key[key]}" if by_key[key] else ""
        texts["digest"] = f"data {self.digest[:SHORT_DIGEST]}"
        for name, text in self.facts:
            texts[name] = f"{name} {text[:SHORT_DIGEST] if name == 'code' else text}"
        return {key: printable(text) for key, text in texts.items()}


def _length(by_key: dict[str, str], epochs: str) -> str:
    """`20 epochs` or `500 steps`, as its config says; without a length there, the epochs that it trained."""
    if by_key["train.steps"] not in ("", "null"):
        return _counted(by_key["train.steps"], "step")
    if by_key["train.epochs"] not in ("", "null"):
        return _counted(by_key["train.epochs"], "epoch")
    return epochs


def _counted(number: str, noun: str) -> str:
    """`20 epochs`, `1 epoch`; a number is written as a user types it, such as `1e4`."""
    return f"{number} {noun}" if number == "1" else f"{number} {noun}s"


class BasisReader:
    """Computes the basis of runs. Runs share their config and facts, so that most are computed once."""

    def __init__(self) -> None:
        self._of_config: dict[int, tuple[str, ...]] = {}
        self._of_facts: dict[tuple[int, str], tuple[tuple[str, str], ...]] = {}
        self._shared: dict[tuple, Basis] = {}
        self._known: dict[tuple, Basis] = {}

    def basis(self, run: AnyRun) -> Basis:
        """The basis of a run; of one without a result, only what its config says."""
        epochs, facts = (_epochs(run), id(run.facts)) if isinstance(run, Run) else (None, None)
        known = (id(run.config), facts, epochs, run.data, run.digest)
        if known not in self._known:
            self._known[known] = self._compute(run, epochs)
        return self._known[known]

    def _compute(self, run: AnyRun, epochs: int | None) -> Basis:
        facts = self._facts(run) if isinstance(run, Run) else ()
        key = (run.data, run.digest, self._settings(run.config), epochs, facts)
        return self._shared.setdefault(key, Basis(*key))

    def _settings(self, config: dict[str, Any]) -> tuple[str, ...]:
        if id(config) not in self._of_config:
            self._of_config[id(config)] = _settings(config)
        return self._of_config[id(config)]

    def _facts(self, run: Run) -> tuple[tuple[str, str], ...]:
        backend = str(run.config.get(BACKEND))
        if (id(run.facts), backend) not in self._of_facts:
            self._of_facts[id(run.facts), backend] = tuple(sorted(_facts(run.facts, backend).items()))
        return self._of_facts[id(run.facts), backend]


def _epochs(run: Run) -> int:
    return run.history.epochs if isinstance(run.history, History) else len(run.history["val_accuracy"])


def _settings(config: dict[str, Any]) -> tuple[str, ...]:
    values = []
    for key in CONFIG_KEYS:
        applies = key in config and (key != "data.fraction" or sets_length(key, [config]))
        values.append(typed_value(config[key]) if applies else "")
    return tuple(values)


def _facts(facts: RunFacts, backend: str) -> dict[str, str]:
    """What is recorded beside the config; what an older record lacks is left out."""
    texts: dict[str, str] = {}
    if facts.code is not None:
        texts["code"] = facts.code
    if facts.selected_on is not None:
        texts["selected on"] = facts.selected_on
    versions = facts.versions | (facts.exactness.versions or {})
    for package in SHAPING.get(backend, ()):
        version = versions.get(package)
        if isinstance(version, str):
            texts[package] = ".".join(version.split(".")[:2])
    if facts.exactness.floatx is not None:
        texts["floatx"] = str(facts.exactness.floatx)
    for name in PRECISION_FLAGS:
        value = (facts.exactness.flags or {}).get(name)
        if value is not None:
            texts[name] = str(value)
    return texts
