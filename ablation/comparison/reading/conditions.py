"""Conditions on runs, as users type them after `--where`: `model.width=16,32`, `test_accuracy>0.9`, `age>7d`."""

import re
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ablation.comparison.reading import condition_values
from ablation.comparison.reading.condition_values import EQUAL, NULL, ORDER, UNEQUAL, Value, any_holds
from ablation.comparison.reading.run import Diverged, Run, Unfinished
from ablation.errors import AblateError, nearest, unknown
from ablation.rundir.layout import STATUSES, UNREADABLE

CONDITION = re.compile(r"\s*([^\W\d][\w.]*)\s*(!=|<=|>=|=|<|>)(.*)", re.DOTALL)
Facts = Mapping[str, object]  # a tuple holds several values, of which any may match


@dataclass(frozen=True)
class Kind:
    """What a key takes. allowed: in words. parse: returns None for other texts. ordered: < and > compare its values.

    equal: = and != do.
    """

    allowed: str
    example: str
    parse: Callable[[str], Value | None]
    ordered: bool = True
    equal: bool = True


NUMBER = Kind("a number", "0.9", condition_values.number)
TEXT = Kind("a text", "trial", condition_values.word, ordered=False)
STATUS = Kind("a status", "completed", condition_values.word, ordered=False)
DATE = Kind("a date, or a date and a time", "2026-11-20", condition_values.period)
AGE = Kind("a number followed by s, min, h, d or w", "7d", condition_values.duration, equal=False)
SIZE = Kind("a number followed by kB, MB, GB or TB", "1GB", condition_values.size, equal=False)
# The keys that every run has beside its configuration.
OWN_KEYS = {
    "seed": NUMBER,
    "status": STATUS,
    "network": TEXT,
    "data": TEXT,
    "name": TEXT,
    "tag": TEXT,
    "study": TEXT,
    "variant": TEXT,
    "started": DATE,
    "age": AGE,
    "size": SIZE,
    "val_accuracy": NUMBER,
    "test_accuracy": NUMBER,
    "loss": NUMBER,
    "seconds": NUMBER,
}
MEANT = {"model": "network", "tags": "tag", "studies": "study", "dataset": "data", "time": "seconds"}  # likely mistakes


@dataclass(frozen=True)
class Condition:
    """A condition on one key. typed: as the user typed it. values: any of them may match; with UNEQUAL, none may."""

    typed: str
    key: str
    operator: str
    values: tuple[Value, ...]

    def matches(self, facts: Facts) -> bool:
        """Return whether a run with these facts fulfils the condition. It does not if it lacks the key."""
        key = self.key if self.key in facts else _only_full_key(self.key, facts)
        if key is None:
            return False
        fact = facts[key]
        candidates = fact if isinstance(fact, tuple) else (fact,)
        if self.operator == UNEQUAL:
            return not any_holds(self.values, EQUAL, candidates or (None,))
        return any_holds(self.values, self.operator, candidates or (None,))


def conditions(words: Sequence[str]) -> list[Condition]:
    """Parse conditions. words: one condition each. Raises AblateError for one that cannot be read."""
    return [_condition(word) for word in words]


def match_all(conditions: Iterable[Condition], facts: Facts) -> bool:
    """Return whether a run with these facts fulfils every condition."""
    return all(condition.matches(facts) for condition in conditions)


def has_tags(tags: Iterable[str], wanted: Iterable[str]) -> bool:
    """Return whether a run with these tags has all that are wanted."""
    return set(wanted) <= set(tags)


def facts_of(
    run: Run | Diverged | Unfinished,
    *,
    variant: str | None = None,
    studies: Iterable[str] = (),
    size: int | None = None,
    now: datetime | None = None,
) -> dict[str, object]:
    """The facts of a run that conditions can name: its configuration, and OWN_KEYS.

    variant: its label. studies: those whose plans contain the run, beside the ones that it recorded. size: of its
    directory in bytes; None if unknown. A condition on an unknown variant or size matches no run. now: for the age.
    """
    started = time_of(run.started)
    facts: dict[str, object] = {
        **run.config,
        "seed": run.seed,
        "status": run.status,
        "network": run.network or None,
        "data": run.data or None,
        "name": run.name or None,
        "tag": run.tags,
        "study": tuple(dict.fromkeys([*studies, *(plan.study for plan in run.plans)])),
        "started": started,
        "age": age(started, now),
        "val_accuracy": None,
        "test_accuracy": None,
        "loss": None,
        "seconds": None,
    }
    if variant is not None:
        facts["variant"] = variant
    if size is not None:
        facts["size"] = size
    if isinstance(run, Run):
        facts |= {"val_accuracy": run.val_accuracy, "test_accuracy": run.test_accuracy}
        facts |= {"loss": run.loss, "seconds": run.seconds}
        facts.setdefault("size", run.size)
    return facts


def time_of(recorded: str) -> datetime | None:
    """A recorded time; None if it is missing, invalid or has no time zone."""
    try:
        time = datetime.fromisoformat(recorded)
    except ValueError:
        return None
    return time if time.tzinfo is not None else None


def age(started: datetime | None, now: datetime | None = None) -> float | None:
    """The seconds since a run was started; None if that is unknown."""
    if started is None:
        return None
    return ((now or datetime.now(UTC)) - started).total_seconds()


# ---------------------------------------------------------------- parsing


def _condition(typed: str) -> Condition:
    match = CONDITION.fullmatch(typed)
    if match is None:
        raise _unreadable(typed, "it has no key followed by an operator")
    return condition(typed, match[1], match[2], match[3].strip(), OWN_KEYS.get(match[1]))


def condition(typed: str, key: str, operator: str, text: str, kind: Kind | None = None) -> Condition:
    """The condition on a key. kind: None for a text or number. Raises AblateError if its value cannot be read."""
    if text.startswith(("=", "<", ">", "!", "~")):
        raise _unreadable(typed, f"{operator}{text[0]} is no operator")
    if operator in ORDER:
        _require_ordered(typed, key, kind)
        return Condition(typed, key, operator, (_value(typed, text, kind or NUMBER),))
    if kind is not None and not kind.equal:
        raise _unreadable(typed, f"{key} is compared with <, <=, > or >=")
    texts = [part.strip() for part in condition_values.split_at_commas(text)]
    if kind is STATUS:
        _require_statuses(texts)
    return Condition(typed, key, operator, tuple(_equal_value(typed, text, kind or TEXT) for text in texts))


def _require_ordered(typed: str, key: str, kind: Kind | None) -> None:
    if kind is not None and not kind.ordered:
        raise _unreadable(typed, f"{key} is compared with = or !=")


def _require_statuses(texts: Iterable[str]) -> None:
    for text in texts:
        if text not in (*STATUSES, UNREADABLE):
            raise unknown("status", text, [*STATUSES, UNREADABLE], "status")


def _equal_value(typed: str, text: str, kind: Kind) -> Value:
    if text == NULL:
        return condition_values.Word(NULL)
    return _value(typed, text, kind)


def _value(typed: str, text: str, kind: Kind) -> Value:
    if not text:
        raise _unreadable(typed, "a value is missing; an absent one is typed null")
    value = kind.parse(text)
    if value is None:
        raise _unreadable(typed, f"{text} is not {kind.allowed}, such as {kind.example}")
    return value


def _unreadable(typed: str, reason: str) -> AblateError:
    return AblateError(
        f"A condition cannot be read: {reason}. Received --where {shlex.quote(typed)}. Allowed: KEY=VALUE and "
        "KEY!=VALUE, with commas between several values, and <, <=, > or >= with a number, a date (started), a "
        "duration (age) or a size (size), in quotation marks because of the shell. Type for example --where "
        "model.width=16,32, or --where 'age>7d'"
    )


# ---------------------------------------------------------------- keys


def check_keys(conditions: Iterable[Condition], config_keys: Iterable[str]) -> list[Condition]:
    """The conditions with full keys: `model.width` for `width`. Raises AblateError for a key that no run has.

    config_keys: the keys of the runs' configurations.
    """
    known = dict.fromkeys(config_keys)
    return [replace(condition, key=_full_key(condition, known)) for condition in conditions]


def _full_key(condition: Condition, config_keys: Iterable[str]) -> str:
    if condition.key in OWN_KEYS:
        return condition.key
    matches = _full_keys(condition.key, config_keys)
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise AblateError(
            f"A key is ambiguous. Received --where {shlex.quote(condition.typed)}. Allowed: {', '.join(matches)}. "
            f"Type for example --where {shlex.quote(_with_key(condition, matches[0]))}"
        )
    full = [*OWN_KEYS, *config_keys]
    words = [*full, *(key.rpartition(".")[2] for key in full)]
    likely = MEANT.get(condition.key) or nearest(condition.key, words)
    raise AblateError(
        f"No run has this key. Received --where {shlex.quote(condition.typed)}. Allowed: a key of the configuration, "
        f"such as model.width, or one of {', '.join(OWN_KEYS)}. Type for example "
        f"--where {shlex.quote(_with_key(condition, likely))}"
    )


def _with_key(condition: Condition, key: str) -> str:
    return condition.typed.replace(condition.key, key, 1)


def _full_keys(key: str, keys: Iterable[str]) -> list[str]:
    """The key itself if it is among the keys; otherwise those whose last part it is."""
    candidates = list(keys)
    if key in candidates:
        return [key]
    return [full for full in candidates if full.rpartition(".")[2] == key]


def _only_full_key(key: str, facts: Facts) -> str | None:
    matches = _full_keys(key, facts)
    return matches[0] if len(matches) == 1 else None
